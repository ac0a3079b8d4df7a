//! Adapters for registered VIMs: the one place that knows them all.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use windlass_model::{Host, HostId, Vim as Registered, VimId, VimKind};
use windlass_vim::{Connector, Traced, Vim};
use windlass_vim_libvirt::LibvirtVim;
use windlass_vim_sim::{SimCloud, SimVim};

/// Adapters that are kept of one VIM. It has more than one while some VNFs remember it as it was
/// before a host was added.
const KEPT_OF_ONE: usize = 4;
/// VIMs whose adapters are kept.
const KEPT: usize = 4096;

/// Adapters by their VIMs, the one used last at the end.
#[derive(Debug, Default)]
struct Adapters(Mutex<HashMap<VimId, Vec<Wired>>>);

/// An adapter and the hosts that it was made for.
#[derive(Debug)]
struct Wired {
    hosts: Vec<Host>,
    adapter: Arc<dyn Vim>,
}

impl Wired {
    /// Whether the adapter would be the same one if it were made anew.
    fn fits(&self, hosts: &[Host]) -> bool {
        fn wiring(host: &Host) -> (HostId, &str, &str, Option<(u16, u16)>) {
            (host.id, &host.uri, &host.bridge, host.vlans)
        }
        self.hosts.iter().map(wiring).eq(hosts.iter().map(wiring))
    }
}

/// A connector that knows libvirt and the simulator.
pub fn adapters() -> Arc<dyn Connector> {
    Arc::new(Adapters::default())
}

impl Connector for Adapters {
    fn connect(&self, vim: &Registered) -> Arc<dyn Vim> {
        let mut adapters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if adapters.len() >= KEPT && !adapters.contains_key(&vim.id) {
            adapters.clear();
        }
        let of_vim = adapters.entry(vim.id).or_default();
        let known = of_vim.iter().position(|wired| wired.fits(&vim.hosts));
        let wired = match known {
            Some(position) => of_vim.remove(position),
            None => Wired { hosts: vim.hosts.clone(), adapter: make(vim) },
        };
        let adapter = Arc::clone(&wired.adapter);
        of_vim.push(wired);
        if of_vim.len() > KEPT_OF_ONE {
            of_vim.remove(0);
        }
        adapter
    }
}

fn make(vim: &Registered) -> Arc<dyn Vim> {
    match vim.kind {
        VimKind::Libvirt => {
            let adapter = LibvirtVim::connect(vim.hosts.clone());
            Arc::new(Traced::new("libvirt", Arc::new(adapter)))
        }
        VimKind::Sim => {
            let uri = vim.hosts.first().map_or("", |host| host.uri.as_str());
            let cloud = SimCloud::from_uri(uri).unwrap_or_else(|| SimCloud::named(uri));
            let adapter = SimVim::new(cloud, vim.hosts.clone());
            Arc::new(Traced::new("sim", Arc::new(adapter)))
        }
    }
}
