//! Turning failures of the store into problems.

use super::answer::Problem;

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        match error {
            store::Error::BadCursor => Self::bad_cursor(),
            error if error.is_storage_failure() => {
                tracing::error!(%error, "the database failed");
                metrics::counter!("latchkey_storage_errors_total").increment(1);
                Self::storage_unavailable()
            }
            error if error.is_single_record() => {
                tracing::error!(%error, "a record can't be read");
                Self::record_unreadable()
            }
            other => Self::internal(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_errors_are_not_sent() {
        let wire = Problem::from(store::Error::Unreadable("the secret state of things".into())).to_wire();
        assert_eq!((wire.status, wire.code.name()), (500, "record_unreadable"));
        assert!(!serde_json::to_string(&wire).expect("it is JSON").contains("secret"));
    }
}
