//! What people do with a link that they were sent, and asking for one (R37, R38). The secret of a link is the part of its address
//! after the `#`, which browsers don't send.

mod confirm_address;
mod forgot_password;
mod frame;
mod invitation;
mod new_password;
mod reset_password;
mod set_password;

pub use confirm_address::*;
pub use forgot_password::*;
pub use frame::*;
pub use invitation::*;
pub use new_password::*;
pub use reset_password::*;
pub use set_password::*;
