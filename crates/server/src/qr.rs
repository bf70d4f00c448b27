//! QR codes as SVG.

use std::fmt::Write;

use fast_qr::{ECL, QRBuilder};

use crate::problem::{Problem, Result};

/// How many light modules scanners need around the code: four, according to the standard.
const QUIET: usize = 4;

/// A standalone `<svg>` of the QR code for `text`, one unit per module: black on white whatever surrounds it, as
/// scanners need. It contains nothing of the text itself.
pub(crate) fn svg(text: &str) -> Result<String> {
    let code =
        QRBuilder::new(text).ecl(ECL::M).build().map_err(|_| Problem::internal("a text too long for a QR code"))?;
    let side = code.size + 2 * QUIET;
    let mut path = String::new();
    for row in 0..code.size {
        let modules = &code[row];
        let mut from = 0;
        // A stroke for each run of dark modules.
        while let Some(begins) = (from..code.size).find(|&at| modules[at].value()) {
            let ends = (begins..code.size).find(|&at| !modules[at].value()).unwrap_or(code.size);
            let (x, y, width) = (begins + QUIET, row + QUIET, ends - begins);
            write!(path, "M{x} {y}h{width}v1h-{width}z").map_err(Problem::internal)?;
            from = ends;
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{side}v{side}h-{side}z\"/><path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The modules of the drawing, by row.
    fn modules(svg: &str) -> Vec<Vec<bool>> {
        let side: usize = svg
            .split("viewBox=\"0 0 ")
            .nth(1)
            .and_then(|rest| rest.split(' ').next())
            .expect("a viewBox")
            .parse()
            .expect("a number");
        let mut modules = vec![vec![false; side]; side];
        let path = svg.split("fill=\"#000\" d=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a path");
        for stroke in path.split('z').filter(|stroke| !stroke.is_empty()) {
            let numbers: Vec<usize> =
                stroke.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok()).collect();
            let [x, y, width, 1, same] = numbers[..] else { panic!("{stroke}") };
            assert_eq!(width, same);
            modules[y][x..x + width].fill(true);
        }
        modules
    }

    #[test]
    fn a_drawn_code_can_be_read_back() {
        for text in ["https://latchkey.example/pass#3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "a", &"z".repeat(700)]
        {
            let svg = svg(text).expect("a QR code");
            let all = modules(&svg);
            let inner = all.len() - 2 * QUIET;
            let grid = rqrr::SimpleGrid::from_func(inner, |x, y| all[y + QUIET][x + QUIET]);
            assert_eq!(rqrr::Grid::new(grid).decode().expect("a QR code").1, text);
            let dark = all.iter().flatten().filter(|dark| **dark).count();
            let dark_inside = (0..inner).flat_map(|y| (0..inner).map(move |x| (x, y)));
            assert_eq!(dark, dark_inside.filter(|(x, y)| all[y + QUIET][x + QUIET]).count(), "the quiet zone is quiet");
        }
    }

    #[test]
    fn it_is_a_drawing_and_nothing_else() {
        let svg = svg("https://latchkey.example/pass#secret").expect("a QR code");
        assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 ") && svg.ends_with("</svg>"));
        for unwanted in ["script", "style", "href", "secret", "<!", "<?", "&"] {
            assert!(!svg.contains(unwanted), "{unwanted}");
        }
    }

    #[test]
    fn text_that_does_not_fit_is_a_problem() {
        assert!(svg(&"z".repeat(5_000)).is_err());
    }
}
