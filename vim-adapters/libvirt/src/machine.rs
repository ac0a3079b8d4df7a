//! Machines: defined, started, stopped, removed. Nothing without our metadata is touched.

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;
use virt::connect::Connect;
use virt::domain::Domain;
use virt::error::ErrorNumber;
use virt_sys as sys;
use windlass_model::{Accelerator, HostId, Tag, VmId};
use windlass_vim::{Boot, DiskSource, Result, Vm, VmSpec, VmState};

use crate::domain::{self, DiskFile, Parts};
use crate::fault::{Fault, Outcome};
use crate::link::Link;
use crate::pool::{self, Pool};
use crate::xml::Element;
use crate::{agent, console, image, metadata, network, probe, seed};

/// How often a machine is started that somebody else seems to start as well.
const STARTS: u32 = 8;
/// How often a machine that shuts down, or that somebody else starts, is looked at.
const POLL: Duration = Duration::from_millis(250);
/// A guest that still boots does not hear the first request: it is asked again so often.
const ASK_EVERY: Duration = Duration::from_secs(5);

/// Everything that libvirt keeps beside a definition goes with it.
const UNDEFINE: u32 = sys::VIR_DOMAIN_UNDEFINE_MANAGED_SAVE
    | sys::VIR_DOMAIN_UNDEFINE_SNAPSHOTS_METADATA
    | sys::VIR_DOMAIN_UNDEFINE_CHECKPOINTS_METADATA
    | sys::VIR_DOMAIN_UNDEFINE_NVRAM;

/// Defines a machine unless it is there.
pub(crate) async fn ensure(link: &Link, spec: &VmSpec) -> Result<Vm> {
    let session = link.session().await?;
    let accelerator = probe::accelerator(link, &session).await?;
    let (host, spec) = (link.host.id, spec.clone());
    link.call_alone(spec.id, "define a machine", move |session| {
        let domain = define(session.connect(), &spec, accelerator)?;
        read(&domain, host)
    })
    .await
}

/// Starts a machine that does not run.
pub(crate) async fn start(link: &Link, vm: VmId) -> Result<()> {
    link.call_alone(vm, "start a machine", move |session| {
        let mut attempts = STARTS;
        loop {
            let domain = existing(session.connect(), vm)?;
            if domain.is_active()? {
                return wake(&domain);
            }
            console::mark_boot(session.connect(), &domain, vm)?;
            match domain.create() {
                Ok(_) => return Ok(()),
                // Somebody else starts it, such as what is left of a process that was killed. That
                // may come to nothing, so it counts only when the machine runs.
                Err(error) if attempts > 0 && error.code() == ErrorNumber::OperationInvalid => {
                    attempts -= 1;
                    std::thread::sleep(POLL);
                }
                Err(_) if domain.is_active()? => return Ok(()),
                Err(error) => return Err(error.into()),
            }
        }
    })
    .await
}

/// Lets a machine that is active run. One that somebody else starts is suspended at first, and
/// cannot be resumed any more when its start is over.
fn wake(domain: &Domain) -> Outcome<()> {
    if state(domain)? != VmState::Paused {
        return Ok(());
    }
    match domain.resume() {
        Err(_) if state(domain)? == VmState::Running => Ok(()),
        resumed => Ok(resumed.map(drop)?),
    }
}

/// Asks the guest to shut down and cuts the power when `grace` is over.
pub(crate) async fn stop(link: &Link, vm: VmId, grace: Duration) -> Result<()> {
    let deadline = Instant::now() + grace;
    let mut ask_at = Instant::now();
    loop {
        let now = Instant::now();
        let (cut, ask) = (now >= deadline, now >= ask_at);
        let stopped = link.call_alone(vm, "stop a machine", move |session| {
            let domain = existing(session.connect(), vm)?;
            if domain.is_active()? && cut {
                cut_off(&domain)?;
            } else if domain.is_active()? && ask {
                ask_to_shut_down(&domain);
            }
            Ok(!domain.is_active()?)
        });
        if stopped.await? {
            return Ok(());
        }
        if ask {
            ask_at = now + ASK_EVERY;
        }
        tokio::time::sleep_until(deadline.min(Instant::now() + POLL)).await;
    }
}

