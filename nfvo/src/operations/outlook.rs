//! What a service is, or is about to be: its record, and beyond it the operation at work.

use std::collections::BTreeMap;

use windlass_lcm::{Journal, Operation, Plan, Progress};
use windlass_model::ns::NsInstance;
use windlass_model::{NsInstanceId, VimId, VnfInstanceId};

use super::ns_instantiate::{CREATE, Notes};
use super::{Kind, subject};
use crate::error::Result;
use crate::nfvo::Core;

/// What a service is, or is about to be.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outlook {
    /// The VIM that it is in.
    pub vim: Option<VimId>,
    /// Its flavour.
    pub flavour: Option<String>,
    /// Its VNFs, by their places.
    pub members: BTreeMap<String, VnfInstanceId>,
}

/// The operation of a service that is not finished.
pub(crate) async fn unfinished(core: &Core, ns: NsInstanceId) -> Result<Option<Operation>> {
    // There is never more than one, and nothing newer.
    let newest = core.store.operations().of_subject(&subject(ns), None, 1).await?;
    Ok(newest.into_iter().find(|operation| !operation.state.is_final()))
}

/// Looks at a service and at the operation that works on it.
pub(crate) async fn outlook(core: &Core, ns: &NsInstance) -> Result<Outlook> {
    let mut outlook = recorded(ns);
    let operation = unfinished(core, ns.id).await?;
    let instantiation = operation.filter(|one| Kind::of(one) == Some(Kind::Instantiate));
    if let Some(Operation { id, plan: Some(plan), .. }) = instantiation {
        let progress = Progress::replay(&plan, &core.store.log(id).await?);
        add_planned(&mut outlook, &plan, &progress);
    }
    Ok(outlook)
}

fn recorded(ns: &NsInstance) -> Outlook {
    let Some(running) = &ns.instantiated else { return Outlook::default() };
    Outlook {
        vim: running.links.first().map(|link| link.vim),
        flavour: Some(running.flavour.clone()),
        members: running.vnfs.iter().map(|one| (one.profile.clone(), one.vnf)).collect(),
    }
}

fn add_planned(outlook: &mut Outlook, plan: &Plan, progress: &Progress) {
    if let Ok(notes) = super::decode::<Notes>("the plan's notes", &plan.notes) {
        outlook.vim = Some(notes.vim);
        outlook.flavour = Some(notes.flavour);
    }
    for node in plan.nodes.iter().filter(|node| node.step == CREATE) {
        let place = node.input.get("place").and_then(|place| place.as_str());
        if let (Some(place), Some(vnf)) = (place, made(progress, &node.id)) {
            outlook.members.insert(place.to_owned(), vnf);
        }
    }
}

/// The VNF whose identifier a node made.
pub(super) fn made(progress: &Progress, node: &str) -> Option<VnfInstanceId> {
    progress.of(node)?.output.as_ref()?.get("vnf")?.as_str()?.parse().ok()
}
