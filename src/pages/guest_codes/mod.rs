//! Guest codes: the list, issuing one, a single one, and changing it; for managers and residents alike.

mod change;
mod list;
mod new;
pub mod share;
mod show;

use crate::prelude::*;
use api_types::Door;
use ids::PropertyId;

pub use change::*;
pub use list::*;
pub use new::*;
pub use show::*;

use crate::{api, api::ApiError, load::Load, routes::Route};

/// Whose guest codes a page is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    /// A property's, for its managers.
    Property(PropertyId),
    /// The signed-in resident's own (R21).
    Mine,
}

impl Whose {
    /// The list.
    fn list(self) -> Route {
        match self {
            Self::Property(id) => Route::GuestCodes(id),
            Self::Mine => Route::MyGuestCodes,
        }
    }

    /// The form.
    fn form(self) -> Route {
        match self {
            Self::Property(id) => Route::GuestCodeNew(id),
            Self::Mine => Route::MyGuestCodeNew,
        }
    }
}

/// What issuing needs: the doors to choose from, and how.
#[derive(Clone, Debug, PartialEq)]
struct Offer {
    /// The property's name.
    property: String,
    /// The property's IANA time zone.
    zone: String,
    /// Doors that the person may issue for (R21).
    doors: Vec<Door>,
    /// Delivery codes may open unit doors (R20).
    delivery_opens_unit_doors: bool,
}

/// Reads the [`Offer`]; of a resident's own guests that of one of their tenancies, or of the one that began last (R39).
async fn offer(whose: Whose, tenancy: String) -> Result<Offer, ApiError> {
    match whose {
        Whose::Property(id) => {
            let property = api::properties::get_in_brief(id).await?;
            let doors = api::doors::all(id).await?;
            Ok(Offer {
                property: property.name,
                zone: property.time_zone,
                doors,
                delivery_opens_unit_doors: property.delivery_opens_unit_doors,
            })
        }
        Whose::Mine => {
            let access = api::me::access(tenancy).await?;
            Ok(Offer {
                property: access.property.name,
                zone: access.property.time_zone,
                doors: access.guest_doors,
                delivery_opens_unit_doors: access.delivery_opens_unit_doors,
            })
        }
    }
}

/// The doors of an offer; empty until it is loaded.
fn doors_of(offer: Load<Offer>) -> Signal<Vec<Door>> {
    derived(move || offer.with(|offer| offer.map(|offer| offer.doors.clone()).unwrap_or_default()))
}
