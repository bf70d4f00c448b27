//! The one error of the API, from whatever went wrong.

use api_types::{ChecklistItem, FieldError, Problem};

/// Why a request gave no answer one can use. Everything that can go wrong passes here, and
/// [`crate::components::ProblemView`] and [`crate::components::FormProblem`] are the two ways to show it.
#[derive(Clone, Debug, PartialEq)]
pub enum ApiError {
    /// The server couldn't be reached, or the answer broke off: whether it acted is unknown.
    Offline,
    /// The session is over. The console goes to the sign-in form by itself.
    SignedOut,
    /// The server said no and why.
    Problem(Box<Problem>),
    /// The form found something itself; nothing was sent.
    Invalid(Vec<FieldError>),
    /// The code of a page couldn't be downloaded.
    PageMissing,
    /// An answer that isn't in the contract.
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

    /// The stable code of `rules.md` and `api.md` (`stale`, `lock_offline`).
    pub fn code(&self) -> Option<&str> {
        self.problem().map(|problem| problem.code.as_str())
    }

    /// The caller may not see it, or it isn't there; the two are the same on purpose (R33).
    pub fn is_not_found(&self) -> bool {
        self.problem().is_some_and(|problem| problem.status == 404)
    }

    /// The caller may see it but not do that.
    pub fn is_forbidden(&self) -> bool {
        self.problem().is_some_and(|problem| problem.status == 403)
    }

    /// Somebody else changed it meanwhile: read it again.
    pub fn is_stale(&self) -> bool {
        self.code() == Some("stale")
    }

    /// The change may or may not have been made: the next attempt must carry the same idempotency key.
    pub fn outcome_unknown(&self) -> bool {
        match self {
            Self::Offline | Self::Unexpected { .. } => true,
            Self::Problem(problem) => problem.status >= 500,
            Self::SignedOut | Self::PageMissing | Self::Invalid(_) => false,
        }
    }

    /// What happened, as a sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::Offline => "The server can't be reached.".to_owned(),
            Self::SignedOut => "Your session has ended.".to_owned(),
            Self::PageMissing => "This page couldn’t be downloaded.".to_owned(),
            Self::Problem(problem) if problem.code == "idempotency_key_reused" => {
                "Your earlier attempt from this form was carried out with what you had entered then.".to_owned()
            }
            Self::Problem(problem) if problem.detail.is_empty() => problem.title.clone(),
            Self::Problem(problem) => problem.detail.clone(),
            Self::Invalid(errors) if errors.len() == 1 => "One thing needs your attention.".to_owned(),
            Self::Invalid(_) => "Some things need your attention.".to_owned(),
            Self::Unexpected { .. } => "The server gave an answer that this page doesn't understand.".to_owned(),
        }
    }

    /// What the person can do, as a sentence.
    pub fn next_step(&self) -> Option<String> {
        let text = match self {
            Self::Offline => "Check your connection, then try again.",
            Self::SignedOut => "Sign in again to go on.",
            Self::PageMissing => {
                "Check your connection, then try again. If it stays so, reload: there may be a newer version."
            }
            Self::Problem(problem) if let Some(seconds) = problem.retry_after_s => return Some(wait_sentence(seconds)),
            Self::Problem(problem) => match (problem.code.as_str(), problem.status) {
                ("stale", _) => "Somebody else changed this meanwhile. Look at it as it is now, then decide again.",
                ("idempotency_key_reused", _) => "Look for it in the list before you try again.",
                (_, 500..) => "Try again. If it keeps failing, contact support and quote the request below.",
                _ => return None,
            },
            Self::Invalid(_) => return None,
            Self::Unexpected { .. } => "Reload the page: there may be a newer version of it.",
        };
        Some(text.to_owned())
    }

    /// To quote to support.
    pub fn request_id(&self) -> Option<&str> {
        self.problem().map(|problem| problem.request_id.as_str()).filter(|id| !id.is_empty())
    }

    /// What is wrong, field by field.
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
    let (value, unit) = match seconds {
        0..=1 => return "Try again in a moment.".to_owned(),
        2..=90 => (seconds, " seconds."),
        91..=5400 => (seconds.div_ceil(60), " minutes."),
        _ => (seconds.div_ceil(3600), " hours."),
    };
    ["Try again in ", &value.to_string(), unit].concat()
}