/// Removes a machine, running or not, and then its seed, console log and record.
pub(crate) async fn delete(link: &Link, vm: VmId) -> Result<()> {
    link.call_alone(vm, "remove a machine", move |session| {
        if let Some(domain) = find(session.connect(), vm)? {
            if domain.is_active()? {
                cut_off(&domain)?;
            }
            domain.undefine_flags(UNDEFINE)?;
        }
        let pool = Pool::open(session.connect())?;
        pool.refresh();
        pool.remove_all(&vm.to_string())
    })
    .await
}

/// A machine as it is now.
pub(crate) async fn get(link: &Link, vm: VmId) -> Result<Option<Vm>> {
    let host = link.host.id;
    link.call("look at a machine", move |session| {
        find(session.connect(), vm)?.map(|domain| read(&domain, host)).transpose()
    })
    .await
}

/// The ids of our machines.
pub(crate) fn ours(connect: &Connect) -> Outcome<HashSet<Uuid>> {
    let mut ours = HashSet::new();
    for domain in connect.list_all_domains(0)? {
        if let Ok(Some(_)) = tag(&domain) {
            ours.insert(domain.get_uuid()?);
        }
    }
    Ok(ours)
}

/// Whose a machine is; `None` when it is not one of ours.
pub(crate) fn tag(domain: &Domain) -> Outcome<Option<Tag>> {
    let kind = sys::VIR_DOMAIN_METADATA_ELEMENT.cast_signed();
    match domain.get_metadata(kind, Some(metadata::NAMESPACE), 0) {
        Ok(xml) => Ok(Element::parse(&xml).as_ref().and_then(metadata::tag_of)),
        Err(error) if error.code() == ErrorNumber::NoDomainMetadata => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// A machine of ours.
///
/// # Errors
/// [`Fault::NotOurs`] when somebody else's machine has the id.
pub(crate) fn find(connect: &Connect, vm: VmId) -> Outcome<Option<Domain>> {
    let domain = match Domain::lookup_by_uuid(connect, vm.0) {
        Ok(domain) => domain,
        Err(error) if error.code() == ErrorNumber::NoDomain => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    match tag(&domain)? {
        Some(_) => Ok(Some(domain)),
        None => Err(Fault::NotOurs(format!("the machine {vm}"))),
    }
}

/// A machine of ours that must be there.
pub(crate) fn existing(connect: &Connect, vm: VmId) -> Outcome<Domain> {
    find(connect, vm)?.ok_or_else(|| Fault::Missing(format!("the machine {vm}")))
}

/// Whether machines of ours run; those that are not there are left out.
pub(crate) async fn states(link: &Link, vms: &[VmId]) -> Result<BTreeMap<VmId, VmState>> {
    let vms = vms.to_vec();
    link.call("look at its machines", move |session| {
        let mut states = BTreeMap::new();
        for vm in vms {
            match find(session.connect(), vm) {
                Ok(Some(domain)) => drop(states.insert(vm, state(&domain)?)),
                // Where somebody else's machine has the id, ours is not there.
                Ok(None) | Err(Fault::NotOurs(_)) => {}
                Err(fault) => return Err(fault),
            }
        }
        Ok(states)
    })
    .await
}

/// Whether a machine runs.
pub(crate) fn state(domain: &Domain) -> Outcome<VmState> {
    let (state, reason) = domain.get_state()?;
    Ok(match (state, reason.cast_unsigned()) {
        (sys::VIR_DOMAIN_PAUSED | sys::VIR_DOMAIN_PMSUSPENDED, _) => VmState::Paused,
        (sys::VIR_DOMAIN_CRASHED, _)
        | (sys::VIR_DOMAIN_SHUTOFF, sys::VIR_DOMAIN_SHUTOFF_CRASHED) => VmState::Crashed,
        (sys::VIR_DOMAIN_SHUTOFF, _) => VmState::Stopped,
        _ => VmState::Running,
    })
}

fn read(domain: &Domain, host: HostId) -> Outcome<Vm> {
    let id = VmId(domain.get_uuid()?);
    let tag = tag(domain)?.ok_or_else(|| Fault::NotOurs(format!("the machine {id}")))?;
    let state = state(domain)?;
    let addresses = match state {
        VmState::Running => agent::addresses(domain),
        VmState::Paused | VmState::Stopped | VmState::Crashed => Vec::new(),
    };
    Ok(Vm { id, tag, name: domain.get_name()?, host, state, addresses })
}

fn define(connect: &Connect, spec: &VmSpec, accelerator: Accelerator) -> Outcome<Domain> {
    if let Some(domain) = find(connect, spec.id)? {
        return Ok(domain);
    }
    if Domain::lookup_by_name(connect, &spec.name).is_ok() {
        return Err(Fault::NotOurs(format!("a machine named {}", spec.name)));
    }
    let pool = Pool::open(connect)?;
    let disks = disks(&pool, spec)?;
    let networks = networks(connect, spec)?;
    let kernel = kernel(&pool, spec)?;
    let cpuset = match spec.numa_node {
        Some(node) => Some(probe::cpus_of_node(connect, node)?),
        None => None,
    };
    // From here on there is something to clean up, so it is written down whose it is.
    pool.record(&spec.id.to_string(), &spec.tag)?;
    let parts = Parts {
        accelerator,
        disks,
        networks,
        kernel,
        seed: write_seed(&pool, spec)?,
        console: console::make(&pool, spec.id)?,
        cpuset,
    };
    Ok(Domain::define_xml(connect, &domain::describe(spec, &parts).to_string())?)
}

fn disks(pool: &Pool<'_>, spec: &VmSpec) -> Outcome<Vec<DiskFile>> {
    let file = |source: &DiskSource| match source {
        DiskSource::Volume(id) => {
            let missing = || Fault::Missing(format!("the volume {id}"));
            let volume = pool.find(&id.to_string())?.ok_or_else(missing)?;
            Ok(DiskFile::Volume(volume.get_path()?))
        }
        DiskSource::Image(digest) => Ok(DiskFile::Disc(image::path(pool, digest)?)),
    };
    spec.disks.iter().map(|disk| file(&disk.source)).collect()
}

fn networks(connect: &Connect, spec: &VmSpec) -> Outcome<Vec<String>> {
    spec.nics.iter().map(|nic| network::name(connect, nic.network)).collect()
}

fn kernel(pool: &Pool<'_>, spec: &VmSpec) -> Outcome<Option<(String, Option<String>)>> {
    let Boot::Kernel { kernel, initrd, .. } = &spec.boot else { return Ok(None) };
    let initrd = initrd.as_ref().map(|initrd| image::path(pool, initrd)).transpose()?;
    Ok(Some((image::path(pool, kernel)?, initrd)))
}

/// Writes the seed anew: a machine that is not defined may have left half of one.
fn write_seed(pool: &Pool<'_>, spec: &VmSpec) -> Outcome<Option<String>> {
    let Some(seed) = &spec.seed else { return Ok(None) };
    let too_large = || Fault::Refused("the seed is too large".to_owned());
    let disc = seed::disc(spec, seed).ok_or_else(too_large)?;
    let name = format!("{}-seed", spec.id);
    pool.remove(&name)?;
    let volume = pool.ensure(&name, &pool::raw(&name, disc.len() as u64))?;
    pool.write(&volume, &disc)?;
    Ok(Some(volume.get_path()?))
}

/// Asks through the agent where one answers, by the power button otherwise.
fn ask_to_shut_down(domain: &Domain) {
    let by_agent = agent::answers(domain)
        && domain.shutdown_flags(sys::VIR_DOMAIN_SHUTDOWN_GUEST_AGENT).is_ok();
    if !by_agent {
        // A guest that cannot be asked is cut off when its grace is over.
        let _ = domain.shutdown_flags(sys::VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN);
    }
}

fn cut_off(domain: &Domain) -> Outcome<()> {
    match domain.destroy() {
        Ok(()) => Ok(()),
        // It may have stopped by itself meanwhile.
        Err(error) => {
            if domain.is_active()? {
                Err(error.into())
            } else {
                Ok(())
            }
        }
    }
}
