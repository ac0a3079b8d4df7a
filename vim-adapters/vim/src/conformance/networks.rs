//! Stories of networks.

use std::collections::BTreeSet;

use futures::future::join_all;

use super::scene::{Scene, subnet};
use super::{Expect, Failure, that};
use crate::{NetworkSpec, OwnedKind};

pub(super) async fn a_network_spans_hosts(scene: &Scene<'_>) -> Result<(), Failure> {
    let (vim, here, there) = (scene.vim(), scene.here(), scene.there());
    let router = subnet(1).hosts().next();
    let spec = NetworkSpec { gateway: router, mtu: Some(1400), ..scene.network_spec(subnet(1)) };

    let first = vim.ensure_network(&[here], &spec).await.expecting("a network can be made")?;
    that(first.spec == spec && first.hosts == [here], "a network is where it was asked for")?;

    let wider = vim.ensure_network(&[there], &spec).await.expecting("a network can be widened")?;
    let hosts: BTreeSet<_> = wider.hosts.iter().copied().collect();
    that(hosts == BTreeSet::from([here, there]), "a widened network is on the old and new hosts")?;
    that(wider.vlan == first.vlan, "a network has the same VLAN on all hosts")?;

    let again = vim.ensure_network(&[here, there], &spec).await;
    let again = again.expecting("a network that exists is found")?;
    that(again.vlan == first.vlan, "a network that is found has kept its VLAN")?;

    let found = vim.network(spec.id).await.expecting("a network can be asked for")?;
    let Some(found) = found else {
        return Err(Failure::new("a network that was made is not there"));
    };
    let hosts: BTreeSet<_> = found.hosts.iter().copied().collect();
    that(hosts == BTreeSet::from([here, there]), "a network that is asked for tells its hosts")?;
    that(found.vlan == first.vlan, "a network that is asked for tells its VLAN")?;
    that(found.spec == spec, format!("it tells what it was made with: {found:?}"))?;

    vim.delete_network(spec.id).await.expecting("a network can be removed")?;
    let gone = vim.network(spec.id).await.expecting("a removed network can be asked for")?;
    that(gone.is_none(), "a removed network is not there")?;
    let left = scene.owned().await?;
    that(left.is_empty(), "a removed network is gone from all hosts")
}

pub(super) async fn networks_made_at_once_are_distinct(scene: &Scene<'_>) -> Result<(), Failure> {
    const NETWORKS: u8 = 12;
    let (vim, hosts) = (scene.vim(), [scene.here(), scene.there()]);
    let specs: Vec<_> = (1..=NETWORKS).map(|i| scene.network_spec(subnet(i))).collect();

    // Each is asked for twice at once, as two operations that share a link would.
    let calls = specs.iter().chain(&specs).map(|spec| vim.ensure_network(&hosts, spec));
    let mut made = Vec::new();
    for answer in join_all(calls).await {
        made.push(answer.expecting("many networks can be made at once")?);
    }

    let (first, second) = made.split_at(specs.len());
    let agree =
        first.iter().zip(second).all(|(one, two)| one.spec == two.spec && one.vlan == two.vlan);
    that(agree, "two callers of one network get the same VLAN")?;
    let vlans: Vec<u16> = first.iter().filter_map(|network| network.vlan).collect();
    let distinct: BTreeSet<u16> = vlans.iter().copied().collect();
    that(distinct.len() == vlans.len(), format!("VLANs of networks differ, but are {vlans:?}"))?;

    let listed = scene.owned().await?;
    let listed = listed.iter().filter(|thing| thing.kind == OwnedKind::Network).count();
    let wanted = specs.len() * hosts.len();
    that(listed == wanted, format!("{wanted} networks are listed, but {listed} are"))
}
