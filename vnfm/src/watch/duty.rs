//! The duty to watch: of several processes on one database one has it.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::time::sleep;
use tracing::warn;
use windlass_model::Clock;
use windlass_store::Store;

/// How long the duty is taken for, and how often it is renewed.
const HELD: TimeDelta = TimeDelta::seconds(15);
pub const RENEWAL: Duration = Duration::from_secs(5);
/// The name of the duty.
const WATCH: &str = "vnfm-watch";

/// The duty, as one process sees it.
#[derive(Debug, Clone)]
pub struct Duty {
    pub store: Store,
    pub clock: Arc<dyn Clock>,
    pub holder: String,
}

impl Duty {
    /// Takes the duty, or goes on with it; false when another process has it, or nobody can say.
    pub async fn take(&self) -> bool {
        self.ask().await.unwrap_or(false)
    }

    /// Renews the duty again and again, and ends when another process has it. While nobody can say
    /// what is done goes on: it is written conditionally.
    pub async fn keep(&self) {
        loop {
            sleep(RENEWAL).await;
            if self.ask().await == Some(false) {
                return;
            }
        }
    }

    /// Gives the duty up, so that the next process need not wait.
    pub async fn leave(&self) {
        if let Err(error) = self.store.duties().leave(WATCH, &self.holder).await {
            warn!(%error, "the duty to watch could not be left: {error}");
        }
    }

    async fn ask(&self) -> Option<bool> {
        let now = self.clock.now();
        match self.store.duties().take(WATCH, &self.holder, now, now + HELD).await {
            Ok(taken) => Some(taken),
            Err(error) => {
                warn!(%error, "the duty to watch could not be taken: {error}");
                None
            }
        }
    }
}
