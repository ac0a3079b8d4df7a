//! What a service is to be: its descriptor at a flavour and level, with the descriptors of its VNFs.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;
use std::sync::Arc;

use windlass_api::common::KeyValuePairs;
use windlass_api::nslcm::{InstantiateNsRequest, ParamsForVnf};
use windlass_descriptors::nsd::{NsFlavour, Nsd, VnfProfile};
use windlass_descriptors::vnfd::{Flavour, VduCp, Vnfd};
use windlass_model::NsdInfoId;

use crate::catalog;
use crate::error::{Error, Result};
use crate::nfvo::Core;
use crate::operations::place::places;

/// What a service is to be.
#[derive(Debug, Clone)]
pub(in crate::operations) struct Design {
    /// The NS flavour.
    pub flavour: NsFlavour,
    /// The NS instantiation level that was asked for.
    pub level: Option<String>,
    /// The VNFs by their places.
    pub vnfs: BTreeMap<String, Constituent>,
}

/// A VNF of the service.
#[derive(Debug, Clone)]
pub(in crate::operations) struct Constituent {
    /// Its profile in the NSD.
    pub profile: VnfProfile,
    /// Its VNFD.
    pub vnfd: Arc<Vnfd>,
    /// Its flavour in the VNFD.
    pub flavour: Flavour,
    /// What the request says for VNFs of its profile.
    pub params: ParamsForVnf,
}

/// The descriptor of a service, as it was onboarded.
pub(in crate::operations) async fn nsd_of(core: &Core, id: NsdInfoId) -> Result<Arc<Nsd>> {
    catalog::nsd(core, &core.store.nsds().get(id).await?.document).await
}

/// Refuses what cannot be followed, before an operation is made of it.
pub(in crate::operations) fn check(nsd: &Nsd, request: &InstantiateNsRequest) -> Result<()> {
    let refuse = |told: String| Err(Error::Unprocessable(told));
    let flavour = match nsd.flavour(&request.ns_flavour_id) {
        Ok(flavour) => flavour,
        Err(unknown) => return refuse(unknown.to_string()),
    };
    if let Err(error) = flavour.initial_counts(request.ns_instantiation_level_id.as_deref()) {
        return refuse(error.to_string());
    }
    let absent = [
        ("nested network services", !flavour.nested.is_empty()),
        ("VNFs that exist already (vnfInstanceData)", !request.vnf_instance_data.is_empty()),
        ("nested services that exist already", !request.nested_ns_instance_data.is_empty()),
        ("a start later on (startTime)", request.start_time.is_some()),
        ("places on Earth (locationConstraints)", !request.location_constraints.is_empty()),
        (
            "rules beside those of the NSD (additionalAffinityOrAntiAffinityRule)",
            !request.additional_affinity_or_anti_affinity_rule.is_empty(),
        ),
    ];
    if let Some((what, _)) = absent.into_iter().find(|(_, asked)| *asked) {
        return refuse(format!("instantiation does not support {what}"));
    }
    let stranger = request
        .additional_params_for_vnf
        .iter()
        .find(|params| !flavour.vnfs.contains_key(params.vnf_profile_id.as_str()));
    match stranger {
        Some(params) => refuse(format!("the NSD has no VNF profile {}", params.vnf_profile_id)),
        None => Ok(()),
    }
}

/// The service that a request asks for.
pub(super) async fn design(
    core: &Core,
    nsd: &Nsd,
    request: &InstantiateNsRequest,
) -> Result<Design> {
    check(nsd, request)?;
    let unprocessable = |error: String| Error::Unprocessable(error);
    let flavour = nsd
        .flavour(&request.ns_flavour_id)
        .map_err(|unknown| unprocessable(unknown.to_string()))?;
    let level = request.ns_instantiation_level_id.clone();
    let counts = flavour
        .initial_counts(level.as_deref())
        .map_err(|error| unprocessable(error.to_string()))?;
    let mut vnfs = BTreeMap::new();
    for profile in flavour.vnfs.values() {
        let count = counts.get(&profile.id).copied().unwrap_or(0);
        if count == 0 {
            continue;
        }
        let constituent = constituent(core, profile, request).await?;
        vnfs.extend(places(profile.id.as_str(), count).map(|place| (place, constituent.clone())));
    }
    Ok(Design { flavour: flavour.clone(), level, vnfs })
}

