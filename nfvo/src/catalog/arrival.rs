//! The right to bring content in, and to say how that ended.
//!
//! Content may take an hour to arrive, and its bringer may die meanwhile, or only seem to. So an
//! entry names the arrival that it waits for, and when that was last heard of. Every later write of
//! the bringer is fenced by it: whoever was given up cannot write over a successor.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Semaphore;
use uuid::Uuid;
use windlass_model::package::OnboardingState;
use windlass_store::{Content, Onboarding};

use super::entry::{ChangeError, Entry, change};
use super::problem::Refusal;
use crate::error::{Error, Result};
use crate::nfvo::Core;

/// How many packages are read and checked at once: each may take a hundred MiB.
const CHECKS_AT_ONCE: usize = 4;

/// What this process has on its way in.
#[derive(Debug)]
pub(crate) struct Arrivals {
    running: Mutex<HashSet<Uuid>>,
    /// Content may be there that nobody uses, and that was not looked for because some was arriving.
    pub(super) sweep_owed: AtomicBool,
    pub(super) checks: Semaphore,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self {
            running: Mutex::default(),
            sweep_owed: AtomicBool::new(false),
            checks: Semaphore::new(CHECKS_AT_ONCE),
        }
    }
}

impl Arrivals {
    /// Whether this process brings that content.
    pub fn is_running(&self, id: Uuid) -> bool {
        self.running().contains(&id)
    }

    pub fn owe_sweep(&self) {
        self.sweep_owed.store(true, Ordering::Relaxed);
    }

    fn running(&self) -> std::sync::MutexGuard<'_, HashSet<Uuid>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Content that this process brings in for an entry. When it is dropped before its end, as when a
/// client goes away and its request with it, the entry is made ready for other content.
#[derive(Debug)]
pub(super) struct Arrival<T: Entry> {
    pub core: Arc<Core>,
    pub id: T::Id,
    arrival: Uuid,
    ended: bool,
}

impl<T: Entry> Arrival<T> {
    /// Starts to bring content for an entry that has none.
    pub async fn begin(core: &Arc<Core>, id: T::Id) -> Result<Self> {
        let this = Self::new(core, id);
        this.claim(|entry| {
            let onboarding = entry.onboarding_mut();
            accepts_content(T::NOUN, onboarding)?;
            onboarding.state = OnboardingState::Uploading;
            onboarding.error = None;
            onboarding.content = None;
            Ok(())
        })
        .await
    }

    /// Takes over from an arrival that nobody cares for any more.
    pub async fn take_over(core: &Arc<Core>, id: T::Id, seen: &Onboarding) -> Result<Self> {
        let this = Self::new(core, id);
        this.claim(|entry| {
            let onboarding = entry.onboarding();
            if (onboarding.state, &onboarding.arrival) == (seen.state, &seen.arrival) {
                return Ok(());
            }
            Err(Error::Conflict("somebody else has taken it over".to_owned()))
        })
        .await
    }

    fn new(core: &Arc<Core>, id: T::Id) -> Self {
        let arrival = Uuid::now_v7();
        core.arrivals.running().insert(arrival);
        Self { core: Arc::clone(core), id, arrival, ended: false }
    }

    async fn claim(mut self, mut may: impl FnMut(&mut T) -> Result<()>) -> Result<Self> {
        let claim = windlass_store::Arrival {
            id: self.arrival,
            worker: self.core.settings.lcm.worker.clone(),
            seen_at: self.core.clock.now(),
        };
        let claimed = change::<T>(&self.core, self.id, |entry| {
            may(entry)?;
            entry.onboarding_mut().arrival = Some(claim.clone());
            Ok(())
        })
        .await;
        match claimed {
            Ok(_) => Ok(self),
            Err(error) => {
                self.ended = true;
                Err(error.into())
            }
        }
    }

    /// Takes down that all of the content is here.
    pub async fn stored(&self, content: &Content) -> Result<()> {
        let stored = self.change(|entry| {
            let onboarding = entry.onboarding_mut();
            onboarding.state = OnboardingState::Processing;
            onboarding.content = Some(content.clone());
            Ok(())
        });
        Ok(stored.await?)
    }

    /// Changes the entry, if it still waits for this arrival.
    pub async fn change(
        &self,
        mut apply: impl FnMut(&mut T) -> Result<()>,
    ) -> Result<(), ChangeError> {
        let arrival = self.arrival;
        let changed = change::<T>(&self.core, self.id, |entry| {
            let waits_for = entry.onboarding().arrival.as_ref().map(|arrival| arrival.id);
            if waits_for != Some(arrival) {
                let told = "its content is being brought by somebody else meanwhile";
                return Err(Error::Conflict(told.to_owned()));
            }
            apply(entry)
        });
        changed.await.map(drop)
    }

    /// The entry has its content: nothing remains to be done.
    pub fn done(mut self) {
        self.ended = true;
    }

    /// Takes down why the content was refused, and makes the entry ready for other content.
    pub async fn fail(mut self, refusal: &Refusal) {
        self.ended = true;
        let id = self.id;
        let failed = self.change(|entry| {
            let onboarding = entry.onboarding_mut();
            onboarding.state = OnboardingState::Error;
            onboarding.content = None;
            onboarding.arrival = None;
            onboarding.error = Some(refusal.to_value());
            Ok(())
        });
        if let Err(error) = failed.await {
            // The entry is found again when nobody has been heard of for long enough.
            let error = &error as &dyn std::error::Error;
            tracing::error!(%id, error, "could not take down why content was refused");
        }
    }
}

impl<T: Entry> Drop for Arrival<T> {
    fn drop(&mut self) {
        if self.ended {
            self.core.arrivals.running().remove(&self.arrival);
            return;
        }
        // Its content may have been stored, and not been taken down yet.
        self.core.arrivals.owe_sweep();
        let (core, id, arrival) = (Arc::clone(&self.core), self.id, self.arrival);
        let again = Self { core, id, arrival, ended: true };
        tokio::spawn(async move {
            let told = "the content did not arrive whole; send it again";
            again.fail(&Refusal::interrupted(told)).await;
        });
    }
}

fn accepts_content(noun: &str, onboarding: &Onboarding) -> Result<()> {
    let told = match onboarding.state {
        OnboardingState::Created | OnboardingState::Error => return Ok(()),
        OnboardingState::Onboarded => "has content already",
        OnboardingState::Uploading | OnboardingState::Processing => {
            "is being given content by somebody else"
        }
    };
    Err(Error::Conflict(format!("the {noun} {told}")))
}
