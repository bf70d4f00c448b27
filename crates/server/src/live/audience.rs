//! Whom something concerns (R33).

use ids::{PropertyId, TenancyId};
use store::changes::LockChange;

/// Who may know of something that happened: whoever one of these lets in.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Audience {
    /// The property's managers, and support: they see whose codes there are.
    pub(crate) codes_of: Option<PropertyId>,
    /// Whoever may see the property as such: administrators too (R34).
    pub(crate) property: Option<PropertyId>,
    /// Support alone: it belongs to no property.
    pub(crate) support: bool,
    /// Whose tenancy it is.
    pub(crate) tenancy: Option<TenancyId>,
    /// Everybody who lives at the property.
    pub(crate) living_at: Option<PropertyId>,
    /// Everybody whose door it is, or on whose way.
    pub(crate) door: Option<LockChange>,
}
