//! Grants: leave for a VNF's operation, and where its resources go (SOL003 clause 9).
//!
//! ```text
//!  request ─▶ needs (VNFD) ─┐
//!             rules (request, NSD) ─▶ place (planner) ─▶ reserve ─▶ grant
//!             room, VIMs ───┘              ▲               │ stale: somebody was faster
//!                                          └───────────────┘
//! ```
//! An operation that asks twice gets the grant that it got: its plan may have been lost in a crash.

mod answer;
mod images;
mod needs;
mod rules;
mod service;
mod settle;

use std::collections::{BTreeMap, BTreeSet};

use windlass_api::grant::{Grant, GrantRequest, ResourceType};
use windlass_api::vnflcm::VnfInstance;
use windlass_descriptors::vnfd::{Flavour, Vnfd};
use windlass_model::{GrantId, HostId, OperationId, Vim, VnfInstanceId};
use windlass_planner::placement::{Ask, Item, Placement, Site, place};
use windlass_store::{Allocation, GrantRecord, Room, StoreError, VnfPackageRecord};

use crate::error::{Error, Result};
use crate::nfvo::Core;
use crate::{catalog, sites};

pub(crate) use needs::item_of;
pub(crate) use rules::{between, planner_scope, rule_kind};
pub(crate) use service::bonds;
pub(crate) use settle::settle;

use service::Service;

/// How often a placement is decided anew because somebody else's reservation came first.
const DECISIONS: u32 = 64;

/// What is asked, with what is known of who asks.
struct Question<'a> {
    request: &'a GrantRequest,
    vnf: VnfInstanceId,
    operation: OperationId,
    package: VnfPackageRecord,
    /// The VNF as the VNFM tells of it; `None` when the VNFM does not know it.
    instance: Option<VnfInstance>,
    /// The service that the VNF belongs to, when it does.
    service: Option<Service>,
    items: BTreeMap<String, Item>,
}

impl Question<'_> {
    /// True when a component of the VNF is to be removed.
    fn leaves(&self, vnfc: &str) -> bool {
        self.request.remove_resources.iter().any(|one| one.id == vnfc)
    }

    /// True when what is held is the room of a component that is made again. Its successor comes
    /// only when it is gone, and may have the same room.
    fn is_replaced(&self, held: &Allocation) -> bool {
        held.vnf == self.vnf && self.leaves(&held.vnfc) && self.items.contains_key(&held.vnfc)
    }
}

/// What is decided.
struct Decision {
    vims: Vec<Vim>,
    placement: Placement,
    held: Vec<Allocation>,
}

/// Grants what is asked, or says why not.
pub(crate) async fn grant(core: &Core, request: &GrantRequest) -> Result<Grant> {
    let operation = parse::<OperationId>("vnfLcmOpOccId", &request.vnf_lcm_op_occ_id)?;
    if let Some(earlier) = core.store.grants().of_operation(operation).await? {
        return read(&earlier);
    }
    let question = question(core, request, operation).await?;
    let decision = decide(core, &question).await?;
    let id = GrantId::new();
    let grant = answer::grant(id, &question, &decision)?;
    let to_value = |error| Error::broken("write the grant down", error);
    core.store
        .grants()
        .create(GrantRecord {
            id,
            vnf: question.vnf,
            operation,
            vnfd_id: request.vnfd_id.clone(),
            request: serde_json::to_value(request).map_err(to_value)?,
            grant: serde_json::to_value(&grant).map_err(to_value)?,
            created_at: core.clock.now(),
        })
        .await?;
    tracing::info!(grant = %id, vnf = %question.vnf, %operation, "granted {}", request.operation);
    Ok(grant)
}

/// A grant that was given.
pub(crate) async fn granted(core: &Core, id: GrantId) -> Result<Grant> {
    read(&core.store.grants().get(id).await?)
}

fn read(record: &GrantRecord) -> Result<Grant> {
    serde_json::from_value(record.grant.clone())
        .map_err(|error| Error::broken("read the grant", error))
}

async fn question<'a>(
    core: &Core,
    request: &'a GrantRequest,
    operation: OperationId,
) -> Result<Question<'a>> {
    let vnf = parse::<VnfInstanceId>("vnfInstanceId", &request.vnf_instance_id)?;
    let package = catalog::package_of(core, &request.vnfd_id).await?.ok_or_else(|| {
        Error::Refused(format!("no package with the VNFD {} is onboarded", request.vnfd_id))
    })?;
    let instance = core.vnfm.vnf(&request.vnf_instance_id).await?;
    let service = match &instance {
        Some(instance) => service::of(core, instance).await?,
        None => None,
    };
    let items = items(core, request, &package, instance.as_ref()).await?;
    Ok(Question { request, vnf, operation, package, instance, service, items })
}

