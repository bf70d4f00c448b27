//! Errors as RFC 9457 problem documents.

use access_code::Condition;
use serde::{Deserialize, Serialize};

use crate::{FieldCode, Instant, MaybeKnown, Named, ProblemCode};

/// `application/problem+json`: what every refused or failed request answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A URI reference naming the kind of problem: `/problems/{code}`.
    pub r#type: String,
    /// The same for every problem of this kind.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// What happened this time, and what the person can do. Never holds digits of a code.
    pub detail: String,
    /// Stable, `snake_case`; what programs decide on.
    #[cfg_attr(feature = "openapi", schema(value_type = ProblemCode))]
    pub code: MaybeKnown<ProblemCode>,
    /// Quote it to support.
    pub request_id: String,
    /// Where a policy refused: every condition, not only the first that failed (R14).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<ChecklistItem>,
    /// Where trying again may help: not before so many seconds, as in `Retry-After`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
    /// For bad input: what is wrong, field by field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

/// One thing wrong with one field of a request.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FieldError {
    /// The field's name; nested ones with dots (`recurrence.from`).
    pub field: String,
    /// Stable, `snake_case`.
    #[cfg_attr(feature = "openapi", schema(value_type = FieldCode))]
    pub code: MaybeKnown<FieldCode>,
    /// A sentence for the person.
    pub detail: String,
}

/// One condition of the custom-code policy (R14).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "console", derive(from_js::FromJs))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ChecklistItem {
    /// The condition's stable name (`access_code::Condition::name`).
    #[cfg_attr(feature = "openapi", schema(schema_with = condition_schema))]
    pub condition: MaybeKnown<Condition>,
    /// `true` met, `false` not met, `null` not checked.
    pub met: Option<bool>,
    /// What holds or doesn't, as a sentence.
    pub detail: String,
    /// What the person can do about it; absent where it is met.
    pub next_step: Option<String>,
    /// Where hub or lock is offline: since when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<Instant>,
    /// The version of the app, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
}

impl Named for Condition {
    const ALL: &'static [Self] = &Self::ALL;

    fn name(self) -> &'static str {
        Self::name(self)
    }
}

#[cfg(feature = "openapi")]
fn condition_schema() -> utoipa::openapi::schema::Object {
    utoipa::openapi::ObjectBuilder::new()
        .schema_type(utoipa::openapi::schema::Type::String)
        .description(Some("The condition's stable name. A newer server may say names that aren't in this list."))
        .enum_values(Some(Condition::ALL.map(Condition::name)))
        .build()
}
