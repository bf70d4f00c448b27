//! Turning the workspace's `index.html` into the page that is shipped.
//!
//! In development trunk reads the same file and handles its `<link data-trunk …>` tags. Here they are replaced by what
//! [`crate::product`] makes.

use std::ops::Range;

use anyhow::{Context, Result, ensure};

/// The script that runs before the console, as the file names it.
const SCRIPT: &str = "<script src=\"/boot.js\"></script>";
/// The stylesheets, likewise.
const STYLES: &str = "href=\"/style/console.css\"";

/// What the page is made with.
pub(crate) struct Parts<'a> {
    /// Where the stylesheet is.
    pub(crate) styles: &'a str,
    /// The folder of the console's script and wasm.
    pub(crate) console: &'a str,
    /// The name of that script, and of the wasm with `_bg.wasm` for its end.
    pub(crate) name: &'a str,
    /// What runs before the console.
    pub(crate) script: &'a str,
    /// What that script can't know: `data-{name}="{value}"`.
    pub(crate) told: &'a [(&'a str, &'a str)],
}

/// The page.
///
/// # Errors
/// If the file has no place for a part.
pub(crate) fn page(html: &str, parts: &Parts<'_>) -> Result<String> {
    let Parts { styles, console, name, script, told } = parts;
    ensure!(!script.contains("</script") && !script.contains("<!--"), "the script has in it what ends a script");
    let told: String = told.iter().map(|(name, value)| format!(" data-{name}=\"{value}\"")).collect();
    let starts = [
        format!("<link rel=\"modulepreload\" href=\"{console}/{name}.js\">"),
        format!(
            "<script type=\"module\">import init from \"{console}/{name}.js\";\
            const program = new URL(\"{console}/{name}_bg.wasm\", location.href).href;\
            init({{ module_or_path: compiledModules.get(program) }});\
            compiledModules.delete(program);</script>"
        ),
    ]
    .concat();

    let mut page = without_comments(html);
    let mut start = Some(starts);
    for link in links(&page).into_iter().rev() {
        let tag = &page[link.clone()];
        if tag.contains(" data-trunk ") {
            let with = if attribute(tag, "rel") == Some("rust") { start.take() } else { None };
            page.replace_range(link, &with.unwrap_or_default());
        }
    }
    ensure!(start.is_none(), "the page has no place for the console");
    let page = replaced(&page, STYLES, &format!("href=\"{styles}\""))?;
    let page = page.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
    // Before the script, which begins to compile it: after it, it would be downloaded twice.
    let program = format!("<link rel=\"preload\" as=\"fetch\" crossorigin href=\"{console}/{name}_bg.wasm\">");
    // Last, since it must not be scanned again.
    replaced(&page, SCRIPT, &[&program, &format!("<script{told}>"), *script, "</script>"].concat())
}

fn replaced(page: &str, place: &str, with: &str) -> Result<String> {
    let (before, after) = page.split_once(place).with_context(|| format!("the page has no {place}"))?;
    Ok([before, with, after].concat())
}

fn without_comments(html: &str) -> String {
    let mut kept = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept + rest
}

/// Where its `<link …>` tags are.
fn links(html: &str) -> Vec<Range<usize>> {
    html.match_indices("<link").filter_map(|(start, _)| Some(start..start + html[start..].find('>')? + 1)).collect()
}

/// The value of an attribute of a tag.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let value = &tag[tag.find(&format!(" {name}=\""))? + name.len() + 3..];
    value.split('"').next()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARTS: Parts<'_> = Parts {
        styles: "/styles-0.css",
        console: "/console-0",
        name: "app",
        script: "go()",
        told: &[("texts", "/texts/0")],
    };

    #[test]
    fn every_part_takes_its_place() {
        let html = "<head>\n  <!-- a comment -->\n  <link rel=\"icon\" href=\"/i.svg\" />\n  \
            <script src=\"/boot.js\"></script>\n  <link rel=\"stylesheet\" href=\"/style/console.css\" />\n  \
            <link data-trunk rel=\"copy-file\" href=\"public/i.svg\" />\n  <link data-trunk rel=\"rust\" />\n</head>\n";
        assert_eq!(
            page(html, &PARTS).expect("a page"),
            "<head>\n<link rel=\"icon\" href=\"/i.svg\" />\n\
            <link rel=\"preload\" as=\"fetch\" crossorigin href=\"/console-0/app_bg.wasm\">\
            <script data-texts=\"/texts/0\">go()</script>\n\
            <link rel=\"stylesheet\" href=\"/styles-0.css\" />\n\
            <link rel=\"modulepreload\" href=\"/console-0/app.js\">\
            <script type=\"module\">import init from \"/console-0/app.js\";\
            const program = new URL(\"/console-0/app_bg.wasm\", location.href).href;\
            init({ module_or_path: compiledModules.get(program) });\
            compiledModules.delete(program);</script>\n</head>"
        );
    }

    #[test]
    fn a_page_that_lacks_a_place_is_an_error_and_so_is_a_script_that_would_end_itself() {
        assert!(page("<p>Nothing here</p>", &PARTS).is_err());
        let html = "<script src=\"/boot.js\"></script><link href=\"/style/console.css\"><link data-trunk rel=\"rust\">";
        assert!(page(html, &PARTS).is_ok());
        assert!(page(html, &Parts { script: "\"</script>\"", ..PARTS }).is_err());
    }
}
