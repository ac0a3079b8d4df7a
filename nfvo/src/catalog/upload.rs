//! Content on its way in: streamed, then read and checked beside the request that brought it.

use std::sync::Arc;

use bytes::Bytes;
use futures::Stream;
use windlass_model::package::{OnboardingState, OperationalState};
use windlass_store::{Content, StoreError};

use super::entry::{ChangeError, Entry, change, every};
use super::problem::Refusal;
use crate::error::{Error, Result};
use crate::nfvo::Core;

/// Takes the content of an entry. It is stored when this returns, and checked soon after.
pub(crate) async fn upload<T, S, E>(core: &Arc<Core>, id: T::Id, stream: S) -> Result<()>
where
    T: Entry,
    S: Stream<Item = Result<Bytes, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    change::<T>(core, id, |entry| begin(entry, OnboardingState::Uploading)).await?;
    let guard = Arrival::<T> { core: Arc::clone(core), id, arrived: false };
    let blob = core.packages.blobs().put(stream, core.settings.package_limit_bytes).await?;
    let content = Content { digest: blob.digest, size_bytes: blob.size_bytes };
    change::<T>(core, id, |entry| {
        let onboarding = entry.onboarding_mut();
        onboarding.state = OnboardingState::Processing;
        onboarding.content = Some(content.clone());
        Ok(())
    })
    .await?;
    guard.arrived();
    tokio::spawn(process::<T>(Arc::clone(core), id, content));
    Ok(())
}

fn begin<T: Entry>(entry: &mut T, state: OnboardingState) -> Result<()> {
    let onboarding = entry.onboarding_mut();
    if !onboarding.state.accepts_content() {
        let told = match onboarding.state {
            OnboardingState::Onboarded => "has content already",
            OnboardingState::Created
            | OnboardingState::Uploading
            | OnboardingState::Processing
            | OnboardingState::Error => "is being given content by somebody else",
        };
        return Err(Error::Conflict(format!("the {} {told}", T::NOUN)));
    }
    onboarding.state = state;
    onboarding.error = None;
    onboarding.content = None;
    Ok(())
}

/// Content that is arriving. When the client goes away the request is dropped, and with it this:
/// the entry must then take new content.
struct Arrival<T: Entry> {
    core: Arc<Core>,
    id: T::Id,
    arrived: bool,
}

impl<T: Entry> Arrival<T> {
    fn arrived(mut self) {
        self.arrived = true;
    }
}

impl<T: Entry> Drop for Arrival<T> {
    fn drop(&mut self) {
        if self.arrived {
            return;
        }
        let (core, id) = (Arc::clone(&self.core), self.id);
        tokio::spawn(async move {
            let refusal = Refusal::interrupted("the content did not arrive whole; send it again");
            fail::<T>(&core, id, &refusal).await;
        });
    }
}

/// Reads and checks content that has arrived.
async fn process<T: Entry>(core: Arc<Core>, id: T::Id, content: Content) {
    let read = async {
        let entry = T::all(&core.store).get(id).await.map_err(Error::from)?.document;
        entry.read(&core, &content).await
    };
    let refusal = match read.await {
        Ok(read) => match keep(&core, read).await {
            Ok(()) => {
                count(T::NOUN, "onboarded");
                return tracing::info!(%id, "onboarded {} {id}", T::NOUN);
            }
            Err(refusal) => refusal,
        },
        Err(refusal) => refusal,
    };
    count(T::NOUN, "refused");
    tracing::warn!(%id, problem = %refusal.0, "refused the content of {} {id}", T::NOUN);
    fail::<T>(&core, id, &refusal).await;
}

fn count(kind: &'static str, outcome: &'static str) {
    let labels = [("kind", kind), ("outcome", outcome)];
    metrics::counter!("windlass_catalog_uploads_total", &labels).increment(1);
}

/// Takes down what was read; what a client changed meanwhile stays changed.
async fn keep<T: Entry>(core: &Core, read: T) -> Result<(), Refusal> {
    let kept = change::<T>(core, read.id(), |entry| {
        let user_defined_data = entry.onboarding().user_defined_data.clone();
        *entry = read.clone();
        let onboarding = entry.onboarding_mut();
        onboarding.user_defined_data = user_defined_data;
        onboarding.state = OnboardingState::Onboarded;
        onboarding.operational = OperationalState::Enabled;
        Ok(())
    });
    match kept.await {
        Ok(_) => Ok(()),
        Err(ChangeError::Store(StoreError::Taken { .. })) => Err(Refusal::unfit(read.taken())),
        Err(error) => Err(Error::from(error).into()),
    }
}

async fn fail<T: Entry>(core: &Core, id: T::Id, refusal: &Refusal) {
    let failed = change::<T>(core, id, |entry| {
        let onboarding = entry.onboarding_mut();
        onboarding.state = OnboardingState::Error;
        onboarding.content = None;
        onboarding.error = Some(refusal.to_value());
        Ok(())
    });
    if let Err(error) = failed.await {
        let error = &error as &dyn std::error::Error;
        tracing::error!(%id, error, "could not take down why content was refused");
    }
}

/// Picks up what a crash left half way.
pub(super) async fn recover<T: Entry>(core: &Arc<Core>) {
    let entries = match every::<T>(core).await {
        Ok(entries) => entries,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            return tracing::error!(error, "could not look for uploads that were cut off");
        }
    };
    for entry in entries {
        let (id, onboarding) = (entry.document.id(), entry.document.onboarding());
        match (onboarding.state, &onboarding.content) {
            (OnboardingState::Processing, Some(content)) => {
                process::<T>(Arc::clone(core), id, content.clone()).await;
            }
            (OnboardingState::Uploading | OnboardingState::Processing, _) => {
                let refusal =
                    Refusal::interrupted("the NFVO was restarted meanwhile; send it again");
                fail::<T>(core, id, &refusal).await;
            }
            (OnboardingState::Created | OnboardingState::Onboarded | OnboardingState::Error, _) => {
            }
        }
    }
}
