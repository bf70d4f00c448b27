//! `/properties/{id}/invitations`: inviting many residents at once (R37).

use std::collections::HashSet;

use api_types::{
    FieldCode, InviteResidents, InvitedResident, InvitedResidents, Language, NotInvited, Page, Problem as WireProblem,
    ToInvite,
};
use axum::Json as JsonAnswer;
use axum::http::{HeaderMap, Uri};
use ids::{PropertyId, TenancyId};
use serde::Deserialize;
use store::{Scope, properties, tenancies};
use utoipa::IntoParams;

use crate::auth::{Secret, link_origin};
use crate::domain::Refusal;
use crate::domain::invitation::{self, Invited};
use crate::extract::{Json, Limit, Path, Query};
use crate::mail::language;
use crate::problem::{Problem, Result};
use crate::qr;
use crate::requester::Web;
use crate::routes::responses::{NotFound, Office, OfficeChange, Paged};
use crate::view::sheet::{self, Printed};
use crate::view::time::instant;

/// How many residents are invited at a time: few enough that nobody else waits for it.
const MOST: usize = 100;

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Options {
    /// From the page before.
    cursor: Option<String>,
    /// 1–200, 50 if absent.
    #[serde(default)]
    #[param(value_type = Option<u32>)]
    limit: Limit,
}

/// The residents who can't sign in yet, by unit, with until when the invitation holds that they have.
#[utoipa::path(
    get,
    path = "/properties/{id}/invitations",
    operation_id = "residents_to_invite",
    tag = "residents",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property"), Options),
    responses(
        (status = 200, description = "A page", body = Page<ToInvite>),
        Paged,
        Office,
        NotFound,
    ),
)]
pub(super) async fn list(
    Web(requester): Web,
    Path(id): Path<PropertyId>,
    Query(options): Query<Options>,
) -> Result<JsonAnswer<Page<ToInvite>>> {
    let scope = requester.require_manager()?;
    let page = requester.read(move |lookup| {
        properties::get(lookup.db, scope, id)?.ok_or_else(Problem::not_found)?;
        let (found, next_cursor) =
            tenancies::invitable(lookup.db, id, lookup.now, options.cursor.as_deref(), options.limit.0)?;
        let items = found.into_iter().map(|found| ToInvite {
            id: found.id,
            name: found.name,
            unit: found.unit,
            email: found.email,
            invited_until: found.invited_until.map(instant),
        });
        Ok(Page { items: items.collect(), next_cursor })
    });
    page.await.map(JsonAnswer)
}

/// Invites residents, each with a link of their own; an earlier one no longer works.
///
/// Who can't be invited is left out and keeps nobody else from it. The links' secrets are in this answer alone. No
/// `Idempotency-Key` is needed: asked again, it makes other links in place of those before.
#[utoipa::path(
    post,
    path = "/properties/{id}/invitations",
    operation_id = "residents_invite_several",
    tag = "residents",
    security(("session" = [])),
    params(("id" = Uuid, Path, description = "The property")),
    request_body = InviteResidents,
    responses(
        (status = 200, description = "The links, this once, and who was left out", body = InvitedResidents),
        OfficeChange,
        NotFound,
        (status = 422, description = "`invalid` for none or more than 100, `unknown_field`", body = WireProblem),
    ),
)]
pub(super) async fn invite(
    Web(requester): Web,
    uri: Uri,
    headers: HeaderMap,
    Path(property): Path<PropertyId>,
    Json(InviteResidents { residents }): Json<InviteResidents>,
) -> Result<JsonAnswer<InvitedResidents>> {
    requester.require_manager()?;
    if residents.is_empty() || residents.len() > MOST {
        let detail = format!("Choose 1 to {MOST} residents.");
        return Err(Problem::invalid_field("residents", FieldCode::OutOfRange, detail));
    }
    let origin = link_origin(requester.app(), &headers, &uri)?;
    let mut seen = HashSet::new();
    let once = residents.into_iter().filter(|id| seen.insert(*id));
    let residents = once.map(|id| Ok((id, Secret::generate()?))).collect::<Result<Vec<(TenancyId, Secret)>>>()?;
    let post = requester.app().post(&headers);
    let (mut invited, left_out) = requester
        .deed(move |deed| {
            let (mut invited, mut left_out) = (Vec::new(), Vec::new());
            let place = properties::get(deed.tx, Scope::Everything, property)?.ok_or_else(Refusal::not_found)?;
            let language = place.language.as_deref().and_then(language::named).unwrap_or(post.language());
            for ((id, _), done) in residents.iter().zip(invitation::invite_residents(deed, property, &residents, post)?)
            {
                match done {
                    Ok(done) => invited.push(describe(done, &origin, &place.time_zone, language)),
                    Err(Refusal { code, .. }) => left_out.push(NotInvited { id: *id, code: code.into() }),
                }
            }
            Ok((invited, left_out))
        })
        .await?;
    // What is mailed needs no drawing.
    for each in invited.iter_mut().filter(|each| !each.mailed) {
        each.qr_svg = Some(qr::svg(&each.link)?);
    }
    Ok(JsonAnswer(InvitedResidents { invited, left_out }))
}

fn describe(done: Invited<'_>, origin: &str, time_zone: &str, language: Language) -> InvitedResident {
    let Invited { tenancy, secret, expires_at, mailed } = done;
    let printed = Printed { unit: &tenancy.unit, email: &tenancy.email, expires_at, time_zone };
    InvitedResident {
        // What is mailed needs no sheet.
        sheet: (!mailed).then(|| sheet::invitation(&printed, language)),
        id: tenancy.id,
        name: tenancy.name,
        unit: tenancy.unit,
        email: tenancy.email,
        link: format!("{origin}/invitation#{}", secret.expose()),
        qr_svg: None,
        expires_at: instant(expires_at),
        mailed,
    }
}
