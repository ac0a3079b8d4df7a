//! Waiting for operations that this process works on to come to rest.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use windlass_model::OperationId;

/// Who waits for which operation. Nothing is ever sent: whoever waits sees the sender go.
#[derive(Debug, Default)]
pub(crate) struct Rests(Mutex<HashMap<OperationId, watch::Sender<()>>>);

/// One who waits.
#[derive(Debug)]
pub(crate) struct Rest<'a> {
    rests: &'a Rests,
    operation: OperationId,
    told: watch::Receiver<()>,
}

impl Rests {
    /// Waits from now on.
    pub fn wait_for(&self, operation: OperationId) -> Rest<'_> {
        let told = self.lock().entry(operation).or_default().subscribe();
        Rest { rests: self, operation, told }
    }

    /// Tells all who wait.
    pub fn tell(&self, operation: OperationId) {
        self.lock().remove(&operation);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<OperationId, watch::Sender<()>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Rest<'_> {
    /// Returns when it is told.
    pub async fn told(&mut self) {
        while self.told.changed().await.is_ok() {}
    }
}

impl Drop for Rest<'_> {
    fn drop(&mut self) {
        let mut rests = self.rests.lock();
        // The last one who waits takes the place along; this one is still counted.
        if rests.get(&self.operation).is_some_and(|sender| sender.receiver_count() <= 1) {
            rests.remove(&self.operation);
        }
    }
}
