//! NSDs: what their archives say, and that what they are made of is here.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use windlass_descriptors::nsd::Nsd;
use windlass_model::package::UsageState;
use windlass_model::{NsdInfoId, VnfPackageId};
use windlass_store::{
    ArtifactRecord, Collection, Content, NsdRecord, Onboarding, SoftwareImageRecord, Store,
    StoreError,
};

use super::entry::Entry;
use super::package_of;
use super::problem::Refusal;
use super::vnf_package::artifact;
use crate::error::Error;
use crate::nfvo::Core;

impl Entry for NsdRecord {
    const NOUN: &'static str = "NSD";

    fn all(store: &Store) -> Collection<'_, Self> {
        store.nsds()
    }

    fn created(onboarding: Onboarding) -> Self {
        Self::created(NsdInfoId::new(), onboarding)
    }

    fn id(&self) -> NsdInfoId {
        self.id
    }

    fn onboarding(&self) -> &Onboarding {
        &self.onboarding
    }

    fn onboarding_mut(&mut self) -> &mut Onboarding {
        &mut self.onboarding
    }

    fn descriptor(&self) -> &Value {
        &self.descriptor
    }

    fn images(&self) -> &[SoftwareImageRecord] {
        &[]
    }

    fn artifacts(&self) -> &[ArtifactRecord] {
        &self.artifacts
    }

    async fn usage(
        store: &Store,
        ids: Vec<NsdInfoId>,
    ) -> Result<BTreeMap<NsdInfoId, UsageState>, StoreError> {
        store.nsds().usage(ids).await
    }

    async fn read(self, core: &Core, content: &Content) -> Result<Self, Refusal> {
        let read = core.packages.onboard_nsd_archive(&content.digest).await?;
        let nsd = &*read.descriptor;
        let (vnf_packages, nested) = constituents(core, nsd).await?;
        Ok(Self {
            nsd_id: Some(nsd.id.as_str().to_owned()),
            invariant_id: Some(nsd.invariant_id.clone()),
            name: nsd.name.clone(),
            designer: nsd.designer.clone(),
            version: nsd.version.clone(),
            vnf_packages,
            nested,
            descriptor: json!({ "definitions": read.definitions, "findings": read.findings }),
            artifacts: read.artifacts.into_iter().map(artifact).collect(),
            ..self
        })
    }

    fn taken(&self) -> String {
        let nsd = self.nsd_id.as_deref().unwrap_or_default();
        format!("another NSD with the id {nsd} is onboarded already; delete that one first")
    }
}

/// The packages and NSDs that an NSD is made of; refused with the names of those that are missing.
async fn constituents(
    core: &Core,
    nsd: &Nsd,
) -> Result<(Vec<VnfPackageId>, Vec<NsdInfoId>), Refusal> {
    let (mut packages, mut nested, mut missing) = (Vec::new(), Vec::new(), Vec::new());
    let vnfds: BTreeSet<&str> = nsd
        .flavours
        .iter()
        .flat_map(|one| one.vnfs.values())
        .map(|vnf| vnf.vnfd_id.as_str())
        .collect();
    for vnfd in vnfds {
        match package_of(core, vnfd).await? {
            Some(package) => packages.push(package.id),
            None => missing.push(format!("the VNFD {vnfd}")),
        }
    }
    let nsds: BTreeSet<&str> = nsd
        .flavours
        .iter()
        .flat_map(|one| one.nested.values())
        .map(|ns| ns.nsd_id.as_str())
        .collect();
    for id in nsds {
        match core.store.nsds().of_nsd(id).await {
            Ok(stored) => nested.push(stored.document.id),
            Err(StoreError::NotFound { .. }) => missing.push(format!("the NSD {id}")),
            Err(error) => return Err(Error::from(error).into()),
        }
    }
    if missing.is_empty() {
        return Ok((packages, nested));
    }
    let missing = missing.join(", ");
    Err(Refusal::unfit(format!("what the NSD is made of is not onboarded: {missing}")))
}
