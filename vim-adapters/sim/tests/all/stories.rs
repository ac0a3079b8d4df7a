//! Stories of a site: room, routes, names and size.

use std::time::Duration;

use windlass_model::{Capacity, VmId};
use windlass_vim::{Error, ExecOutput, Vim as _, VmSpec, VmState};
use windlass_vim_sim::{SimCloud, SimVim};

use crate::site::{Owned, host, site};

#[tokio::test]
async fn a_name_is_one_cloud_everywhere() {
    let one = SimVim::new(SimCloud::named("shared"), vec![host(1)]);
    let other = SimVim::new(SimCloud::from_uri("sim:shared").unwrap(), vec![host(1)]);
    let volume = Owned::new().volume(1);
    one.ensure_volume(host(1).id, &volume).await.unwrap();
    assert_eq!(other.owned().await.unwrap().len(), 1);
    assert!(SimCloud::from_uri("qemu:///system").is_none());
}

#[tokio::test]
async fn a_full_host_says_what_it_lacks() {
    let cloud = SimCloud::new();
    let capacity = Capacity { vcpus: 4, memory_mib: 3000, storage_gib: 25, ..Capacity::default() };
    cloud.set_usual_capacity(capacity);
    let (vim, hosts) = site(&cloud, 1);
    let owned = Owned::new();
    for number in [1, 2] {
        owned.run(&vim, hosts[0], &owned.vm(number, &[])).await;
    }

    let third = vim.ensure_volume(hosts[0], &owned.volume(3)).await;
    assert!(matches!(third, Err(Error::NoRoom { .. })), "{third:?}");
    let bare =
        |vcpus, memory_mib| VmSpec { disks: Vec::new(), vcpus, memory_mib, ..owned.vm(3, &[]) };
    // Two machines with two CPUs each share four; a third one shares them as well.
    vim.ensure_vm(hosts[0], &bare(3, 100)).await.unwrap();
    vim.delete_vm(hosts[0], owned.vm(3, &[]).id).await.unwrap();
    vim.delete_vm(hosts[0], owned.vm(2, &[]).id).await.unwrap();
    let error = vim.ensure_vm(hosts[0], &bare(1, 2000)).await.unwrap_err();
    assert!(error.to_string().contains("memory"), "{error}");
    vim.ensure_vm(hosts[0], &bare(1, 1500)).await.unwrap();
}

#[tokio::test]
async fn huge_pages_and_numa_nodes_run_out_each_for_itself() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1);
    let owned = Owned::new();
    let huge = |number, numa_node| VmSpec {
        disks: Vec::new(),
        memory_mib: 10 * 1024,
        hugepage_kib: Some(1 << 20),
        numa_node,
        ..owned.vm(number, &[])
    };
    vim.ensure_vm(hosts[0], &huge(1, Some(0))).await.unwrap();
    let error = vim.ensure_vm(hosts[0], &huge(2, Some(0))).await.unwrap_err();
    assert!(error.to_string().contains("pages of 1048576 KiB"), "{error}");
    vim.ensure_vm(hosts[0], &huge(2, Some(1))).await.unwrap();
    let error = vim.ensure_vm(hosts[0], &huge(3, Some(7))).await.unwrap_err();
    assert!(error.to_string().contains("no NUMA node 7"), "{error}");
}

#[tokio::test]
async fn vlans_run_out_and_come_back() {
    let narrow = windlass_model::Host { vlans: Some((10, 11)), ..host(1) };
    let vim = SimVim::new(SimCloud::new(), vec![narrow]);
    let owned = Owned::new();
    let (hosts, mut vlans) = ([host(1).id], Vec::new());
    for number in [1, 2] {
        vlans.push(vim.ensure_network(&hosts, &owned.network(number)).await.unwrap().vlan);
    }
    assert_eq!(vlans, [Some(10), Some(11)]);
    let full = vim.ensure_network(&hosts, &owned.network(3)).await;
    assert!(matches!(full, Err(Error::NoRoom { .. })), "{full:?}");
    vim.delete_network(owned.network(1).id).await.unwrap();
    assert_eq!(vim.ensure_network(&hosts, &owned.network(3)).await.unwrap().vlan, Some(10));
}

#[tokio::test]
async fn a_packet_goes_through_a_router_and_not_around_it() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 3);
    let owned = Owned::new();
    let through = |mut vm: VmSpec, gateway: &str| {
        vm.nics[0].gateway = Some(gateway.parse().unwrap());
        vm
    };
    let client = through(owned.vm(1, &[(1, "10.0.1.10")]), "10.0.1.1");
    let router = owned.vm(2, &[(1, "10.0.1.1"), (2, "10.0.2.1")]);
    let server = through(owned.vm(3, &[(2, "10.0.2.10")]), "10.0.2.1");
    for (host, vm) in hosts.iter().zip([&client, &router, &server]) {
        owned.run(&vim, *host, vm).await;
    }

    let there = || ping(&vim, hosts[0], client.id, "10.0.2.10");
    assert_eq!(there().await.status, 0);
    assert_eq!(ping(&vim, hosts[2], server.id, "10.0.1.10").await.status, 0);
    assert_eq!(ping(&vim, hosts[0], client.id, "10.0.2.99").await.status, 1);
    vim.stop_vm(hosts[1], router.id, Duration::ZERO).await.unwrap();
    let lost = there().await;
    assert!(lost.status == 1 && lost.stdout.contains("100% packet loss"), "{lost:?}");
}

#[tokio::test]
async fn without_vlans_all_networks_are_one_segment() {
    let flat = windlass_model::Host { vlans: None, ..host(1) };
    let vim = SimVim::new(SimCloud::new(), vec![flat]);
    let owned = Owned::new();
    let near = owned.vm(1, &[(1, "10.0.1.10")]);
    let far = owned.vm(2, &[(2, "10.0.1.11")]);
    for vm in [&near, &far] {
        owned.run(&vim, host(1).id, vm).await;
    }
    assert_eq!(ping(&vim, host(1).id, near.id, "10.0.1.11").await.status, 0);
}

#[tokio::test]
async fn ten_thousand_machines_run_on_a_thousand_hosts() {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, 1024);
    let owned = Owned::new();
    for number in 0..10_000_u128 {
        let host = hosts[usize::try_from(number % 1024).unwrap()];
        owned.run(&vim, host, &owned.vm(number, &[])).await;
    }
    let machines = cloud.machines();
    assert_eq!(machines.len(), 10_000);
    assert!(machines.iter().all(|vm| vm.state == VmState::Running));
    assert_eq!(vim.owned().await.unwrap().len(), 20_000);
}

async fn ping(vim: &SimVim, host: windlass_model::HostId, vm: VmId, to: &str) -> ExecOutput {
    let argv = ["ping", "-c", "2", to].map(str::to_owned);
    vim.exec(host, vm, &argv, Duration::from_secs(5)).await.unwrap()
}
