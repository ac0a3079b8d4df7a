//! Grants: leave for a VNF's operation, and where its resources go (SOL003 clause 9).
//!
//! ```text
//!  request ─▶ needs (VNFD) ─┐
//!             rules (request, NSD) ─▶ place (planner) ─▶ reserve ─▶ grant
//!                 ledger ───┘              ▲               │ stale: another process was faster
//!                                          └───────────────┘
//! ```
//! An operation that asks twice gets the grant that it got: its plan may have been lost in a crash.
//! Grant and reservation are one write, so that this holds for two questions at once as well.

mod answer;
mod images;
mod ledger;
mod needs;
mod rules;
mod service;
mod settle;

use std::collections::{BTreeMap, BTreeSet};

use windlass_api::grant::{Grant, GrantRequest, ResourceType};
use windlass_api::vnflcm::VnfInstance;
use windlass_descriptors::vnfd::{Flavour, Vnfd};
use windlass_model::{GrantId, HostId, OperationId, Vim, VnfInstanceId};
use windlass_planner::placement::{Ask, Item, Placement, Policy, Spot, place, usage};
use windlass_store::{Allocation, GrantRecord, Reservation, StoreError, VnfPackageRecord};

use crate::catalog;
use crate::error::{Error, Result};
use crate::nfvo::Core;

pub(crate) use ledger::Ledger;
pub(crate) use needs::item_of;
pub(crate) use rules::{between, planner_scope, rule_kind};
pub(crate) use service::bonds;
pub(crate) use settle::settle;

use ledger::Known;
use service::Service;

/// How often a grant is decided anew because the reservation of another process came first.
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
    placement: Placement,
    /// What the VNF held before.
    held: Vec<Allocation>,
    /// The VIMs that all of this is in.
    vims: Vec<Vim>,
}

/// Grants what is asked, or says why not.
pub(crate) async fn grant(core: &Core, request: &GrantRequest) -> Result<Grant> {
    let operation = parse::<OperationId>("vnfLcmOpOccId", &request.vnf_lcm_op_occ_id)?;
    if let Some(earlier) = core.store.grants().of_operation(operation).await? {
        return read(&earlier);
    }
    let question = question(core, request, operation).await?;
    let record = give(core, &question).await?;
    let (id, vnf) = (record.id, record.vnf);
    tracing::info!(grant = %id, %vnf, %operation, "granted {}", request.operation);
    read(&record)
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

/// Decides, and keeps the grant with the room that it promises; on newer knowledge when another
/// process was faster.
async fn give(core: &Core, question: &Question<'_>) -> Result<GrantRecord> {
    for _ in 0..DECISIONS {
        let mut known = core.ledger.look(&core.store).await?;
        let decision = decide(&mut known, question, core.settings.policy)?;
        let record = record(core, question, &decision)?;
        let id = record.id;
        let allocations = reservations(question, &decision.placement);
        if allocations.is_empty() {
            drop(known);
            return Ok(core.store.grants().give(record, None).await?);
        }
        let version = known.version();
        let reservation = Reservation { allocations: allocations.clone(), version };
        match core.store.grants().give(record, Some(reservation)).await {
            Err(StoreError::Stale { .. }) => {}
            given => {
                let given = given?;
                if given.id == id {
                    known.reserved(question.vnf, allocations);
                }
                return Ok(given);
            }
        }
    }
    let told = format!("the room on the hosts changed {DECISIONS} times while it was looked at");
    Err(Error::Conflict(told))
}

/// Places what is asked for.
fn decide(known: &mut Known, question: &Question<'_>, policy: Policy) -> Result<Decision> {
    let ask = ask(question, known);
    let held = known.held_by(question.vnf).to_vec();
    let replaced: Vec<Allocation> =
        held.iter().filter(|one| question.is_replaced(one)).cloned().collect();
    let placement = known
        .without(&replaced, |site| place(&ask, site, policy))
        .map_err(|no_room| Error::Refused(no_room.to_string()))?;
    let hosts = placement.values().map(|spot| spot.host).chain(held.iter().map(|one| one.host));
    let vims = known.vims_of(&hosts.collect()).cloned().collect();
    Ok(Decision { placement, held, vims })
}

fn record(core: &Core, question: &Question<'_>, decision: &Decision) -> Result<GrantRecord> {
    let id = GrantId::new();
    let grant = answer::grant(id, question, decision)?;
    let to_value = |error| Error::broken("write the grant down", error);
    Ok(GrantRecord {
        id,
        vnf: question.vnf,
        operation: question.operation,
        vnfd_id: question.request.vnfd_id.clone(),
        request: serde_json::to_value(question.request).map_err(to_value)?,
        grant: serde_json::to_value(&grant).map_err(to_value)?,
        created_at: core.clock.now(),
    })
}

fn ask(question: &Question<'_>, known: &Known) -> Ask {
    // A VNF stays in the VIM that it is in, and the VNFs of a service share the service's.
    let held: BTreeSet<HostId> = known.held_by(question.vnf).iter().map(|one| one.host).collect();
    let home = known.vims_of(&held).next();
    let home = home.map(|vim| vim.id).or(question.service.as_ref().and_then(|one| one.vim));
    let mut items = question.items.clone();
    for item in items.values_mut() {
        item.allowed_vims = home.map(|vim| [vim].into());
    }
    Ask { items, rules: rules::of(question, known), same_vim: true }
}

fn reservations(question: &Question<'_>, placement: &Placement) -> Vec<Allocation> {
    let takes = |id: &str, spot: &Spot| {
        let item = question.items.get(id)?;
        Some(usage([(item, spot.numa_node)]))
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
