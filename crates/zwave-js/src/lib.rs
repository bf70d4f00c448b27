//! Drives the locks of a Z-Wave JS server, which speaks JSON over a WebSocket.

mod driver;
mod token;

pub use driver::ZwaveJs;
pub use token::Token;
