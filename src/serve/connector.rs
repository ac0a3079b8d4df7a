//! Adapters for registered VIMs: the one place that knows them all.

use std::sync::{Arc, Mutex, PoisonError};

use windlass_model::{HostId, Vim as Registered, VimId, VimKind};
use windlass_vim::{Connector, Traced, Vim};
use windlass_vim_libvirt::LibvirtVim;
use windlass_vim_sim::{SimCloud, SimVim};

/// What an adapter depends on; one that differs needs a new adapter.
type Wiring = Vec<(HostId, String, String, Option<(u16, u16)>)>;

/// Adapters that are kept. A VIM has more than one while some VNFs remember it as it was before a
/// host was added.
const KEPT: usize = 64;

/// Adapters, the one used last at the end.
#[derive(Debug, Default)]
struct Adapters(Mutex<Vec<Wired>>);

/// An adapter and what it was made for.
#[derive(Debug)]
struct Wired {
    vim: VimId,
    wiring: Wiring,
    adapter: Arc<dyn Vim>,
}

/// A connector that knows libvirt and the simulator.
pub fn adapters() -> Arc<dyn Connector> {
    Arc::new(Adapters::default())
}

impl Connector for Adapters {
    fn connect(&self, vim: &Registered) -> Arc<dyn Vim> {
        let wiring: Wiring = vim
            .hosts
            .iter()
            .map(|host| (host.id, host.uri.clone(), host.bridge.clone(), host.vlans))
            .collect();
        let mut adapters = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = adapters.iter().position(|w| w.vim == vim.id && w.wiring == wiring);
        let wired = match known {
            Some(position) => adapters.remove(position),
            None => Wired { vim: vim.id, wiring, adapter: make(vim) },
        };
        let adapter = Arc::clone(&wired.adapter);
        adapters.push(wired);
        if adapters.len() > KEPT {
            adapters.remove(0);
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
