//! Forms, a file per action. A form owns its fields, its checks and its [`crate::mutation::Mutation`]; its page decides
//! what happens afterwards.

mod feature_switch;
mod guest_code_change;
mod guest_code_issue;
mod session_end;
mod sign_in;

pub use feature_switch::*;
pub use guest_code_change::*;
pub use guest_code_issue::*;
pub use session_end::*;
pub use sign_in::*;
