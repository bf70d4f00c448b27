//! Mail: what is written ([`letter`]), in the reader's words (`words`), and how it gets to a mail server (`smtp`).
//!
//! Whatever tells somebody something writes its letter in its own transaction ([`post`]), so that there is no letter without
//! the change and no change without the letter. A worker sends it (`worker::mail`). No letter ever has the digits of a code.

pub mod language;
pub mod letter;
mod message;
mod needs;
pub mod post;
pub mod settings;
pub(crate) mod smtp;
mod words;