/// What each compute resource that is asked for needs, by its id in the request.
async fn items(
    core: &Core,
    request: &GrantRequest,
    package: &VnfPackageRecord,
    instance: Option<&VnfInstance>,
) -> Result<BTreeMap<String, Item>> {
    let asked = request.add_resources.iter().chain(&request.temp_resources);
    let computes: Vec<_> =
        asked.filter(|resource| resource.resource_type == ResourceType::Compute).collect();
    if computes.is_empty() {
        return Ok(BTreeMap::new());
    }
    let vnfd = catalog::vnfd(core, package).await?;
    let flavour = flavour(request, &vnfd, instance)?;
    let item = |vdu: &str| item_of(flavour, vdu).map_err(Error::Refused);
    computes
        .into_iter()
        .map(|one| {
            let vdu = one.vdu_id.as_deref().unwrap_or(&one.resource_template_id);
            Ok((one.id.clone(), item(vdu)?))
        })
        .collect()
}

/// The flavour that is asked for; else the one that the VNF has; else the VNFD's default.
fn flavour<'a>(
    request: &'a GrantRequest,
    vnfd: &'a Vnfd,
    instance: Option<&'a VnfInstance>,
) -> Result<&'a Flavour> {
    let running = instance.and_then(|vnf| vnf.instantiated_vnf_info.as_ref());
    let id = request.flavour_id.as_deref().or(running.map(|info| info.flavour_id.as_str()));
    vnfd.flavour(id.unwrap_or(vnfd.default_flavour.as_str()))
        .map_err(|unknown| Error::Refused(unknown.to_string()))
}

/// Places what is asked for and reserves the room, on a newer view when somebody was faster.
async fn decide(core: &Core, question: &Question<'_>) -> Result<Decision> {
    for _ in 0..DECISIONS {
        let vims: Vec<Vim> = sites::all(core).await?.into_iter().map(|vim| vim.document).collect();
        let room = core.store.allocations().room().await?;
        let ask = ask(question, &vims, &room);
        let lasting = room.allocations.iter().filter(|one| !question.is_replaced(one));
        let used = sites::sum(lasting);
        let site = Site { used, standing: standing(&room), vims };
        let placement = place(&ask, &site, core.settings.policy)
            .map_err(|no_room| Error::Refused(no_room.to_string()))?;
        let reservations = reservations(question, &placement);
        let reserved =
            core.store.allocations().reserve(question.operation, reservations, room.version).await;
        match reserved {
            Err(StoreError::Stale { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(()) => {
                let own = |one: &Allocation| one.vnf == question.vnf;
                let held = room.allocations.into_iter().filter(own).collect();
                return Ok(Decision { vims: site.vims, placement, held });
            }
        }
    }
    let told = format!("the room on the hosts changed {DECISIONS} times while it was looked at");
    Err(Error::Conflict(told))
}

fn ask(question: &Question<'_>, vims: &[Vim], room: &Room) -> Ask {
    // A VNF stays in the VIM that it is in, and the VNFs of a service share the service's.
    let held: BTreeSet<HostId> =
        room.allocations.iter().filter(|one| one.vnf == question.vnf).map(|one| one.host).collect();
    let home = vims.iter().find(|vim| vim.hosts.iter().any(|host| held.contains(&host.id)));
    let home = home.map(|vim| vim.id).or(question.service.as_ref().and_then(|one| one.vim));
    let mut items = question.items.clone();
    for item in items.values_mut() {
        item.allowed_vims = home.map(|vim| [vim].into());
    }
    Ask { items, rules: rules::of(question, room), same_vim: true }
}

/// Where every component of every VNF stands, by the name that rules give it.
fn standing(room: &Room) -> BTreeMap<String, HostId> {
    let name = |one: &Allocation| rules::standing_name(one.vnf, &one.vnfc);
    room.allocations.iter().map(|one| (name(one), one.host)).collect()
}

fn reservations(question: &Question<'_>, placement: &Placement) -> Vec<Allocation> {
    let takes = |id: &str, spot: &windlass_planner::placement::Spot| {
        let item = question.items.get(id)?;
        Some(windlass_planner::placement::usage([(item, spot.numa_node)]))
    };
    placement
        .iter()
        .filter_map(|(id, spot)| {
            let takes = takes(id, spot)?;
            Some(Allocation { vnf: question.vnf, vnfc: id.clone(), host: spot.host, takes })
        })
        .collect()
}

fn parse<T: std::str::FromStr>(attribute: &str, text: &str) -> Result<T> {
    text.parse().map_err(|_not_an_id| Error::Malformed(format!("{attribute} {text:?} is no id")))
}
