//! The stylesheets that trunk copied, made one file: fewer requests, and a better compressed one.

use std::{
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    path::Path,
};

use anyhow::{Context, Result};

use crate::{minify::minified, page, toolbox::Toolbox};

/// Puts one stylesheet into `dist` in place of those that its page links to, in their order.
pub(crate) fn bundle(toolbox: &Toolbox, dist: &Path) -> Result<()> {
    let index = dist.join("index.html");
    let html = fs::read_to_string(&index).context("reading the page that trunk made")?;
    let sheets = sheets(&html);
    let mut all = String::new();
    for sheet in &sheets {
        all += &fs::read_to_string(dist.join(sheet)).with_context(|| format!("reading {sheet}"))?;
    }
    let bundled = minified(toolbox, &all, "css")?;
    let mut content = DefaultHasher::new();
    bundled.hash(&mut content);
    let name = format!("styles-{:016x}.css", content.finish());

    fs::write(&index, linking_one(&html, &name))?;
    for sheet in sheets {
        fs::remove_file(dist.join(&sheet)).with_context(|| format!("removing {sheet}"))?;
    }
    fs::write(dist.join(name), bundled).context("writing the bundled stylesheet")
}

/// The names of the stylesheets that a page links to.
fn sheets(html: &str) -> Vec<String> {
    let tags = page::links(html).into_iter().map(|link| &html[link]);
    tags.filter(|tag| is_sheet(tag))
        .filter_map(|tag| page::attribute(tag, "href"))
        .map(|href| href.trim_start_matches('/').to_owned())
        .collect()
}

fn is_sheet(tag: &str) -> bool {
    page::attribute(tag, "rel") == Some("stylesheet")
}

/// The page with a link to the stylesheet `name` instead of those it has.
fn linking_one(html: &str, name: &str) -> String {
    let (mut page, mut rest) = (String::new(), 0);
    let mut link = Some(format!("<link rel=\"stylesheet\" href=\"/{name}\">"));
    for at in page::links(html).into_iter().filter(|at| is_sheet(&html[at.clone()])) {
        page.push_str(&html[rest..at.start]);
        page.extend(link.take());
        rest = at.end;
    }
    page + &html[rest..]
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<head><link rel=icon href=/i.svg><link href=/a.css rel=stylesheet>\
        <link integrity=sha384-x href=/b.css rel=stylesheet><p>";

    #[test]
    fn one_stylesheet_takes_the_place_of_all() {
        assert_eq!(sheets(PAGE), ["a.css", "b.css"]);
        assert_eq!(
            linking_one(PAGE, "styles-0.css"),
            "<head><link rel=icon href=/i.svg><link rel=\"stylesheet\" href=\"/styles-0.css\"><p>"
        );
    }
}
