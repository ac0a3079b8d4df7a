//! The grant itself.

use std::collections::{BTreeMap, BTreeSet};

use windlass_api::api::Api;
use windlass_api::common::{KeyValuePairs, Link, VimConnectionInfo};
use windlass_api::grant::{
    Grant, GrantInfo, GrantLinks, ResourceDefinition, VimAssets, VimSoftwareImage, ZoneInfo,
};
use windlass_model::{GrantId, HostId, Vim};

use super::{Decision, Question, images};
use crate::error::{Error, Result};

/// The answer to a question that was decided.
pub(super) fn grant(id: GrantId, question: &Question<'_>, decision: &Decision) -> Result<Grant> {
    let request = question.request;
    let info = |one: &ResourceDefinition| resource(decision, one);
    let vims = decision.vims.iter();
    Ok(Grant {
        id: id.to_string(),
        vnf_instance_id: request.vnf_instance_id.clone(),
        vnf_lcm_op_occ_id: request.vnf_lcm_op_occ_id.clone(),
        vim_connection_info: vims
            .clone()
            .map(|vim| Ok((vim.id.to_string(), connection(vim)?)))
            .collect::<Result<_>>()?,
        zones: zones(vims, &hosts(decision)),
        add_resources: request.add_resources.iter().map(info).collect(),
        temp_resources: request.temp_resources.iter().map(info).collect(),
        remove_resources: request.remove_resources.iter().map(info).collect(),
        update_resources: request.update_resources.iter().map(info).collect(),
        vim_assets: Some(assets(question)),
        links: GrantLinks {
            this: Link::to(format!("{}/grants/{id}", Api::Grant.root())),
            vnf_lcm_op_occ: request.links.vnf_lcm_op_occ.clone(),
            vnf_instance: request.links.vnf_instance.clone(),
        },
        ..Grant::default()
    })
}

/// The hosts that the VNF is on, or is to be on.
fn hosts(decision: &Decision) -> BTreeSet<HostId> {
    let new = decision.placement.values().map(|spot| spot.host);
    new.chain(decision.held.iter().map(|held| held.host)).collect()
}

/// How a VIM is reached: the whole registration, for whoever has the same adapters.
fn connection(vim: &Vim) -> Result<VimConnectionInfo> {
    let document =
        serde_json::to_value(vim).map_err(|error| Error::broken("write the VIM down", error))?;
    Ok(VimConnectionInfo {
        vim_id: Some(vim.id.to_string()),
        vim_type: vim.kind.vim_type().to_owned(),
        interface_info: KeyValuePairs::from_iter([("vim".to_owned(), document)]),
        ..VimConnectionInfo::default()
    })
}

/// The zones of these hosts. In a grant a zone goes by its VIM and its name.
fn zones<'a>(vims: impl Iterator<Item = &'a Vim>, hosts: &BTreeSet<HostId>) -> Vec<ZoneInfo> {
    let zones: BTreeMap<String, ZoneInfo> = vims
        .flat_map(|vim| vim.hosts.iter().map(move |host| (vim, host)))
        .filter(|(_, host)| hosts.contains(&host.id))
        .map(|(vim, host)| {
            let id = zone_id(vim.id, &host.zone);
            let vim_connection_id = Some(vim.id.to_string());
            let zone_id = host.zone.clone();
            let zone =
                ZoneInfo { id: id.clone(), zone_id, vim_connection_id, ..ZoneInfo::default() };
            (id, zone)
        })
        .collect();
    zones.into_values().collect()
}

fn zone_id(vim: windlass_model::VimId, zone: &str) -> String {
    format!("{vim}/{zone}")
}

/// Where one resource goes, or is.
fn resource(decision: &Decision, asked: &ResourceDefinition) -> GrantInfo {
    let info = GrantInfo { resource_definition_id: asked.id.clone(), ..GrantInfo::default() };
    if let Some(spot) = decision.placement.get(&asked.id) {
        return GrantInfo {
            vim_connection_id: Some(spot.vim.to_string()),
            zone_id: Some(zone_id(spot.vim, &spot.zone)),
            host_id: Some(spot.host.to_string()),
            numa_node: spot.numa_node,
            ..info
        };
    }
    let held = decision.held.iter().find(|held| held.vnfc == asked.id);
    let home = held.and_then(|held| {
        let mut hosts =
            decision.vims.iter().flat_map(|vim| vim.hosts.iter().map(move |h| (vim, h)));
        hosts.find(|(_, host)| host.id == held.host)
    });
    match home {
        Some((vim, host)) => GrantInfo {
            vim_connection_id: Some(vim.id.to_string()),
            zone_id: Some(zone_id(vim.id, &host.zone)),
            host_id: Some(host.id.to_string()),
            numa_node: None,
            ..info
        },
        // Volumes, networks and ports go where the components go.
        None => {
            let vim = decision.vims.first().map(|vim| vim.id.to_string());
            GrantInfo { vim_connection_id: vim, ..info }
        }
    }
}

fn assets(question: &Question<'_>) -> VimAssets {
    let images = question.package.software_images.iter().map(|image| VimSoftwareImage {
        vnfd_software_image_id: image.id.clone(),
        vim_software_image_id: images::vim_image_id(image),
        ..VimSoftwareImage::default()
    });
    VimAssets { software_images: images.collect(), ..VimAssets::default() }
}
