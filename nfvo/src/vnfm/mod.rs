//! The VNFM, as the NFVO sees it: over SOL003, and nothing else.
//!
//! Everything here may be asked twice. A VNF of a service is found again by what its `metadata`
//! says, an operation of a VNF by its being the only one that is not finished.

mod drive;

use std::time::Duration;

use windlass_api::common::{KeyValuePairs, ProblemDetails};
use windlass_api::vnflcm::{CreateVnfRequest, VnfInstance, VnfLcmOpOcc};
use windlass_client::{Client, ListOptions, Select};
use windlass_model::NsInstanceId;

use crate::error::{Error, Result};

/// The key in a VNF's `metadata` that names its service.
const NS_KEY: &str = "nsInstanceId";
/// The key in a VNF's `metadata` that names its place in the service.
const PROFILE_KEY: &str = "vnfProfileId";
/// The first pause between two looks at an operation.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// Services whose VNFs are asked for at once: their ids must fit into a URI.
const SERVICES_AT_ONCE: usize = 50;

/// The VNFM.
#[derive(Debug)]
pub(crate) struct Vnfm {
    client: Client,
    poll: Duration,
}

/// A VNF of a service.
#[derive(Debug, Clone)]
pub(crate) struct Member {
    /// Its place: the VNF profile, with a number from the second on.
    pub place: String,
    /// The VNF.
    pub vnf: VnfInstance,
}

impl Vnfm {
    /// The VNFM that `client` talks to; it is asked how things are every `poll` at the latest.
    pub fn new(client: Client, poll: Duration) -> Self {
        Self { client, poll }
    }

    /// A VNF with everything about it; `None` when there is none.
    pub async fn vnf(&self, id: &str) -> Result<Option<VnfInstance>> {
        found(self.client.vnf_read(id).await)
    }

    /// All VNFs with everything about them.
    pub async fn vnfs(&self) -> Result<Vec<VnfInstance>> {
        Ok(self.client.vnf_list(&ListOptions::all_fields()).await?)
    }

    /// The VNFs of some services with everything about them.
    pub async fn vnfs_of(&self, services: &[NsInstanceId]) -> Result<Vec<VnfInstance>> {
        let mut vnfs = Vec::new();
        for services in services.chunks(SERVICES_AT_ONCE) {
            let ids: Vec<String> = services.iter().map(ToString::to_string).collect();
            let filter = format!("(in,metadata/{NS_KEY},{})", ids.join(","));
            let options = ListOptions::all_fields().filtered(filter);
            vnfs.extend(self.client.vnf_list(&options).await?);
        }
        Ok(vnfs)
    }

    /// The VNFs of a service, with little more than their ids and states.
    pub async fn members(&self, ns: NsInstanceId) -> Result<Vec<Member>> {
        let select = Select::Fields("metadata".to_owned());
        let filter = Some(format!("(eq,metadata/{NS_KEY},{ns})"));
        let vnfs = self.client.vnf_list(&ListOptions { filter, select }).await?;
        Ok(vnfs.into_iter().filter_map(|vnf| member(ns, vnf)).collect())
    }

    /// The VNF at a place of a service; `None` while there is none.
    pub async fn member(&self, ns: NsInstanceId, place: &str) -> Result<Option<VnfInstance>> {
        Ok(self.candidates(ns, place).await?.into_iter().next())
    }

    /// The VNFs that say they are at a place of a service, the first one made in front. There is
    /// more than one only for as long as two askers, one of them cut off, do not know of each other.
    async fn candidates(&self, ns: NsInstanceId, place: &str) -> Result<Vec<VnfInstance>> {
        let members = self.members(ns).await?.into_iter();
        let here = members.filter(|member| member.place == place).map(|member| member.vnf);
        let mut here: Vec<VnfInstance> = here.collect();
        here.sort_by(|one, other| one.id.cmp(&other.id));
        Ok(here)
    }

    /// Makes the identifier of the VNF at a place of a service, or finds the one that an earlier
    /// call made.
    pub async fn ensure_member(
        &self,
        ns: NsInstanceId,
        place: &str,
        request: &CreateVnfRequest,
    ) -> Result<VnfInstance> {
        if let Some(vnf) = self.member(ns, place).await? {
            return Ok(vnf);
        }
        let mut request = request.clone();
        request.metadata.extend(membership(ns, place));
        let made = self.client.vnf_create(&request).await?;
        // A request of a process that was cut off may have come in between: one identifier stays,
        // the same one whoever looks.
        let mut candidates = self.candidates(ns, place).await?.into_iter();
        let stays = candidates.next().unwrap_or(made);
        for superfluous in candidates {
            self.delete(&superfluous.id).await?;
        }
        Ok(stays)
    }

    /// Deletes the identifier of a VNF. One that is not there is deleted already.
    pub async fn delete(&self, id: &str) -> Result<()> {
        found(self.client.vnf_delete(id).await).map(drop)
    }
}

/// The service that a VNF says it belongs to, and its place there.
pub(crate) fn membership_of(vnf: &VnfInstance) -> Option<(NsInstanceId, String)> {
    let text = |key: &str| vnf.metadata.get(key)?.as_str();
    Some((text(NS_KEY)?.parse().ok()?, text(PROFILE_KEY)?.to_owned()))
}

/// What a VNF of a service says of itself in its `metadata`.
fn membership(ns: NsInstanceId, place: &str) -> KeyValuePairs {
    let pair = |key: &str, value: String| (key.to_owned(), value.into());
    KeyValuePairs::from_iter([pair(NS_KEY, ns.to_string()), pair(PROFILE_KEY, place.to_owned())])
}

fn member(ns: NsInstanceId, vnf: VnfInstance) -> Option<Member> {
    let (of, place) = membership_of(&vnf)?;
    (of == ns).then_some(Member { place, vnf })
}

/// What is not there is no error but an answer.
fn found<T>(result: windlass_client::Result<T>) -> Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Why a VNF's operation did not come to a good end.
fn ended_badly(occurrence: &VnfLcmOpOcc) -> Error {
    let state = occurrence.operation_state;
    let (id, operation) = (&occurrence.id, occurrence.operation);
    let why = occurrence.error.as_ref().map_or_else(String::new, |error| format!(": {error}"));
    let status = occurrence.error.as_ref().map_or(409, |error| error.status);
    let detail = format!("its operation {operation} {id} is {state}{why}");
    let problem = Box::new(ProblemDetails::new(status, detail));
    Error::Told { who: "the VNFM", problem }
}
