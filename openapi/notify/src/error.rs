//! Why there is no subscription.

use windlass_store::StoreError;

/// What can go wrong when somebody subscribes, or asks how a subscription fares.
#[derive(Debug, thiserror::Error)]
pub enum NotifyError {
    /// The wish is well formed and cannot be followed.
    #[error("{0}")]
    Unprocessable(String),
    /// The id in the path is none, or names nothing.
    #[error("there is no subscription {0}")]
    NotFound(String),
    /// The store failed.
    #[error("the subscriptions cannot be used")]
    Store(#[source] StoreError),
    /// A secret could not be sealed.
    #[error("the secret cannot be sealed")]
    Seal(#[source] crate::KeyError),
}

impl From<StoreError> for NotifyError {
    fn from(error: StoreError) -> Self {
        if let StoreError::NotFound { id, .. } = error {
            return Self::NotFound(id);
        }
        Self::Store(error)
    }
}
