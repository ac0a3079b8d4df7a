//! Builds the plan of an operation that makes or removes components, and the VNF as it will be.

use std::collections::{BTreeMap, BTreeSet};
use std::net::Ipv4Addr;

use serde_json::json;
use windlass_descriptors::vnfd::Flavour;
use windlass_lcm::Plan;
use windlass_model::vnf::{InstantiatedVnf, VnfInstance, Vnfc, VnfcCp};
use windlass_model::{HostId, NetworkId, OperationId, Owner, Tag, Vim, VimId, VmId};
use windlass_vim::{ImageSpec, Network, NetworkSpec, VolumeSpec};

use super::component::{self, Body};
use super::grant::Granted;
use super::links::{self, Attachment};
use super::nodes::{ImageInput, MachineInput, NetworkInput, VolumeInput};
use super::sizing::{NewVnfc, Sizing};
use super::{Notes, PlanError, naming, nodes};

/// Everything that a plan follows from.
#[derive(Debug)]
pub struct Build<'a> {
    /// The operation.
    pub operation: OperationId,
    /// The VNF before.
    pub vnf: &'a VnfInstance,
    /// Its flavour.
    pub flavour: &'a Flavour,
    /// What the grant says.
    pub granted: &'a Granted,
    /// The networks behind the external links, as their VIMs have them.
    pub outside: &'a BTreeMap<NetworkId, Network>,
    /// Sizes in bytes of the software images, by their ids in the VNFD, and whether the package
    /// carries them.
    pub images: &'a BTreeMap<String, (u64, bool)>,
    /// Parameters of the request, for boot data.
    pub parameters: &'a BTreeMap<String, String>,
    /// Seconds that guests have to shut down.
    pub grace_s: u64,
}

/// What is being put together.
struct Draft<'a> {
    build: &'a Build<'a>,
    plan: Plan,
    target: InstantiatedVnf,
    /// The node that makes a network, by the network.
    networks: BTreeMap<NetworkId, String>,
    /// The node that removes a component's predecessor, by the component's name.
    predecessors: BTreeMap<String, String>,
    taken: BTreeSet<(NetworkId, Ipv4Addr)>,
}

impl Build<'_> {
    /// The plan that brings `start` (the VNF as it is, with links and levels as they will be) to
    /// the size of `sizing`.
    ///
    /// # Errors
    /// When the VNFD, the request and the grant do not fit together.
    pub fn plan(&self, start: InstantiatedVnf, sizing: &Sizing) -> Result<Plan, PlanError> {
        let keeps = |vnfc: &&Vnfc| !sizing.remove.iter().any(|gone| gone.vm == vnfc.vm);
        let kept: Vec<Vnfc> = start.vnfcs.iter().filter(keeps).cloned().collect();
        let mut target = InstantiatedVnf { vnfcs: kept, ..start };
        target.scale_levels.clone_from(&sizing.scale_levels);
        target.vims = vims(self.granted, &target.vims);
        let taken = addresses(&target);
        let mut draft = Draft {
            build: self,
            plan: Plan::default(),
            target,
            networks: BTreeMap::new(),
            predecessors: BTreeMap::new(),
            taken,
        };
        for vnfc in sizing.remove.iter().filter(|vnfc| !sizing.lost.contains(&vnfc.host)) {
            let gone = nodes::remove(&mut draft.plan, vnfc, self.grace_s, &[]);
            draft.predecessors.insert(vnfc.name.clone(), gone);
        }
        draft.networks(sizing)?;
        for new in &sizing.add {
            let old = sizing.remove.iter().find(|gone| gone.name == new.name);
            draft.component(new, old)?;
        }
        let Draft { mut plan, target, .. } = draft;
        let grant = (!self.granted.id.is_empty()).then(|| self.granted.id.clone());
        let vims = target.vims.clone();
        plan.notes = json!(Notes { grant, vims, target: Some(target) });
        Ok(plan)
    }

    fn tag(&self, name: &str) -> Tag {
        let owner = Owner::Vnf(self.vnf.id);
        Tag { owner, operation: self.operation, name: name.to_owned() }
    }
}

/// The VIMs of the grant, and those known before that it does not name.
fn vims(granted: &Granted, known: &[Vim]) -> Vec<Vim> {
    let mut vims = granted.vims.clone();
    let unnamed = |vim: &&Vim| !granted.vims.iter().any(|named| named.id == vim.id);
    vims.extend(known.iter().filter(unnamed).cloned());
    vims
}

fn addresses(vnf: &InstantiatedVnf) -> BTreeSet<(NetworkId, Ipv4Addr)> {
    let cps = vnf.vnfcs.iter().flat_map(|vnfc| &vnfc.cps);
    cps.filter_map(|cp| Some((cp.network, cp.address?.0))).collect()
}

