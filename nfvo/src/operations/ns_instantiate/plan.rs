//! The plan of an instantiation: pure, from the design, the VIM and the operation's id.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use windlass_api::common::{
    CpProtocolData, ExtVirtualLinkData, IpAddressData, IpAddressType, IpOverEthernetAddressData,
    LayerProtocol, VnfExtCpConfig, VnfExtCpData,
};
use windlass_api::vnflcm::{CreateVnfRequest, InstantiateVnfRequest};
use windlass_lcm::{Plan, StepError};
use windlass_model::ns::{NsInstance, NsLink};
use windlass_model::{HostId, HostState, NetworkId, OperationId, Owner, Tag, Vim};
use windlass_planner::addresses::{LinkAsk, PointAsk, allocate};
use windlass_planner::order::{Wait, start_order};
use windlass_vim::NetworkSpec;

use super::design::{Constituent, Design};
use super::subnets::{Subnet, subnet};
use super::{CREATE, Notes};
use crate::operations::encode;
use crate::operations::steps::{CreateVnfIdentifier, EnsureNetwork, InstantiateVnf, Party};

/// The node that makes a virtual link's network.
pub(super) fn network_node(link: &str) -> String {
    format!("ensure_network/{link}")
}

/// What is to be done so that the service runs in this VIM.
pub(in crate::operations) fn plan(
    operation: OperationId,
    ns: &NsInstance,
    design: &Design,
    vim: &Vim,
) -> Result<Plan, StepError> {
    let waits = waits(design)?;
    let links = links(operation, design, vim)?;
    let mut plan = Plan::default();
    for link in &links {
        add_network(&mut plan, operation, ns, link, vim)?;
    }
    for (place, vnf) in &design.vnfs {
        add_identifier(&mut plan, ns, place, vnf)?;
    }
    for (place, vnf) in &design.vnfs {
        let mut after = vec![format!("{CREATE}/{place}")];
        let on = |link: &&NsLink| vnf.is_on(&link.virtual_link);
        after.extend(links.iter().filter(on).map(|link| network_node(&link.virtual_link)));
        let awaited = waits.iter().filter(|wait| wait.who == *place);
        after.extend(awaited.map(|wait| format!("instantiate_vnf/{}", wait.for_whom)));
        add_vnf(&mut plan, ns, place, vnf, &links, &after)?;
    }
    plan.notes = encode(&Notes {
        flavour: design.flavour.id.as_str().to_owned(),
        level: design.level.clone(),
        vim: vim.id,
        links,
        places: design.vnfs.keys().cloned().collect(),
    })?;
    Ok(plan)
}

/// Who starts only when whom runs; refused when that goes in a ring.
fn waits(design: &Design) -> Result<Vec<Wait>, StepError> {
    let of_profile = |profile: &str| {
        let fits = move |(_, vnf): &(&String, &Constituent)| vnf.profile.id == *profile;
        design.vnfs.iter().filter(fits).map(|(place, _)| place.clone()).collect::<Vec<_>>()
    };
    let mut waits = Vec::new();
    for (who, vnf) in &design.vnfs {
        // A profile of which the level has none binds nobody.
        for for_whom in vnf.profile.depends_on.iter().flat_map(|one| of_profile(one.as_str())) {
            waits.push(Wait { who: who.clone(), for_whom });
        }
    }
    let names = design.vnfs.keys().cloned().collect();
    start_order(&names, &waits).map_err(|ring| StepError::lasting(422, ring.to_string()))?;
    Ok(waits)
}

/// The virtual links with their networks, and who may use which addresses on them.
fn links(operation: OperationId, design: &Design, vim: &Vim) -> Result<Vec<NsLink>, StepError> {
    let mut taken = BTreeSet::new();
    let mut links = Vec::new();
    for link in design.flavour.virtual_links.values() {
        let Subnet { cidr, gateway, pools, mtu } = subnet(operation, link, &taken)?;
        taken.insert(cidr);
        let name = link.id.as_str();
        let points = points(design, name);
        let ask = LinkAsk { cidr, gateway, pools, points, existing: BTreeMap::new() };
        let addresses = allocate(&ask)
            .map_err(|none| StepError::lasting(422, format!("link {name}: {none}")))?;
        links.push(NsLink {
            virtual_link: name.to_owned(),
            vim: vim.id,
            network: NetworkId::named(operation.0, &format!("network/{name}")),
            cidr,
            gateway,
            mtu,
            addresses,
        });
    }
    Ok(links)
}

/// What the connection points of the VNFs on a link want.
fn points(design: &Design, link: &str) -> BTreeMap<String, PointAsk> {
    let mut points = BTreeMap::new();
    for (place, vnf) in &design.vnfs {
        for cpd in vnf.points_on(link) {
            // What a descriptor fixes can be had once: by the first VNF of the profile.
            let fixed =
                if vnf.profile.id == *place.as_str() { vnf.fixed(&cpd) } else { Vec::new() };
            let count = vnf.max_instances_of(&cpd);
            points.insert(format!("{place}/{cpd}"), PointAsk { count, fixed });
        }
    }
    points
}

