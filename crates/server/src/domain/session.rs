//! Signing out, here and elsewhere.

use api_types::{Action, ChannelKind, Said, Subject, SubjectKind};
use ids::SessionId;
use store::audit::NewEvent;
use store::sessions::{self, IdHash};

use super::deed::Deed;
use super::{Done, Refusal};
use crate::auth::Via;

/// Ends the session or token that is asking.
pub fn end_this(deed: &Deed<'_>, current: &IdHash) -> Done<()> {
    if sessions::end(deed.tx, current)? {
        let (action, detail) = match deed.authority().via {
            Via::Web => (Action::SessionEnded, "Signed out of the console."),
            Via::Mobile(_) => (Action::MobileTokenEnded, "Signed out of the app."),
        };
        record(deed, action, Said::Nothing, "", detail.into())?;
    }
    Ok(())
}

/// Ends one of the person's own sessions or tokens by its public id. Returns whether it was the one that is asking.
///
/// # Errors
/// `not_found` where they have no such session (R33).
pub fn end_one(deed: &Deed<'_>, current: &IdHash, id: SessionId) -> Done<bool> {
    let ended =
        sessions::end_one_of(deed.tx, deed.person_id(), id, current, deed.now)?.ok_or_else(Refusal::not_found)?;
    let mobile = ended.channel().kind == ChannelKind::Mobile;
    let detail = match (ended.current, mobile, &ended.browser) {
        (true, true, _) => "Signed out of the app.".into(),
        (true, ..) => "Signed out of the console.".into(),
        (_, true, _) if deed.authority().via == Via::Web => "Signed out of the app, from the console.".into(),
        (_, true, _) => "Signed out of the app elsewhere, from another device.".into(),
        (_, _, Some(browser)) => format!("Signed out of the console in {browser}, from another session."),
        (_, _, None) => "Signed out of the console elsewhere, from another session.".into(),
    };
    let said = if ended.current { Said::Nothing } else { Said::FromElsewhere };
    record(deed, if mobile { Action::MobileTokenEnded } else { Action::SessionEnded }, said, "", detail)?;
    Ok(ended.current)
}

/// Ends all of the person's sessions and tokens except the one that is asking. Returns how many there were.
pub fn end_others(deed: &Deed<'_>, current: &IdHash) -> Done<u32> {
    let ended = sessions::end_others_of(deed.tx, deed.person_id(), current, deed.now)?;
    let detail = match ended {
        0 => "Signed in nowhere else.".into(),
        1 => "Signed out in one other place.".into(),
        n => format!("Signed out in {n} other places."),
    };
    record(deed, Action::SessionOthersEnded, Said::OtherPlaces, &ended.to_string(), detail)?;
    Ok(ended)
}

fn record(deed: &Deed<'_>, action: Action, said: Said, value: &str, detail: String) -> Done<()> {
    let authority = deed.authority();
    let subject = Subject {
        kind: SubjectKind::Session.into(),
        id: Some(authority.person_id.uuid()),
        name: authority.only_tenancy().map_or(&authority.name, |tenancy| &tenancy.name).clone(),
    };
    let by = deed.acting_as(authority.first_role());
    let mut event = NewEvent {
        property_id: authority.home_property(),
        resident_id: authority.only_tenancy().map(|tenancy| tenancy.id),
        ..by.event(action, subject)
    };
    event.say(said, [value], detail);
    deed.tx.record(deed.now, event)?;
    Ok(())
}
