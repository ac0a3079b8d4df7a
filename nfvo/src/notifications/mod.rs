//! What subscribers are told by the NFVO: of network services, packages and NSDs.

mod ns;
mod nsd;
mod package;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use serde_json::Value;
use windlass_notify::Publisher;
use windlass_store::{Store, StoreError};

/// Who tells of what is in a store.
#[must_use]
pub fn publishers(store: &Store) -> Vec<Arc<dyn Publisher>> {
    vec![
        Arc::new(ns::NsNotifications::new(store.clone())),
        Arc::new(package::PackageNotifications),
        Arc::new(nsd::NsdNotifications),
    ]
}

/// A filter as it is kept and shown.
fn kept(filter: &impl serde::Serialize) -> Result<Value, String> {
    serde_json::to_value(filter).map_err(|error| error.to_string())
}

fn message(notification: &impl serde::Serialize) -> Result<Option<Value>, StoreError> {
    serde_json::to_value(notification).map(Some).map_err(corrupt)
}

fn corrupt(error: serde_json::Error) -> StoreError {
    StoreError::Corrupt { what: "event", source: error.into() }
}
