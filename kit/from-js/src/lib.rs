//! Reads values from what the browser's own `JSON.parse` gives.
//!
//! serde compiles visitors for each type that is read, 125 kB of wasm for the answers of this API
//! (`docs/performance.md`); the browser's parser is there already, and what is left for each type is a look at each of its
//! properties. The derive honours the serde attributes that the types have for the server anyway, so there is one
//! description of each answer.

pub use from_js_macro::FromJs;
use js_sys::{Array, JSON, Reflect};
use uuid::Uuid;
pub use wasm_bindgen::JsValue;

/// What can be read from a value of JavaScript.
///
/// ```
/// #[derive(from_js::FromJs)]
/// struct Door {
///     name: String,
///     unit: Option<String>,
/// }
/// ```
pub trait FromJs: Sized {
    /// The value; `None` if this is none, or a part of it is missing.
    fn from_js(value: &JsValue) -> Option<Self>;

    /// What a property that isn't there comes to; `None` if it must be there.
    fn missing() -> Option<Self> {
        None
    }
}

/// Reads JSON. `None` if it is none, or of another shape.
pub fn parse<T: FromJs>(json: &str) -> Option<T> {
    T::from_js(&JSON::parse(json).ok()?)
}

/// Reads the property of an object.
pub fn property<T: FromJs>(object: &JsValue, name: &str) -> Option<T> {
    match get(object, name) {
        Some(value) => T::from_js(&value),
        None => T::missing(),
    }
}

/// Reads the property of an object; its type's default if the object has none of that name.
pub fn property_or_default<T: FromJs + Default>(object: &JsValue, name: &str) -> Option<T> {
    get(object, name).map_or_else(|| Some(T::default()), |value| T::from_js(&value))
}

/// Not generic: every property is looked up here.
#[inline(never)]
fn get(object: &JsValue, name: &str) -> Option<JsValue> {
    // Fails only for what is no object, which then has no such property either.
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

/// Beyond it not every whole number is a number of JavaScript.
const MOST_SAFE: f64 = 9_007_199_254_740_991.0;

whole_numbers!(u8: 255.0, u16: 65_535.0, u32: 4_294_967_295.0, u64: MOST_SAFE);

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
