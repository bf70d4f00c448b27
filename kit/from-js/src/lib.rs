//! Reads values from the result of the browser's own `JSON.parse`.
//!
//! serde compiles visitors for each type that is read, 125 kB of wasm for the answers of this API
//! (`docs/performance.md`). The browser already has a parser, so all that is left for each type is to read its
//! properties. The derive honours the serde attributes that the types have for the server anyway, so each answer is
//! described once.

pub use from_js_macro::FromJs;
use js_sys::{Array, JSON, Reflect};
use uuid::Uuid;
pub use wasm_bindgen::JsValue;

/// A type that can be read from a JavaScript value.
///
/// ```
/// #[derive(from_js::FromJs)]
/// struct Door {
///     name: String,
///     unit: Option<String>,
/// }
/// ```
pub trait FromJs: Sized {
    /// The value; `None` if it isn't one, or a part of it is missing.
    fn from_js(value: &JsValue) -> Option<Self>;

    /// The value of a missing property; `None` if it is required.
    fn missing() -> Option<Self> {
        None
    }
}

/// Reads JSON; `None` if it isn't JSON, or of another shape.
pub fn parse<T: FromJs>(json: &str) -> Option<T> {
    T::from_js(&JSON::parse(json).ok()?)
}

/// Whether a value is an object at all; for the derive.
#[doc(hidden)]
pub fn object(value: &JsValue) -> Option<()> {
    value.is_object().then_some(())
}

/// Reads a property of an object.
pub fn property<T: FromJs>(object: &JsValue, name: &str) -> Option<T> {
    match get(object, name) {
        Some(value) => T::from_js(&value),
        None => T::missing(),
    }
}

/// Reads a property of an object; the type's default if it is missing.
pub fn property_or_default<T: FromJs + Default>(object: &JsValue, name: &str) -> Option<T> {
    get(object, name).map_or_else(|| Some(T::default()), |value| T::from_js(&value))
}

/// Not generic, so that it is compiled once.
#[inline(never)]
fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    // Fails only if it isn't an object, and then it has no such property either.
    Reflect::get(object, &JsValue::from_str(name)).ok().filter(|value| !value.is_undefined())
}

impl FromJs for String {
    fn from_js(value: &JsValue) -> Option<Self> {
        value.as_string()
    }
}

impl FromJs for bool {
    fn from_js(value: &JsValue) -> Option<Self> {
        value.as_bool()
    }
}

/// A whole number from 0 up to `most`.
#[inline(never)]
fn whole(value: &JsValue, most: f64) -> Option<u64> {
    let number = value.as_f64()?;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "the range is looked at first")]
    (number.fract() == 0.0 && (0.0..=most).contains(&number)).then_some(number as u64)
}

macro_rules! whole_numbers {
    ($($type:ty: $most:expr),*) => {$(
        impl FromJs for $type {
            fn from_js(value: &JsValue) -> Option<Self> {
                whole(value, $most).and_then(|number| number.try_into().ok())
            }
        }
    )*};
}

/// Beyond this, not every whole number is a JavaScript number.
const MAX_SAFE_INTEGER: f64 = 9_007_199_254_740_991.0;

whole_numbers!(u8: 255.0, u16: 65_535.0, u32: 4_294_967_295.0, u64: MAX_SAFE_INTEGER);

impl FromJs for Uuid {
    fn from_js(value: &JsValue) -> Option<Self> {
        Self::try_parse(&value.as_string()?).ok()
    }
}

impl<T: FromJs> FromJs for Option<T> {
    fn from_js(value: &JsValue) -> Option<Self> {
        if value.is_null() { Some(None) } else { T::from_js(value).map(Some) }
    }

    fn missing() -> Option<Self> {
        Some(None)
    }
}

impl<T: FromJs> FromJs for Vec<T> {
    fn from_js(value: &JsValue) -> Option<Self> {
        if !Array::is_array(value) {
            return None;
        }
        let mut items = Self::new();
        for item in Array::from(value).iter() {
            items.push(T::from_js(&item)?);
        }
        Some(items)
    }
}
