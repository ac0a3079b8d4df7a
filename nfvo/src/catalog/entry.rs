//! What VNF packages and NSDs have in common.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use windlass_api::merge_patch;
use windlass_model::package::{OnboardingState, OperationalState, UsageState};
use windlass_store::{
    ArtifactRecord, Collection, Content, Document, Onboarding, SoftwareImageRecord, Store,
    StoreError, Stored,
};

use super::problem::Refusal;
use crate::error::{Error, Result};
use crate::nfvo::Core;

/// More entries than this are not looked at.
const ENTRIES_MAX: usize = 100_000;
/// How often a change is tried again that somebody else's change came before.
const TRIES: u32 = 8;

/// A VNF package or an NSD.
pub(crate) trait Entry: Document<Id: std::fmt::Display + Ord + Sync> + Clone {
    /// What it is called, for people.
    const NOUN: &'static str;

    /// All of its kind.
    fn all(store: &Store) -> Collection<'_, Self>;

    /// A new one, without content.
    fn created(onboarding: Onboarding) -> Self;

    /// Its id.
    fn id(&self) -> Self::Id;

    /// How far it has come.
    fn onboarding(&self) -> &Onboarding;

    /// How far it has come, to be changed.
    fn onboarding_mut(&mut self) -> &mut Onboarding;

    /// What was noted of its descriptor.
    fn descriptor(&self) -> &Value;

    /// Its software images.
    fn images(&self) -> &[SoftwareImageRecord];

    /// Its files that are neither descriptor nor image.
    fn artifacts(&self) -> &[ArtifactRecord];

    /// Whether instances of these exist.
    fn usage(
        store: &Store,
        ids: Vec<Self::Id>,
    ) -> impl Future<Output = Result<BTreeMap<Self::Id, UsageState>, StoreError>> + Send;

    /// What its content says, read and checked: the entry with all of it.
    fn read(
        self,
        core: &Core,
        content: &Content,
    ) -> impl Future<Output = Result<Self, Refusal>> + Send;

    /// What stands in the way when the onboarded entry cannot be kept because another has its
    /// descriptor's id.
    fn taken(&self) -> String;
}

/// What may be changed of an entry.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    /// Whether new instances may be made of it.
    pub operational: Option<OperationalState>,
    /// A merge patch of its user-defined data.
    pub user_defined_data: Map<String, Value>,
}

/// Makes an entry without content.
pub(crate) async fn create<T: Entry>(
    core: &Core,
    user_defined_data: Map<String, Value>,
) -> Result<Stored<T>> {
    let data: BTreeMap<String, Value> = user_defined_data.into_iter().collect();
    let onboarding = Onboarding::created(data, core.clock.now());
    Ok(T::all(&core.store).create(T::created(onboarding)).await?)
}

/// Every entry of a kind.
pub(crate) async fn every<T: Entry>(core: &Core) -> Result<Vec<Stored<T>>> {
    Ok(T::all(&core.store).list(None, ENTRIES_MAX).await?)
}

/// Entries with whether instances of them exist.
pub(crate) async fn with_usage<T: Entry>(
    core: &Core,
    entries: Vec<Stored<T>>,
) -> Result<Vec<(Stored<T>, UsageState)>> {
    let ids = entries.iter().map(|entry| entry.document.id()).collect();
    let usage = T::usage(&core.store, ids).await?;
    let of = |id: T::Id| usage.get(&id).copied().unwrap_or(UsageState::NotInUse);
    Ok(entries
        .into_iter()
        .map(|entry| {
            let usage = of(entry.document.id());
            (entry, usage)
        })
        .collect())
}

/// Whether instances of an entry exist.
pub(crate) async fn usage_of<T: Entry>(core: &Core, entry: &T) -> Result<UsageState> {
    let usage = T::usage(&core.store, vec![entry.id()]).await?;
    Ok(usage.get(&entry.id()).copied().unwrap_or(UsageState::NotInUse))
}

/// Changes what a client may change, if the entry still has the generation that it saw.
pub(crate) async fn modify<T: Entry>(
    core: &Core,
    seen: Stored<T>,
    changes: &Changes,
) -> Result<Stored<T>> {
    let Stored { mut document, generation } = seen;
    let onboarding = document.onboarding_mut();
    if let Some(wanted) = changes.operational {
        set_operational(onboarding, wanted)?;
    }
    let mut data: Map<String, Value> = onboarding.user_defined_data.clone().into_iter().collect();
    merge_patch::apply_members(&mut data, &changes.user_defined_data);
    onboarding.user_defined_data = data.into_iter().collect();
    Ok(T::all(&core.store).update(document, generation).await?)
}

fn set_operational(onboarding: &mut Onboarding, wanted: OperationalState) -> Result<()> {
    if onboarding.state != OnboardingState::Onboarded {
        let told = "it can be enabled or disabled once its content is onboarded";
        return Err(Error::Conflict(told.to_owned()));
    }
    if onboarding.operational == wanted {
        let state = match wanted {
            OperationalState::Enabled => "ENABLED",
            OperationalState::Disabled => "DISABLED",
        };
        return Err(Error::Conflict(format!("it is {state} already")));
    }
    onboarding.operational = wanted;
    Ok(())
}

/// Deletes an entry that is disabled and not in use, and the content that nobody else refers to.
pub(crate) async fn delete<T: Entry>(core: &Core, seen: Stored<T>) -> Result<()> {
    let onboarding = seen.document.onboarding();
    if onboarding.operational == OperationalState::Enabled {
        let told = format!("the {} is ENABLED: disable it before it is deleted", T::NOUN);
        return Err(Error::Conflict(told));
    }
    if matches!(onboarding.state, OnboardingState::Uploading | OnboardingState::Processing) {
        let told = format!("the content of the {} is on its way: delete it after that", T::NOUN);
        return Err(Error::Conflict(told));
    }
    T::all(&core.store).delete(seen.document.id(), seen.generation).await?;
    super::sweep(core).await;
    Ok(())
}

/// Changes an entry, again on its newer form when somebody else changed it meanwhile.
pub(crate) async fn change<T: Entry>(
    core: &Core,
    id: T::Id,
    mut apply: impl FnMut(&mut T) -> Result<()>,
) -> Result<Stored<T>, ChangeError> {
    let mut tries = TRIES;
    loop {
        let Stored { mut document, generation } = T::all(&core.store).get(id).await?;
        apply(&mut document)?;
        tries -= 1;
        match T::all(&core.store).update(document, generation).await {
            Err(StoreError::Stale { .. }) if tries > 0 => {}
            written => return Ok(written?),
        }
    }
}

/// Why an entry was not changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeError {
    /// The store said no.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The change itself did.
    #[error(transparent)]
    Refused(#[from] Error),
}

impl From<ChangeError> for Error {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Store(error) => error.into(),
            ChangeError::Refused(error) => error,
        }
    }
}
