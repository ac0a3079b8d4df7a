//! Volumes and machines on their hosts.

use tokio::time::Instant;
use windlass_model::{HostId, VmId, VolumeId};
use windlass_vim::{DiskSource, Error, Owned, OwnedKind, Vm, VmSpec, Volume, VolumeSpec};

use crate::capacity::{admit_vm, admit_volume};
use crate::fact::Fact;
use crate::image::images_of;
use crate::machine::Machine;
use crate::world::{World, missing};

const GIB: u64 = 1 << 30;

impl World {
    pub(crate) fn ensure_volume(
        &mut self,
        host: HostId,
        spec: &VolumeSpec,
    ) -> Result<Volume, Error> {
        let world = self.host(host)?;
        let size_gib = if let Some(volume) = world.volumes.get(&spec.id) {
            volume.size_gib
        } else {
            if let Some(image) = &spec.image {
                world.need_image(host, &image.digest)?;
            }
            admit_volume(host, world, spec.size_gib)?;
            self.change(Fact::Volume { host, spec: spec.clone() });
            spec.size_gib
        };
        Ok(Volume { id: spec.id, size_bytes: size_gib.saturating_mul(GIB) })
    }

    pub(crate) fn delete_volume(&mut self, host: HostId, volume: VolumeId) -> Result<(), Error> {
        let world = self.host(host)?;
        let wanted = DiskSource::Volume(volume);
        let holds = |vm: &&Machine| vm.spec.disks.iter().any(|disk| disk.source == wanted);
        if let Some(vm) = world.machines.values().find(holds) {
            let reason = format!("machine {} has it", vm.spec.name);
            let action = format!("remove volume {volume}");
            return Err(Error::Refused { host, action, reason });
        }
        if world.volumes.contains_key(&volume) {
            self.change(Fact::VolumeGone { host, volume });
        }
        Ok(())
    }

    pub(crate) fn ensure_vm(&mut self, host: HostId, spec: &VmSpec) -> Result<Vm, Error> {
        self.host(host)?.keep_off(host, spec.id)?;
        if !self.host(host)?.machines.contains_key(&spec.id) {
            self.admit(host, spec)?;
            self.change(Fact::Machine { host, spec: Box::new(spec.clone()) });
        }
        Ok(self.machine(host, spec.id)?.view(host, Instant::now()))
    }

    /// Checks that a new machine finds a free name, room, and all that it refers to.
    fn admit(&self, host: HostId, spec: &VmSpec) -> Result<(), Error> {
        let world = self.host(host)?;
        if world.foreign.values().any(|name| *name == spec.name) {
            return Err(Error::NotOurs { host, what: format!("machine {}", spec.name) });
        }
        if let Some(rival) = world.machines.values().find(|vm| vm.spec.name == spec.name) {
            let reason = format!("machine {} of ours has that name", rival.spec.id);
            let action = format!("define machine {}", spec.name);
            return Err(Error::Refused { host, action, reason });
        }
        for disk in &spec.disks {
            if let DiskSource::Volume(volume) = &disk.source
                && !world.volumes.contains_key(volume)
            {
                return Err(missing(host, format!("volume {volume}")));
            }
        }
        images_of(spec).try_for_each(|image| world.need_image(host, image))?;
        for nic in &spec.nics {
            let network = self.networks.get(&nic.network);
            if !network.is_some_and(|network| network.hosts.contains(&host)) {
                return Err(missing(host, format!("network {}", nic.network)));
            }
        }
        admit_vm(host, world, spec)
    }

    pub(crate) fn delete_vm(&mut self, host: HostId, vm: VmId) -> Result<(), Error> {
        self.host(host)?.keep_off(host, vm)?;
        self.remove_machine(host, vm);
        Ok(())
    }

    /// What carries our tag on these hosts, as far as they answer.
    pub(crate) fn owned(&self, hosts: impl Iterator<Item = HostId>) -> Vec<Owned> {
        let mut owned = Vec::new();
        for id in hosts {
            let Some(world) = self.hosts.get(&id).filter(|world| world.answers) else { continue };
            let thing = |kind, thing: String, name: String, tag: &windlass_model::Tag| Owned {
                host: id,
                kind,
                id: thing,
                name,
                tag: tag.clone(),
            };
            owned.extend(world.machines.values().map(|vm| {
                thing(OwnedKind::Vm, vm.spec.id.to_string(), vm.spec.name.clone(), &vm.spec.tag)
            }));
            owned.extend(world.volumes.values().map(|volume| {
                let name = volume.id.to_string();
                thing(OwnedKind::Volume, name.clone(), name, &volume.tag)
            }));
            let here = self.networks.values().filter(|network| network.hosts.contains(&id));
            owned.extend(here.map(|network| {
                let name = network.spec.id.to_string();
                thing(OwnedKind::Network, name.clone(), name, &network.spec.tag)
            }));
        }
        owned
    }
}
