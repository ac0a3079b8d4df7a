//! Arrivals are looked after: this process's are told to be alive, and those of processes that are
//! gone are brought to an end.
//!
//! Several processes may share the catalog. One that starts knows at once that arrivals of its own
//! name are of an earlier life; those of others it leaves alone until they were silent for long.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use tokio::sync::watch;
use windlass_model::package::OnboardingState;
use windlass_store::{NsdRecord, Onboarding, VnfPackageRecord};

use super::arrival::Arrival;
use super::entry::{Entry, change, every};
use super::problem::Refusal;
use super::upload::process;
use crate::error::Error;
use crate::nfvo::Core;

/// How often arrivals are looked after.
const PERIOD: Duration = Duration::from_secs(20);
/// Whoever was not heard of for so long brings nothing any more.
const SILENCE: TimeDelta = TimeDelta::seconds(90);

/// Looks after arrivals until it is told to stop.
pub(crate) async fn watch(core: Arc<Core>, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        look_after::<VnfPackageRecord>(&core).await;
        look_after::<NsdRecord>(&core).await;
        tokio::select! {
            () = tokio::time::sleep(PERIOD) => {}
            // Nobody who could say stop is left: that is one as well.
            gone = stop.changed() => if gone.is_err() { return },
        }
    }
}

async fn look_after<T: Entry>(core: &Arc<Core>) {
    let entries = match every::<T>(core).await {
        Ok(entries) => entries,
        Err(error) => {
            let error = &error as &dyn std::error::Error;
            return tracing::error!(error, "could not look for uploads that were cut off");
        }
    };
    for entry in entries {
        let (id, onboarding) = (entry.document.id(), entry.document.onboarding());
        if !matches!(onboarding.state, OnboardingState::Uploading | OnboardingState::Processing) {
            continue;
        }
        let is_ours = |arrival: &windlass_store::Arrival| core.arrivals.is_running(arrival.id);
        if onboarding.arrival.as_ref().is_some_and(is_ours) {
            keep_alive::<T>(core, id).await;
        } else if is_abandoned(core, onboarding) {
            bring_to_an_end::<T>(core, id, onboarding).await;
        }
    }
}

fn is_abandoned(core: &Core, onboarding: &Onboarding) -> bool {
    onboarding.arrival.as_ref().is_none_or(|arrival| {
        let silent = core.clock.now() - arrival.seen_at;
        arrival.worker == core.settings.lcm.worker || silent > SILENCE
    })
}

async fn keep_alive<T: Entry>(core: &Core, id: T::Id) {
    let now = core.clock.now();
    let told = change::<T>(core, id, |entry| match &mut entry.onboarding_mut().arrival {
        Some(arrival) if core.arrivals.is_running(arrival.id) => {
            arrival.seen_at = now;
            Ok(())
        }
        Some(_) | None => Err(Error::Conflict("it has come to an end meanwhile".to_owned())),
    });
    if let Err(error) = told.await {
        tracing::debug!(%id, %error, "an arrival needs not be told to be alive");
    }
}

/// Content that is here is checked; what has not arrived whole must be sent again.
async fn bring_to_an_end<T: Entry>(core: &Arc<Core>, id: T::Id, onboarding: &Onboarding) {
    let Ok(arrival) = Arrival::<T>::take_over(core, id, onboarding).await else { return };
    match (onboarding.state, &onboarding.content) {
        (OnboardingState::Processing, Some(content)) => {
            tokio::spawn(process(arrival, content.clone()));
        }
        _ => {
            let told = "the NFVO was restarted meanwhile; send the content, or ask for it, again";
            arrival.fail(&Refusal::interrupted(told)).await;
        }
    }
}
