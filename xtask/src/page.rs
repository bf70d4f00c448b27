//! `index.html` as trunk made it: what it links to, found and replaced.

use std::ops::Range;

/// Where its `<link …>` tags are.
pub(crate) fn links(html: &str) -> Vec<Range<usize>> {
    html.match_indices("<link").filter_map(|(start, _)| Some(start..start + html[start..].find('>')? + 1)).collect()
}

/// The value of an attribute of a tag, with or without quotes.
pub(crate) fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let value = &tag[tag.find(&format!(" {name}="))? + name.len() + 2..];
    match value.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => value.split([' ', '>']).next(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<p><link rel=\"icon\" href=\"/i.svg\" /><link href=/a.css rel=stylesheet></p>";

    #[test]
    fn links_and_their_attributes_are_found_quoted_or_not() {
        let tags: Vec<_> = links(PAGE).into_iter().map(|at| &PAGE[at]).collect();
        assert_eq!(tags.len(), 2);
        assert_eq!((attribute(tags[0], "rel"), attribute(tags[0], "href")), (Some("icon"), Some("/i.svg")));
        assert_eq!((attribute(tags[1], "rel"), attribute(tags[1], "href")), (Some("stylesheet"), Some("/a.css")));
        assert_eq!(attribute(tags[1], "integrity"), None);
    }
}
