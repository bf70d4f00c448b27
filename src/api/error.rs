//! The one error type of the API.

use api_types::{ChecklistItem, FieldError, Problem, ProblemCode};

use crate::{locale as t, wording};

/// Why a request gave no usable answer. Everything that can go wrong ends up here, and
/// [`crate::components::ProblemView`] and [`crate::components::FormProblem`] are the two ways to show it.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// The server couldn't be reached, or the answer broke off: whether it acted is unknown.
    Offline,
    /// The session is over. The console goes to the sign-in form by itself.
    SignedOut,
    /// The server has signed the person in, but the browser didn't keep the session's cookie.
    CookieNotKept,
    /// The server refused, and said why.
    Problem(Box<Problem>),
    /// The form's own checks failed; nothing was sent.
    Invalid(Vec<FieldError>),
    /// The code of a page couldn't be downloaded.
    PageMissing,
    /// An answer that the API doesn't specify.
    Unexpected {
        /// Its HTTP status.
        status: u16,
    },
}

impl ApiError {
    /// The problem document, where there is one.
    pub fn problem(&self) -> Option<&Problem> {
        match self {
            Self::Problem(problem) => Some(problem),
            _ => None,
        }
    }

    /// The stable code, where it is one that is known here.
    pub fn code(&self) -> Option<ProblemCode> {
        self.problem().and_then(|problem| problem.code.known())
    }

    /// It doesn't exist, or the caller may not see it: the two look the same on purpose (R33).
    pub fn is_not_found(&self) -> bool {
        self.problem().is_some_and(|problem| problem.status == 404)
    }

    /// The caller may not do that.
    pub fn is_forbidden(&self) -> bool {
        self.problem().is_some_and(|problem| problem.status == 403)
    }

    /// Somebody else changed it meanwhile: it must be read again.
    pub fn is_stale(&self) -> bool {
        self.code() == Some(ProblemCode::Stale)
    }

    /// The change may or may not have been made: the next attempt must carry the same idempotency key.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Offline | Self::Unexpected { .. } => true,
            Self::Problem(problem) => problem.status >= 500,
            Self::SignedOut | Self::CookieNotKept | Self::PageMissing | Self::Invalid(_) => false,
        }
    }

    /// What happened, as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Offline => t::problem::what::offline().to_owned(),
            Self::SignedOut => t::problem::what::signed_out().to_owned(),
            Self::CookieNotKept => t::problem::what::cookie_not_kept().to_owned(),
            Self::PageMissing => t::problem::what::page_missing().to_owned(),
            Self::Problem(problem) if problem.code.is(ProblemCode::IdempotencyKeyReused) => {
                t::problem::what::done_earlier().to_owned()
            }
            Self::Problem(problem) => wording::problem(problem),
            Self::Invalid(errors) => t::problem::what::needs_attention(u32::try_from(errors.len()).unwrap_or(u32::MAX)),
            Self::Unexpected { .. } => t::problem::what::unexpected().to_owned(),
        }
    }

    /// What the person can do, as a sentence.
    pub fn next_step(&self) -> Option<String> {
        let text = match self {
            Self::Offline => t::problem::next::offline(),
            Self::SignedOut => t::problem::next::signed_out(),
            Self::CookieNotKept => t::problem::next::cookie_not_kept(),
            Self::PageMissing => t::problem::next::page_missing(),
            Self::Problem(problem) if let Some(seconds) = problem.retry_after_s => return Some(wait_sentence(seconds)),
            Self::Problem(problem) => match (problem.code.known(), problem.status) {
                (Some(ProblemCode::Stale), _) => t::problem::next::stale(),
                (Some(ProblemCode::IdempotencyKeyReused), _) => t::problem::next::done_earlier(),
                // Retrying won't repair it; the sentence says whom to tell.
                (Some(ProblemCode::RecordUnreadable), _) => return None,
                (_, 500..) => t::problem::next::server(),
                _ => return None,
            },
            Self::Invalid(_) => return None,
            Self::Unexpected { .. } => t::problem::next::unexpected(),
        };
        Some(text.to_owned())
    }

    /// The same, with the words of a refusal to change a property's layout, which aren't among those that every page has.
    pub(super) fn of_layout(self) -> Self {
        match self {
            Self::Problem(mut problem) => {
                if let Some(words) = problem.code.known().and_then(wording::refusal_of_layout) {
                    words.clone_into(&mut problem.detail);
                }
                Self::Problem(problem)
            }
            other => other,
        }
    }

    /// The same, with the words of a refusal of a hub or a lock and of its fields.
    pub(super) fn of_hub(self) -> Self {
        match self.of_layout() {
            Self::Problem(mut problem) => {
                for error in &mut problem.errors {
                    if let Some(words) = error.code.known().and_then(wording::field_of_hub) {
                        words.clone_into(&mut error.detail);
                    }
                }
                Self::Problem(problem)
            }
            other => other,
        }
    }

    /// The id of the request, to quote to support.
    pub fn request_id(&self) -> Option<&str> {
        self.problem().map(|problem| problem.request_id.as_str()).filter(|id| !id.is_empty())
    }

    /// Errors of single fields.
    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Problem(problem) => &problem.errors,
            Self::Invalid(errors) => errors,
            _ => &[],
        }
    }

    /// Every condition of the policy that refused (R14).
    pub fn checklist(&self) -> &[ChecklistItem] {
        self.problem().map_or(&[], |problem| &problem.checklist)
    }
}

fn wait_sentence(seconds: u64) -> String {
    let seconds = u32::try_from(seconds).unwrap_or(u32::MAX);
    match seconds {
        0..=1 => t::problem::next::moment().to_owned(),
        2..=90 => t::problem::next::seconds(seconds),
        91..=5400 => t::problem::next::minutes(seconds.div_ceil(60)),
        _ => t::problem::next::hours(seconds.div_ceil(3600)),
    }
}