impl Draft<'_> {
    /// Networks for the hosts that new components come to.
    fn networks(&mut self, sizing: &Sizing) -> Result<(), PlanError> {
        let granted = self.build.granted;
        let places: BTreeSet<(VimId, HostId)> = sizing
            .add
            .iter()
            .filter_map(|new| granted.places.get(&new.name))
            .map(|place| (place.vim, place.host))
            .collect();
        self.external_networks(&places);
        self.internal_networks(&places)
    }

    /// Networks of external links are brought to hosts that joined the VIM, or came back, after
    /// they were made. They stay their owner's.
    fn external_networks(&mut self, places: &BTreeSet<(VimId, HostId)>) {
        for link in self.target.external_links.clone() {
            let Some(network) = self.build.outside.get(&link.network) else { continue };
            let lacks = |&&(vim, host): &&(VimId, HostId)| {
                vim == link.vim && !network.hosts.contains(&host)
            };
            let hosts: Vec<HostId> = places.iter().filter(lacks).map(|&(_, host)| host).collect();
            if hosts.is_empty() {
                continue;
            }
            let input = NetworkInput {
                vim: link.vim,
                network: link.network,
                hosts,
                spec: Some(network.spec.clone()),
            };
            let name = &network.spec.tag.name;
            let about = format!("bring the network {name} to hosts that lack it");
            let node = self.plan.add("extend_network", &link.id, about, json!(input), &[]);
            self.networks.insert(link.network, node);
        }
    }

    /// Networks for the internal links: made where they are missing.
    fn internal_networks(&mut self, places: &BTreeSet<(VimId, HostId)>) -> Result<(), PlanError> {
        let Some(&(vim, _)) = places.first() else { return Ok(()) };
        let hosts: Vec<HostId> = places.iter().map(|&(_, host)| host).collect();
        let flavour = self.build.flavour;
        let needed: Vec<_> = links::internal(flavour, &self.target).cloned().collect();
        for link in needed {
            let known = self.target.networks.iter().find(|n| n.virtual_link == link.id.as_str());
            let network = match known {
                Some(network) => network.clone(),
                None => {
                    let network = links::network(&link, vim, self.build.operation.0)?;
                    self.target.networks.push(network.clone());
                    network
                }
            };
            let spec = NetworkSpec {
                id: network.network,
                tag: self.build.tag(link.id.as_str()),
                cidr: network.cidr,
                gateway: links::gateway(&link),
                mtu: links::mtu(&link),
            };
            let input = NetworkInput {
                vim: network.vim,
                network: network.network,
                hosts: hosts.clone(),
                spec: Some(spec),
            };
            let about = format!("provide the network {} ({})", link.id, network.cidr);
            let name = link.id.as_str();
            let node = self.plan.add("ensure_network", name, about, json!(input), &[]);
            self.networks.insert(network.network, node);
        }
        Ok(())
    }

    fn component(&mut self, new: &NewVnfc, old: Option<&Vnfc>) -> Result<(), PlanError> {
        let build = self.build;
        let unknown = || PlanError::GrantIncomplete(format!("where {} goes", new.name));
        let place = build.granted.places.get(&new.name).ok_or_else(unknown)?;
        let vdu = build.flavour.vdus.get(new.vdu.as_str());
        let vdu = vdu.ok_or_else(|| PlanError::UnknownVnfc(new.vdu.clone()))?;
        let vm = VmId::named(build.operation.0, &format!("vm/{}", new.name));
        let takes = component::takes(build.flavour, vdu);
        let mut vnfc = component::vnfc(new, place, vm, takes);
        let body = component::body(build.flavour, vdu, &vnfc, &build.granted.images)?;
        vnfc.volumes = body.volumes.iter().map(|needed| needed.volume.clone()).collect();
        let ways = self.cards(&vnfc, old)?;
        vnfc.cps = ways.iter().map(|(cp, _)| cp.clone()).collect();

        let mut after = self.content(&vnfc, &body, &place.host_name)?;
        after.extend(ways.iter().filter_map(|(cp, _)| self.networks.get(&cp.network)).cloned());
        after.extend(self.predecessors.get(&new.name).cloned());
        after.sort();
        after.dedup();
        let machine_name = naming::machine_name(&build.vnf.name, &new.name, vm);
        let tag = build.tag(&new.name);
        let spec =
            component::machine(vdu, &vnfc, &body, &ways, tag, machine_name, build.parameters)?;
        let machine = MachineInput::of(&vnfc);
        let (name, host) = (&new.name, &place.host_name);
        let input = MachineInput { spec: Some(spec), ..machine.clone() }.value();
        let about = format!("define {name} on {host}");
        let defined = self.plan.add("define_vm", name, about, input, &after);
        let about = format!("start {name} on {host}");
        let started = self.plan.add("start_vm", name, about, machine.value(), &[defined]);
        let input = MachineInput { ready: Some(component::readiness(vdu)), ..machine }.value();
        let about = format!("wait until {name} is ready");
        self.plan.add("await_ready", name, about, input, &[started]);
        self.target.vnfcs.push(vnfc);
        Ok(())
    }

    /// The cards of a component; one that replaces another keeps its addresses.
    fn cards(
        &mut self,
        vnfc: &Vnfc,
        old: Option<&Vnfc>,
    ) -> Result<Vec<(VnfcCp, Attachment)>, PlanError> {
        let flavour = self.build.flavour;
        let mut ways = Vec::new();
        for cp in flavour.interfaces_of(&vnfc.vdu) {
            let Some(to) = links::attachment(flavour, &self.target, cp) else { continue };
            let cpd = cp.cp.id.as_str();
            let before = old
                .and_then(|old| old.cps.iter().find(|c| c.cpd == cpd && c.network == to.network));
            let card = match before {
                Some(before) => before.clone(),
                None => VnfcCp {
                    cpd: cpd.to_owned(),
                    external_cpd: to.external_cpd.clone(),
                    network: to.network,
                    mac: naming::mac(vnfc.vm, cpd),
                    address: links::address(&to, cp, &vnfc.name, &self.taken)?,
                },
            };
            self.taken.extend(card.address.map(|(address, _)| (card.network, address)));
            ways.push((card, to));
        }
        Ok(ways)
    }

    /// Images on the host and volumes on them; returns the nodes that the machine waits for.
    fn content(
        &mut self,
        vnfc: &Vnfc,
        body: &Body,
        host_name: &str,
    ) -> Result<Vec<String>, PlanError> {
        let build = self.build;
        let (vim, host) = (vnfc.vim, vnfc.host);
        let mut after = Vec::new();
        let mut by_digest = BTreeMap::new();
        for needed in body.images() {
            let unknown = (needed.image.size_bytes, false);
            let (size_bytes, carried) =
                build.images.get(&needed.image.id).copied().unwrap_or(unknown);
            let format = component::image_format(&needed.image);
            let image = ImageSpec { digest: needed.digest.clone(), size_bytes, format };
            let node = self.image(vnfc, &image, needed, carried, host_name);
            by_digest.insert(needed.digest.clone(), (node.clone(), image));
            after.push(node);
        }
        for needed in &body.volumes {
            let image = needed.image.as_ref().and_then(|image| by_digest.get(&image.digest));
            let storage = &needed.volume.storage;
            let spec = VolumeSpec {
                id: needed.volume.volume,
                tag: build.tag(&format!("{}/{storage}", vnfc.name)),
                size_gib: needed.size_gib,
                image: image.map(|(_, spec)| spec.clone()),
            };
            let input = VolumeInput { vim, host, volume: needed.volume.volume, spec: Some(spec) };
            let waits: Vec<String> = image.map(|(node, _)| node.clone()).into_iter().collect();
            let name = format!("{}/{storage}", vnfc.name);
            let about = format!("make the volume {storage} of {} on {host_name}", vnfc.name);
            after.push(self.plan.add("ensure_volume", &name, about, json!(input), &waits));
        }
        Ok(after)
    }

    /// The node that brings an image to a host: one for all components there.
    fn image(
        &mut self,
        vnfc: &Vnfc,
        image: &ImageSpec,
        needed: &component::NeededImage,
        carried: bool,
        host_name: &str,
    ) -> String {
        let name = format!("{}@{host_name}", &image.digest.hex()[..16]);
        let id = format!("ensure_image/{name}");
        if self.plan.nodes.iter().any(|node| node.id == id) {
            return id;
        }
        let input = ImageInput {
            vim: vnfc.vim,
            host: vnfc.host,
            image: image.clone(),
            vnfd_id: self.build.vnf.product.vnfd_id.clone(),
            path: needed.image.file.clone().filter(|_| carried),
        };
        let about = format!("bring the image {} to {host_name}", needed.image.name);
        self.plan.add("ensure_image", &name, about, json!(input), &[])
    }
}

/// What the VNF will be when all of it is removed: nothing.
#[must_use]
pub fn removal(vnf: &InstantiatedVnf, granted: &Granted, grace_s: u64) -> Plan {
    let mut plan = Plan::default();
    let gone: Vec<String> =
        vnf.vnfcs.iter().map(|vnfc| nodes::remove(&mut plan, vnfc, grace_s, &[])).collect();
    for network in &vnf.networks {
        let input =
            NetworkInput { vim: network.vim, network: network.network, hosts: vec![], spec: None };
        let about = format!("remove the network {}", network.virtual_link);
        plan.add("delete_network", &network.virtual_link, about, json!(input), &gone);
    }
    let grant = (!granted.id.is_empty()).then(|| granted.id.clone());
    plan.notes = json!(Notes { grant, vims: vims(granted, &vnf.vims), target: None });
    plan
}
