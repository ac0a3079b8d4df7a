//! Content on its way in: streamed, then read and checked beside the request that brought it.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use futures::Stream;
use windlass_model::package::{OnboardingState, OperationalState};
use windlass_packages::Blob;
use windlass_store::{Content, StoreError};

use super::arrival::Arrival;
use super::entry::{ChangeError, Entry};
use super::problem::Refusal;
use crate::error::{Error, Result};
use crate::nfvo::Core;

/// How long an upload waits for its check: a small package is ONBOARDED when it is answered, so that
/// nobody needs to ask twice.
const ANSWER_PATIENCE: Duration = Duration::from_millis(200);

/// Takes the content of an entry. It is stored when this returns, and checked then or soon after.
pub(crate) async fn upload<T, S, E>(core: &Arc<Core>, id: T::Id, stream: S) -> Result<()>
where
    T: Entry,
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let arrival = Arrival::<T>::begin(core, id).await?;
    let limit_bytes = core.settings.package_limit_bytes;
    match core.packages.blobs().put(stream, limit_bytes).await {
        Ok(blob) => settle(arrival, blob).await,
        Err(error) => {
            let refusal = Refusal::of_blob(&error);
            arrival.fail(&refusal).await;
            Err(error.into())
        }
    }
}

/// Has content checked that has arrived whole.
pub(super) async fn settle<T: Entry>(arrival: Arrival<T>, blob: Blob) -> Result<()> {
    let content = Content { digest: blob.digest, size_bytes: blob.size_bytes };
    arrival.stored(&content).await?;
    let checked = tokio::spawn(process(arrival, content));
    // It goes on whether it is waited for or not.
    let _ = tokio::time::timeout(ANSWER_PATIENCE, checked).await;
    Ok(())
}

/// Reads and checks content that has arrived.
pub(super) async fn process<T: Entry>(arrival: Arrival<T>, content: Content) {
    let (core, id) = (Arc::clone(&arrival.core), arrival.id);
    let read = async {
        // Nobody closes it.
        let _permit = core.arrivals.checks.acquire().await;
        let entry = T::all(&core.store).get(id).await.map_err(Error::from)?.document;
        keep(&arrival, entry.read(&core, &content).await?).await
    };
    match read.await {
        Ok(()) => {
            arrival.done();
            count(T::NOUN, "onboarded");
            tracing::info!(%id, "onboarded {} {id}", T::NOUN);
            if core.arrivals.sweep_owed.load(Ordering::Relaxed) {
                super::sweep(&core).await;
            }
        }
        Err(refusal) => {
            count(T::NOUN, "refused");
            tracing::warn!(%id, problem = %refusal.0, "refused the content of {} {id}", T::NOUN);
            arrival.fail(&refusal).await;
            super::sweep(&core).await;
        }
    }
}

fn count(kind: &'static str, outcome: &'static str) {
    let labels = [("kind", kind), ("outcome", outcome)];
    metrics::counter!("windlass_catalog_uploads_total", &labels).increment(1);
}

/// Takes down what was read; what a client changed meanwhile stays changed.
async fn keep<T: Entry>(arrival: &Arrival<T>, read: T) -> Result<(), Refusal> {
    let kept = arrival.change(|entry| {
        let user_defined_data = entry.onboarding().user_defined_data.clone();
        *entry = read.clone();
        let onboarding = entry.onboarding_mut();
        onboarding.user_defined_data = user_defined_data;
        onboarding.state = OnboardingState::Onboarded;
        onboarding.operational = OperationalState::Enabled;
        onboarding.arrival = None;
        Ok(())
    });
    match kept.await {
        Ok(()) => Ok(()),
        Err(ChangeError::Store(StoreError::Taken { .. })) => Err(Refusal::unfit(read.taken())),
        Err(error) => Err(Error::from(error).into()),
    }
}
