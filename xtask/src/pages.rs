//! The console's table of pages as data: what `public/boot.js` has to know of it.

#[path = "../../src/early.rs"]
mod early;
#[path = "../../src/pages/table.rs"]
mod table;

use serde_json::{Value, json};

pub(crate) use early::LANGUAGES;
use early::{ALL, EVENTS, FIRST_ROWS, FirstRows, TIMEOUT_MS};

/// Pages that are downloaded together.
struct Chunk {
    name: &'static str,
    pages: &'static [Page],
}

/// One page, as far as it matters before the console has loaded.
struct Page {
    address: &'static str,
    who: Who,
    /// What it requests first, and what else it needs to be complete, as in the table.
    first: &'static [&'static str],
    besides: &'static [&'static str],
}

/// Who may open a page.
enum Who {
    Anyone,
    Everyone,
    Roles(&'static [&'static str]),
}

macro_rules! data {
    (
        pages {
            at once {$(
                $(#[$once_doc:meta])*
                $Once:ident at $once_address:literal $once_known:tt => $once_view:tt
            )+}
            $(chunk $chunk:ident {$(
                $(#[$doc:meta])*
                $Page:ident $(($($id:ident),+))? $({ $($field:ident),+ })? at $address:literal $known:tt => $view:tt
            )+})+
        }
        over pages {$(
            chunk $over:ident $over_view:tt
        )+}
    ) => {
        /// Pages that are always loaded.
        #[cfg(test)]
        const AT_ONCE: &[Page] = &[$(page!($once_address $once_known)),+];

        const CHUNKS: &[Chunk] = &[
            $(Chunk {
                name: stringify!($chunk),
                pages: &[$(page!($address $known)),+],
            },)+
            $(Chunk { name: stringify!($over), pages: &[] },)+
        ];
    };
}

macro_rules! page {
    ($address:literal {
        title: $($title:ident)::+ $(($role:ident: $($other_title:ident)::+))?,
        roles: $roles:tt,
        $(under: $Section:ident,)?
        $(elsewhere: $Elsewhere:ident,)?
        $(first: [$($first:literal),+ $(,)?],)?
        $(besides: [$($besides:literal),+ $(,)?],)?
    }) => {
        Page {
            address: $address,
            who: who!($roles),
            first: &[$($($first),+)?],
            besides: &[$($($besides),+)?],
        }
    };
}

macro_rules! who {
    (anyone) => {
        Who::Anyone
    };
    (everyone) => {
        Who::Everyone
    };
    ([$($role:ident),+]) => {
        Who::Roles(&[$(stringify!($role)),+])
    };
}

table::pages!(data);

impl Page {
    fn first(&self) -> Vec<String> {
        let properties = self.is_of_properties().then(properties);
        properties.into_iter().chain(self.first.iter().map(numbered)).collect()
    }

    fn besides(&self) -> Vec<String> {
        self.besides.iter().map(numbered).collect()
    }

    /// Whether all who may open it have properties, which the console then reads first (`src/components/property_scope.rs`).
    fn is_of_properties(&self) -> bool {
        matches!(self.who, Who::Roles(roles) if !roles.contains(&"Resident"))
    }
}

/// The table for `public/boot.js`. Ids appear in requests as they do in the address, and `{rows}` stands for as many as
/// fit the screen.
pub(crate) fn boot_table() -> Value {
    let languages = LANGUAGES.map(|(tag, _)| tag);
    let FirstRows { above, row, card, narrow, least, most } = FIRST_ROWS;
    let pages: Vec<_> = CHUNKS
        .iter()
        .flat_map(|chunk| {
            chunk.pages.iter().map(|page| json!([page.address, chunk.name, page.first(), page.besides()]))
        })
        .collect();
    json!({
        "languages": languages,
        "list": { "above": above, "row": row, "card": card, "narrow": narrow, "least": least, "most": most },
        "properties": properties(),
        "pages": pages,
        "timeout": TIMEOUT_MS,
    })
}

/// The request for the properties.
fn properties() -> String {
    numbered(&"/properties?limit={all}")
}

/// A request with the numbers filled in that are the same for everybody.
fn numbered(request: &&str) -> String {
    request.replace("{all}", ALL).replace("{events}", &EVENTS.to_string())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// A line for each page, and below it its requests. `tests/journeys/start.spec.ts` opens each of them.
    #[test]
    fn the_table_of_pages() {
        let at_once = AT_ONCE.iter().map(|page| (page, "-"));
        let pages = CHUNKS.iter().flat_map(|chunk| chunk.pages.iter().map(|page| (page, chunk.name)));
        let mut table = String::new();
        let mut row = |cells: [&str; 3]| {
            let [page, who, chunk] = cells;
            let line = format!("{page:<48}  {who:<16}  {chunk}");
            table.extend([line.trim_end(), "\n"]);
        };
        row(["page", "for", "chunk"]);
        for (page, chunk) in at_once.chain(pages) {
            let who = match page.who {
                Who::Anyone => "anyone".to_owned(),
                Who::Everyone => "everyone".to_owned(),
                Who::Roles(roles) => roles.join(", ").to_lowercase(),
            };
            row([page.address, &who, chunk]);
            for request in page.first() {
                row([&format!("    first    {request}"), "", ""]);
            }
            for request in page.besides() {
                row([&format!("    besides  {request}"), "", ""]);
            }
        }
        for chunk in CHUNKS.iter().filter(|chunk| chunk.pages.is_empty()) {
            row(["(over any page)", "", chunk.name]);
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn requests_have_nothing_in_braces_but_what_boot_js_can_fill_in() {
        for page in CHUNKS.iter().flat_map(|chunk| chunk.pages) {
            for request in page.first().into_iter().chain(page.besides()) {
                let mut left = request.replace("{rows}", "");
                for id in page.address.split('/').filter(|segment| segment.starts_with('{')) {
                    left = left.replace(id, "");
                }
                assert!(!left.contains(['{', '}']), "{request} of {}", page.address);
            }
        }
    }

    #[test]
    fn no_two_pages_have_an_address_in_common() {
        let pages = || AT_ONCE.iter().chain(CHUNKS.iter().flat_map(|chunk| chunk.pages));
        let mut seen = BTreeMap::new();
        for page in pages() {
            // Ids are never words.
            let kind: Vec<_> =
                page.address.split('/').map(|part| if part.starts_with('{') { "{}" } else { part }).collect();
            assert_eq!(seen.insert(kind, page.address), None, "{}", page.address);
        }
    }
}