async fn constituent(
    core: &Core,
    profile: &VnfProfile,
    request: &InstantiateNsRequest,
) -> Result<Constituent> {
    let package = catalog::package_of(core, profile.vnfd_id.as_str()).await?;
    let package = package.ok_or_else(|| {
        let (vnfd, profile) = (&profile.vnfd_id, &profile.id);
        Error::Unprocessable(format!("the VNFD {vnfd} of {profile} is not onboarded any more"))
    })?;
    let vnfd = catalog::vnfd(core, &package).await?;
    let id = profile.flavour_id.as_ref().unwrap_or(&vnfd.default_flavour);
    let flavour = vnfd.flavour(id.as_str());
    let flavour = flavour.map_err(|unknown| Error::Unprocessable(unknown.to_string()))?.clone();
    let given = request.additional_params_for_vnf.iter();
    let mut given = given.filter(|params| profile.id == params.vnf_profile_id.as_str());
    let none = || ParamsForVnf {
        vnf_profile_id: profile.id.as_str().to_owned(),
        metadata: KeyValuePairs::new(),
        ..ParamsForVnf::default()
    };
    let params = given.next().cloned().unwrap_or_else(none);
    Ok(Constituent { profile: profile.clone(), vnfd, flavour, params })
}

impl Constituent {
    /// The most VNFCs of a VDU that there can be, with every aspect at its highest level.
    pub fn max_vnfcs(&self, vdu: &str) -> u32 {
        let Some(described) = self.flavour.vdus.get(vdu) else { return 0 };
        let aspects = self.flavour.scaling_aspects.values();
        let highest = aspects.map(|aspect| (aspect.id.clone(), aspect.max_scale_level)).collect();
        let reached = self.flavour.counts_at(&highest).ok();
        let reached = reached.and_then(|counts| counts.get(vdu).copied());
        let level = self.profile.instantiation_level.as_ref().map(|level| level.as_str());
        let first = self.flavour.initial_counts(level).ok();
        let first = first.and_then(|counts| counts.get(vdu).copied()).unwrap_or(0);
        reached.unwrap_or(described.max_instances).min(described.max_instances).max(first)
    }
}

/// How the VNF meets the links of the service.
impl Constituent {
    /// Whether one of its connection points is on a link.
    pub fn is_on(&self, link: &str) -> bool {
        self.profile.connections.iter().any(|one| one.virtual_link == link)
    }

    /// Its external connection points on a link, by their ids in the VNFD.
    pub fn points_on(&self, link: &str) -> Vec<String> {
        let here = self.profile.connections.iter().filter(|one| one.virtual_link == link);
        let id = |name: &str| {
            self.flavour.ext_cp(name).map_or_else(|| name.to_owned(), |cp| cp.cp.id.to_string())
        };
        here.map(|one| id(&one.cp)).collect()
    }

    /// The connection points of VNFCs that stand behind an external one.
    fn behind(&self, cpd: &str) -> Vec<&VduCp> {
        let Some(external) = self.flavour.ext_cp(cpd) else { return Vec::new() };
        let opened = |cp: &&VduCp| {
            let link = external.internal_virtual_link.as_ref();
            external.exposes.as_ref() == Some(&cp.cp.id)
                || (link.is_some() && link == cp.virtual_link.as_ref())
        };
        self.flavour.vdu_cps.values().filter(opened).collect()
    }

    /// How many instances of an external connection point there can be.
    pub fn max_instances_of(&self, cpd: &str) -> u32 {
        let vdus = self.behind(cpd).into_iter().filter_map(|cp| cp.vdu.as_ref());
        let instances = vdus.map(|vdu| self.max_vnfcs(vdu.as_str()));
        // A virtual address in front of VNFCs has no VNFC of its own, and is one address.
        instances.fold(0, u32::saturating_add).max(1)
    }

    /// The addresses that the descriptor itself gives to an external connection point.
    pub fn fixed(&self, cpd: &str) -> Vec<Ipv4Addr> {
        let own = self.flavour.ext_cp(cpd).into_iter().flat_map(|cp| cp.cp.fixed_addresses());
        let behind = self.behind(cpd).into_iter().flat_map(|cp| cp.cp.fixed_addresses());
        let mut addresses = Vec::new();
        for address in own.chain(behind).filter_map(|address| address.parse().ok()) {
            if !addresses.contains(&address) {
                addresses.push(address);
            }
        }
        addresses
    }
}
