//! Passkeys: asking the browser for one, and what the server knows of one's own.

use api_types::{Confirmation, FieldCode, MaybeKnown, MyPasskey, MyPasskeys, PasskeyEdit, Problem, Session};
use ids::PasskeyId;
use js_sys::{Array, Function, JSON, Object, Promise, Reflect};
use leptos::prelude::window;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{ApiError, IdempotencyKey, client, session};
use crate::{locale as t, wording::passkey_words};

/// Whether the browser knows passkeys, and the page has a name that they could belong to.
pub fn known() -> bool {
    let property = |of: &JsValue, name: &str| Reflect::get(of, &name.into()).unwrap_or_default();
    let host = property(&window().location(), "hostname").as_string().unwrap_or_default();
    let number = host.ends_with(|last: char| last.is_ascii_digit() || last == ']');
    // In browsers that have passkeys but not this, people sign in with their passwords.
    let reads = property(&property(&window(), "PublicKeyCredential"), "parseRequestOptionsFromJSON");
    !number && reads.is_function()
}

/// Signs in with a passkey that the browser has.
///
/// # Errors
/// Also where the person doesn't choose one.
pub async fn sign_in() -> Result<Session, ApiError> {
    let asked = post("/session/passkey/options", "{}".to_owned(), None).await?;
    let credential = credential(Asked::SignIn, &asked).await.map_err(|_| local(t::sign_in::passkey_none()))?;
    let answer = post("/session/passkey", around(&credential, ""), None).await?;
    let signed_in = from_js::parse(&answer).ok_or(ApiError::Unexpected { status: 200 })?;
    session::kept(signed_in).await
}

/// How one signs in.
pub async fn list() -> Result<MyPasskeys, ApiError> {
    client::get("/me/passkeys").await
}

/// Makes a passkey in the browser and adds it under that name.
///
/// # Errors
/// Also where the person doesn't make one.
pub async fn add(name: String, password: Option<String>, key: IdempotencyKey) -> Result<MyPasskey, ApiError> {
    let asked = client::write(&Confirmation { password })?;
    let asked = post("/me/passkeys/options", asked, None).await?;
    let made = credential(Asked::New, &asked).await.map_err(|error| {
        let before = Reflect::get(&error, &"name".into()).is_ok_and(|name| name == "InvalidStateError");
        local(if before { t::settings::passkeys::made_before() } else { t::settings::passkeys::not_made() })
    })?;
    let name = [",\"name\":", &client::write(&name)?].concat();
    let added = post("/me/passkeys", around(&made, &name), Some(&key)).await?;
    from_js::parse(&added).ok_or(ApiError::Unexpected { status: 201 })
}

/// Makes a passkey in the browser for the person of a link, instead of a password.
///
/// # Errors
/// Also where the person doesn't make one.
pub async fn by_link(link: &str, token: String, name: &str) -> Result<(), ApiError> {
    let path = [link, "/passkey"].concat();
    let token = [",\"token\":", &client::write(&token)?].concat();
    let asked = post(&[&path, "/options"].concat(), ["{", &token[1..], "}"].concat(), None).await?;
    let made = credential(Asked::New, &asked).await.map_err(|_| local(t::password::passkey::not_made()))?;
    let more = [&token, ",\"name\":", &client::write(&name.to_owned())?].concat();
    post(&path, around(&made, &more), None).await.map(|_| ())
}

/// Gives one's passkey another name.
pub async fn rename(id: PasskeyId, name: String) -> Result<MyPasskey, ApiError> {
    let renamed = client::patch(&path(id), &PasskeyEdit { name }, None).await?;
    Ok(renamed.value)
}

/// Removes one's passkey.
pub async fn remove(id: PasskeyId, password: Option<String>) -> Result<(), ApiError> {
    let body = client::write(&Confirmation { password })?;
    post(&[&path(id), "/remove"].concat(), body, None).await.map(|_| ())
}

/// Removes one's password.
pub async fn remove_password(password: Option<String>) -> Result<(), ApiError> {
    let body = client::write(&Confirmation { password })?;
    post("/me/password/remove", body, None).await.map(|_| ())
}

/// `POST` of JSON; what is refused is said in the language of the console.
async fn post(path: &str, json: String, key: Option<&IdempotencyKey>) -> Result<String, ApiError> {
    client::post_json(path, json, key).await.map_err(worded)
}

fn worded(error: ApiError) -> ApiError {
    let too_many = error.field_errors().iter().any(|error| error.code.is(FieldCode::TooMany));
    let words = if too_many { Some(t::settings::passkeys::too_many()) } else { error.code().and_then(passkey_words) };
    words.map_or(error, local)
}

fn path(id: PasskeyId) -> String {
    ["/me/passkeys/", &id.to_string()].concat()
}

/// What the browser is asked for.
#[derive(Clone, Copy)]
enum Asked {
    SignIn,
    New,
}

/// What the browser answers to what the server asks, as JSON. Browsers read and write that JSON themselves.
async fn credential(asked: Asked, answer: &str) -> Result<String, JsValue> {
    let (reads, does) = match asked {
        Asked::SignIn => ("parseRequestOptionsFromJSON", "get"),
        Asked::New => ("parseCreationOptionsFromJSON", "create"),
    };
    let get = |of: &JsValue, name: &str| Reflect::get(of, &name.into());
    let public_key = get(&JSON::parse(answer)?, "public_key")?;
    let public_key = call(&get(&window(), "PublicKeyCredential")?, reads, &public_key)?;
    let options = Object::new();
    Reflect::set(&options, &"publicKey".into(), &public_key)?;
    let credentials = get(&window().navigator(), "credentials")?;
    let promise: Promise = call(&credentials, does, &options)?.dyn_into()?;
    let credential = JsFuture::from(promise).await?;
    let json = JSON::stringify(&call(&credential, "toJSON", &JsValue::UNDEFINED)?)?;
    Ok(json.into())
}

fn call(of: &JsValue, name: &str, argument: &JsValue) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(of, &name.into())?.dyn_into()?;
    Reflect::apply(&method, of, &Array::of1(argument))
}

/// A request's body with the credential as the browser wrote it, and more fields.
fn around(credential: &str, more: &str) -> String {
    ["{\"credential\":", credential, more, "}"].concat()
}

/// A refusal by the browser or the person, in the language of the console.
fn local(detail: &str) -> ApiError {
    ApiError::Problem(Box::new(Problem {
        r#type: String::new(),
        title: String::new(),
        status: 0,
        detail: detail.to_owned(),
        code: MaybeKnown::Unknown(String::new()),
        request_id: String::new(),
        checklist: Vec::new(),
        retry_after_s: None,
        errors: Vec::new(),
    }))
}
