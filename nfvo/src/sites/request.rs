//! What a client says of VIMs and hosts, made into nouns.

use windlass_api::windlass::{RegisterHostRequest, RegisterVimRequest};
use windlass_model::{Accelerator, Capacity, Host, HostId, HostState, Vim, VimId, VimKind};

use crate::error::{Error, Result};

/// The last VLAN id that a frame can carry.
const VLAN_MAX: u16 = 4094;

/// The VIM that a request describes.
pub(super) fn vim(request: &RegisterVimRequest) -> Result<Vim> {
    let name = named("VIM", &request.name)?;
    let kind = VimKind::from_vim_type(&request.vim_type).ok_or_else(|| {
        let known = [VimKind::Libvirt, VimKind::Sim].map(VimKind::vim_type).join(" or ");
        Error::Unprocessable(format!("there is no vimType {:?}: {known}", request.vim_type))
    })?;
    let mut vim = Vim { id: VimId::new(), name, kind, hosts: Vec::new() };
    for request in &request.hosts {
        add(&mut vim, request)?;
    }
    Ok(vim)
}

/// Adds the host that a request describes, unless its name or its hypervisor is there already.
pub(super) fn add(vim: &mut Vim, request: &RegisterHostRequest) -> Result<HostId> {
    let host = host(request)?;
    if let Some(twin) = vim.hosts.iter().find(|one| one.name == host.name || one.uri == host.uri) {
        let told = format!("VIM {} already has the host {} at {}", vim.name, twin.name, twin.uri);
        return Err(Error::Conflict(told));
    }
    let id = host.id;
    vim.hosts.push(host);
    Ok(id)
}

fn host(request: &RegisterHostRequest) -> Result<Host> {
    if request.uri.trim().is_empty() {
        return Err(Error::Unprocessable("a host needs a uri".to_owned()));
    }
    Ok(Host {
        id: HostId::new(),
        name: named("host", &request.name)?,
        zone: named("zone", &request.zone)?,
        uri: request.uri.clone(),
        bridge: request.bridge.clone().unwrap_or_default(),
        vlans: request.vlans.as_deref().map(vlans).transpose()?,
        drained: false,
        state: HostState::Unreachable,
        problem: None,
        capacity: Capacity::default(),
        accelerator: Accelerator::Tcg,
    })
}

fn named(what: &str, name: &str) -> Result<String> {
    let good = !name.is_empty() && name.trim() == name && !name.chars().any(char::is_control);
    if good {
        return Ok(name.to_owned());
    }
    Err(Error::Unprocessable(format!("{name:?} cannot be the name of a {what}")))
}

/// `100-199` as its first and last id.
fn vlans(text: &str) -> Result<(u16, u16)> {
    let parse = || {
        let (first, last) = text.split_once('-').unwrap_or((text, text));
        let range = (first.trim().parse().ok()?, last.trim().parse().ok()?);
        (1 <= range.0 && range.0 <= range.1 && range.1 <= VLAN_MAX).then_some(range)
    };
    parse().ok_or_else(|| {
        Error::Unprocessable(format!("{text:?} is no range of VLANs: something like 100-199 is"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_of_vlans_has_two_ends_in_order() {
        assert_eq!(vlans("100-199").unwrap(), (100, 199));
        assert_eq!(vlans("7").unwrap(), (7, 7));
        for bad in ["", "0-5", "9-3", "100-4095", "a-b", "1-2-3"] {
            assert!(vlans(bad).is_err(), "{bad:?} was taken for a range");
        }
    }
}
