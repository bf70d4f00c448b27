//! The namespaces of HTML and SVG elements: an HTML element named `path` would draw nothing.

/// A namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Html,
    Svg,
}

/// Names that only SVG has. A component whose root is one of these belongs inside an `<svg>`.
const SVG_ONLY: [&str; 26] = [
    "animate",
    "circle",
    "clipPath",
    "defs",
    "desc",
    "ellipse",
    "feBlend",
    "filter",
    "foreignObject",
    "g",
    "line",
    "linearGradient",
    "marker",
    "mask",
    "path",
    "pattern",
    "polygon",
    "polyline",
    "radialGradient",
    "rect",
    "stop",
    "symbol",
    "text",
    "textPath",
    "tspan",
    "use",
];

impl Space {
    /// The namespace of an element of this name within this namespace.
    pub(crate) fn of_element(self, name: &str) -> Self {
        if self == Self::Svg || name == "svg" || SVG_ONLY.contains(&name) { Self::Svg } else { Self::Html }
    }

    /// The namespace of the children of such an element.
    pub(crate) fn within(self, name: &str) -> Self {
        if name == "foreignObject" { Self::Html } else { self.of_element(name) }
    }
}