fn add_network(
    plan: &mut Plan,
    operation: OperationId,
    ns: &NsInstance,
    link: &NsLink,
    vim: &Vim,
) -> Result<(), StepError> {
    let answers = |host: &&windlass_model::Host| host.state == HostState::Reachable;
    let hosts: Vec<HostId> = vim.hosts.iter().filter(answers).map(|host| host.id).collect();
    let name = link.virtual_link.clone();
    let about =
        format!("make network {name} ({}) on {} hosts of {}", link.cidr, hosts.len(), vim.name);
    let network = NetworkSpec {
        id: link.network,
        tag: Tag { owner: Owner::Ns(ns.id), operation, name: name.clone() },
        cidr: link.cidr,
        gateway: link.gateway,
        mtu: link.mtu,
    };
    let input = EnsureNetwork { link: name.clone(), vim: vim.id, hosts, network };
    plan.add("ensure_network", &name, about, encode(&input)?, &[]);
    Ok(())
}

fn add_identifier(
    plan: &mut Plan,
    ns: &NsInstance,
    place: &str,
    vnf: &Constituent,
) -> Result<(), StepError> {
    let party = party(ns, place, vnf);
    let request = CreateVnfRequest {
        vnfd_id: party.vnfd_id.clone(),
        vnf_instance_name: Some(party.name.clone()),
        vnf_instance_description: vnf.params.vnf_instance_description.clone(),
        metadata: vnf.params.metadata.clone(),
    };
    let about = format!("create the identifier of VNF {}", party.name);
    plan.add(CREATE, place, about, encode(&CreateVnfIdentifier { party, request })?, &[]);
    Ok(())
}

fn add_vnf(
    plan: &mut Plan,
    ns: &NsInstance,
    place: &str,
    vnf: &Constituent,
    links: &[NsLink],
    after: &[String],
) -> Result<(), StepError> {
    let party = party(ns, place, vnf);
    let external = links.iter().filter(|link| vnf.is_on(&link.virtual_link));
    let request = InstantiateVnfRequest {
        flavour_id: vnf.flavour.id.as_str().to_owned(),
        instantiation_level_id: vnf.profile.instantiation_level.as_ref().map(ToString::to_string),
        ext_virtual_links: external.map(|link| external_link(place, vnf, link)).collect(),
        additional_params: vnf.params.additional_params.clone(),
        extensions: vnf.params.extensions.clone(),
        vnf_configurable_properties: vnf.params.vnf_configurable_properties.clone(),
        ..InstantiateVnfRequest::default()
    };
    let about = format!("instantiate VNF {}", party.name);
    plan.add("instantiate_vnf", place, about, encode(&InstantiateVnf { party, request })?, after);
    Ok(())
}

fn party(ns: &NsInstance, place: &str, vnf: &Constituent) -> Party {
    let given = vnf.params.vnf_instance_name.as_ref();
    // A name that is given for a profile is the first VNF's; the others would share it.
    let given = given.filter(|_| vnf.profile.id == *place);
    let name = given.cloned().unwrap_or_else(|| match ns.name.as_str() {
        "" => place.to_owned(),
        service => format!("{service}-{place}"),
    });
    let name = name.replace('#', "-");
    let (ns, place, vnfd_id) = (ns.id, place.to_owned(), vnf.vnfd.id.as_str().to_owned());
    Party { ns, place, vnfd_id, name, vnf: None }
}

/// A virtual link as its VNF sees it: an external one, with the addresses that are the VNF's.
fn external_link(place: &str, vnf: &Constituent, link: &NsLink) -> ExtVirtualLinkData {
    let cps = vnf.points_on(&link.virtual_link).into_iter().map(|cpd| {
        let addresses = link.addresses.get(&format!("{place}/{cpd}"));
        let addresses = addresses.map(Vec::as_slice).unwrap_or_default();
        // The keys sort in the order in which the VNF is to use the addresses.
        let config = addresses.iter().enumerate().map(|(i, one)| (format!("{i:04}"), at(*one)));
        VnfExtCpData { cpd_id: cpd, cp_config: config.collect() }
    });
    ExtVirtualLinkData {
        id: link.network.to_string(),
        vim_connection_id: Some(link.vim.to_string()),
        resource_id: link.network.to_string(),
        ext_cps: cps.collect(),
        ..ExtVirtualLinkData::default()
    }
}

fn at(address: Ipv4Addr) -> VnfExtCpConfig {
    let ip = IpAddressData {
        address_type: IpAddressType::Ipv4,
        fixed_addresses: vec![address.to_string()],
        num_dynamic_addresses: None,
        address_range: None,
        subnet_id: None,
    };
    let ethernet = IpOverEthernetAddressData {
        ip_addresses: vec![ip],
        ..IpOverEthernetAddressData::default()
    };
    let protocol = CpProtocolData {
        layer_protocol: LayerProtocol::IpOverEthernet,
        ip_over_ethernet: Some(ethernet),
    };
    VnfExtCpConfig { cp_protocol_data: vec![protocol], ..VnfExtCpConfig::default() }
}
