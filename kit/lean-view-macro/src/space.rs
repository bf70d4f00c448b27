//! Elements of HTML and of SVG, which browsers keep in different namespaces: an HTML element named `path` draws nothing.

/// A namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Space {
    Html,
    Svg,
}

/// Names that only SVG has. A component whose root is one of these is meant to stand within an `<svg>`.
const SVG_ALONE: [&str; 26] = [
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
    /// That of an element of this name that stands in this one.
    pub(crate) fn of_element(self, name: &str) -> Self {
        if self == Self::Svg || name == "svg" || SVG_ALONE.contains(&name) { Self::Svg } else { Self::Html }
    }

    /// That of what stands in such an element.
    pub(crate) fn within(self, name: &str) -> Self {
        if name == "foreignObject" { Self::Html } else { self.of_element(name) }
    }
}
