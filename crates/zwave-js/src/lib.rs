//! Drives the locks of a [Z-Wave JS server](https://github.com/zwave-js/zwave-js-server), which speaks JSON over a WebSocket.
//!
//! [`ZwaveJs`] is a [`hub::LockDriver`]. It keeps one connection to the server, in a task of its own; the README says what it
//! works with, how a code gets to a lock, and what it never does.
//!
//! Frames hold digits in the clear, so none is ever logged (R32). What is read of them is only what is needed here; digits
//! go through [`access_code::Code`] and buffers that are wiped.

mod asking;
mod connection;
mod device;
mod driver;
mod network;
mod shared;
mod timings;
mod token;
mod user_code;
mod user_credential;
mod wire;

pub use driver::ZwaveJs;
pub use timings::Timings;
pub use token::Token;
