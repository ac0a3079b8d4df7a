//! The service `ring`: what is asked of it, and what it must be afterwards.

use std::collections::BTreeSet;

use windlass_api::nslcm::{
    CreateNsRequest, DegreeHealing, HealNsData, HealNsRequest, InstantiateNsRequest, NsInstance,
    NsScaleType, ScaleByStepData, ScaleNsRequest, ScaleVnfData, ScaleVnfType, TerminateNsRequest,
};
use windlass_client::{Client, ListOptions};
use windlass_vim::VmState;

use crate::site::Site;
use crate::stage::Stage;

const NSD: &str = "0c2f3f0a-6a1d-4e7e-9a55-3f1f6a2b1001";

/// What is asked of the service, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    Instantiate,
    ScaleOut,
    Heal,
    Terminate,
}

impl Task {
    pub const ALL: [Self; 4] = [Self::Instantiate, Self::ScaleOut, Self::Heal, Self::Terminate];

    /// Asks for it; the operation.
    pub async fn ask(self, stage: &Stage) -> String {
        let client = &stage.client;
        match self {
            Self::Instantiate => {
                let ns = create(client, "ring").await;
                instantiate(client, &ns).await
            }
            Self::ScaleOut => {
                let ns = ring(stage).await;
                client.ns_scale(&ns.id, &one_more(&ns)).await.unwrap()
            }
            Self::Heal => {
                let machines = stage.site.cloud.machines();
                let victim = machines.iter().max_by_key(|vm| &vm.name).unwrap();
                assert!(stage.site.cloud.delete_behind(victim.id));
                client.ns_heal(&ring(stage).await.id, &whole_again()).await.unwrap()
            }
            Self::Terminate => {
                let ns = ring(stage).await;
                client.ns_terminate(&ns.id, &TerminateNsRequest::default()).await.unwrap()
            }
        }
    }

    /// How many machines there are when it is done.
    fn machines(self) -> usize {
        match self {
            Self::Instantiate => 3,
            Self::ScaleOut | Self::Heal => 4,
            Self::Terminate => 0,
        }
    }

    /// Cloud, records and books agree, on what this should have led to.
    pub async fn check(self, stage: &Stage) {
        let client = &stage.client;
        audit(client).await;
        machines_are(&stage.site, client, self.machines()).await;
        if self == Self::Terminate {
            client.ns_delete(&ring(stage).await.id).await.unwrap();
        }
    }
}

/// Makes the identifier of a service to be.
pub async fn create(client: &Client, name: &str) -> String {
    let request = CreateNsRequest {
        nsd_id: NSD.to_owned(),
        ns_name: name.to_owned(),
        ns_description: String::new(),
    };
    client.ns_create(&request).await.unwrap().id
}

/// Asks for its VNFs and networks; the operation.
pub async fn instantiate(client: &Client, ns: &str) -> String {
    let ns_flavour_id = "default".to_owned();
    let request = InstantiateNsRequest { ns_flavour_id, ..InstantiateNsRequest::default() };
    client.ns_instantiate(ns, &request).await.unwrap()
}

/// Nothing is left over, and nothing is missing.
pub async fn audit(client: &Client) {
    let audit = client.audit().await.unwrap();
    let clean =
        audit.orphans.is_empty() && audit.missing.is_empty() && audit.unreachable.is_empty();
    assert!(clean, "{audit:#?}");
}

/// So many machines run, which are those of the records, and the books say the same.
pub async fn machines_are(site: &Site, client: &Client, count: usize) {
    let mut recorded = BTreeSet::new();
    for vnf in client.vnf_list(&ListOptions::all_fields()).await.unwrap() {
        let info = vnf.instantiated_vnf_info.into_iter();
        let components = info.flat_map(|info| info.vnfc_resource_info);
        recorded.extend(components.map(|vnfc| vnfc.compute_resource.resource_id));
    }
    let machines = site.cloud.machines();
    assert!(machines.iter().all(|vm| vm.state == VmState::Running), "{machines:#?}");
    let there: BTreeSet<String> = machines.iter().map(|vm| vm.id.to_string()).collect();
    assert_eq!(there, recorded, "the cloud and the records");
    assert_eq!(there.len(), count, "machines");

    let hosts = client.host_list(&ListOptions::all_fields()).await.unwrap();
    let promised: u32 = hosts.iter().map(|host| host.used.vcpus).sum();
    assert_eq!(promised as usize, count, "one vCPU each is on the books");
}

async fn ring(stage: &Stage) -> NsInstance {
    let services = stage.client.ns_list(&ListOptions::all_fields()).await.unwrap();
    assert_eq!(services.len(), 1);
    services.into_iter().next().unwrap()
}

/// The second VNF gets a machine more.
fn one_more(ns: &NsInstance) -> ScaleNsRequest {
    let is_second =
        |name: &Option<String>| name.as_deref().is_some_and(|name| name.ends_with("two"));
    let vnf = ns.vnf_instance.iter().find(|vnf| is_second(&vnf.vnf_instance_name)).unwrap();
    let by_step = ScaleByStepData {
        aspect_id: "size".to_owned(),
        number_of_steps: Some(1),
        ..ScaleByStepData::default()
    };
    ScaleNsRequest {
        scale_type: NsScaleType::ScaleVnf,
        scale_ns_data: None,
        scale_vnf_data: vec![ScaleVnfData {
            vnf_instance_id: vnf.id.clone(),
            scale_vnf_type: ScaleVnfType::ScaleOut,
            scale_to_level_data: None,
            scale_by_step_data: Some(by_step),
        }],
        scale_time: None,
    }
}

fn whole_again() -> HealNsRequest {
    let heal_ns_data = HealNsData {
        degree_healing: DegreeHealing::HealRestore,
        actions_healing: Vec::new(),
        heal_script: None,
        additional_params_for_ns: serde_json::Map::new(),
    };
    HealNsRequest { heal_ns_data: Some(heal_ns_data), heal_vnf_data: Vec::new() }
}
