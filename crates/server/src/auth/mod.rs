//! Who is calling: passwords, sessions, tokens, and slowing down guessing.

pub(crate) mod authority;
mod caller;
mod cookie;
mod device;
mod new_password;
mod origin;
pub(crate) mod passkey;
mod passkey_sign_in;
pub(crate) mod password;
pub(crate) mod session;
mod sign_in;
pub(crate) mod throttle;
mod user_agent;

pub use authority::{Authority, Credential, Via};
pub use caller::Caller;
pub(crate) use caller::refuse_two_credentials;
pub(crate) use cookie::SessionCookies;
pub use cookie::{COOKIE, LOOPBACK_COOKIE};
pub(crate) use device::Marks;
pub(crate) use new_password::new_password;
pub use origin::ClientAddress;
pub(crate) use origin::{Site, link_origin, reached_as, served_over_tls};
pub(crate) use passkey_sign_in::{PasskeyAttempt, sign_in_with_passkey};
pub use password::{Password, PasswordCost, Passwords};
pub use session::Secret;
pub(crate) use session::hash_of;
pub use session::{MOBILE_ABSOLUTE, MOBILE_IDLE, WEB_ABSOLUTE, WEB_IDLE};
pub(crate) use sign_in::{Opening, SignIn, is_own_password, masked, open_session, sign_in};
pub use throttle::{Throttle, TurnedAway};
pub(crate) use user_agent::browser_of;
