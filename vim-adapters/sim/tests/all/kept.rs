//! Clouds in folders: they outlive their processes, and processes share them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{copy, metadata, read, write};
use std::path::Path;

use tempfile::TempDir;
use windlass_model::HostId;
use windlass_vim::{Error, Owned as Resource, Seed, Vim as _, Vm, VmState};
use windlass_vim_sim::{Chances, SimCloud, SimVim};

use crate::site::{Content, Owned, site};

/// A cloud as another process would find it.
fn open(folder: &Path) -> (SimVim, Vec<HostId>) {
    site(&SimCloud::kept_in(folder), 2)
}

/// What there is: what a case would call the whole truth.
async fn inventory(vim: &SimVim) -> (Vec<Resource>, Vec<Vm>) {
    let mut machines = vim.cloud().machines();
    machines.sort_by_key(|vm| vm.id);
    (vim.owned().await.unwrap(), machines)
}

#[tokio::test(start_paused = true)]
async fn machines_run_on_while_nobody_looks() {
    let (folder, ours) = (TempDir::new().unwrap(), Owned::new());
    let (vim, hosts) = open(folder.path());
    let spec = ours.vm(1, &[(1, "10.0.1.1")]);
    ours.run(&vim, hosts[0], &spec).await;
    ours.run(&vim, hosts[1], &ours.vm(2, &[(1, "10.0.1.2")])).await;
    vim.cloud().crash(ours.vm(2, &[]).id);
    vim.ensure_image(hosts[0], &Content("disk").spec(), &Content("disk")).await.unwrap();
    let before = inventory(&vim).await;
    drop(vim);

    let (vim, _) = open(folder.path());
    assert_eq!(inventory(&vim).await, before);
    assert_eq!(
        before.1.iter().map(|vm| vm.state).collect::<Vec<_>>(),
        [VmState::Running, VmState::Crashed]
    );
    assert!(vim.remove_image(hosts[0], &Content("disk").spec().digest).await.unwrap());
}

#[tokio::test(start_paused = true)]
async fn a_journal_that_ends_anywhere_is_the_sum_of_its_whole_lines() {
    let (folder, ours) = (TempDir::new().unwrap(), Owned::new());
    let (vim, hosts) = open(folder.path());
    let journal = folder.path().join("journal");
    let mut states = vec![(metadata(&journal).unwrap().len(), inventory(&vim).await)];
    let network = ours.network(1);
    let vm = ours.vm(1, &[(1, "10.0.1.1")]);
    for call in 0..8 {
        match call {
            0 => drop(vim.ensure_network(&[hosts[0]], &network).await.unwrap()),
            1 => drop(vim.ensure_volume(hosts[0], &ours.volume(1)).await.unwrap()),
            2 => drop(vim.ensure_vm(hosts[0], &vm).await.unwrap()),
            3 => vim.start_vm(hosts[0], vm.id).await.unwrap(),
            4 => vim.cloud().host_power_loss(hosts[0]),
            5 => vim.cloud().host_up(hosts[0]),
            6 => vim.delete_vm(hosts[0], vm.id).await.unwrap(),
            _ => vim.delete_network(network.id).await.unwrap(),
        }
        states.push((metadata(&journal).unwrap().len(), inventory(&vim).await));
    }
    let whole = read(&journal).unwrap();
    assert_eq!(states.last().unwrap().0, whole.len() as u64);

    for cut in states[0].0..=whole.len() as u64 {
        write(&journal, &whole[..usize::try_from(cut).unwrap()]).unwrap();
        let (_, expected) = states.iter().rev().find(|(length, _)| *length <= cut).unwrap();
        let (vim, _) = open(folder.path());
        assert_eq!(inventory(&vim).await, *expected, "cut at byte {cut}");
        if cut % 16 != 0 {
            continue;
        }
        // And life goes on, for this process and the next.
        vim.cloud().host_up(hosts[0]);
        vim.ensure_volume(hosts[0], &ours.volume(9)).await.unwrap();
        let (next, _) = open(folder.path());
        assert_eq!(inventory(&next).await, inventory(&vim).await, "cut at byte {cut}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_that_share_a_cloud_see_one_world() {
    let folder = TempDir::new().unwrap();
    let workers = (0..4).map(|worker| {
        let (vim, hosts) = open(folder.path());
        tokio::spawn(async move {
            let ours = Owned::new();
            for number in 0..8 {
                let number = worker * 8 + number;
                let spec = ours.vm(number, &[(number, &format!("10.0.{number}.1"))]);
                ours.run(&vim, hosts[0], &spec).await;
            }
        })
    });
    for worker in workers.collect::<Vec<_>>() {
        worker.await.unwrap();
    }
    let (vim, hosts) = open(folder.path());
    assert_eq!(vim.cloud().machines().len(), 32);
    let mut vlans = BTreeSet::new();
    for number in 0..32 {
        vlans.insert(vim.network(Owned::new().network(number).id).await.unwrap().unwrap().vlan);
    }
    assert_eq!(vlans.len(), 32, "no two networks have one VLAN");
    let (other, _) = open(folder.path());
    other.delete_vm(hosts[0], Owned::new().vm(7, &[]).id).await.unwrap();
    assert_eq!(vim.vm(hosts[0], Owned::new().vm(7, &[]).id).await.unwrap(), None);
}

#[tokio::test(start_paused = true)]
async fn a_journal_stays_as_short_as_its_world() {
    let (folder, ours) = (TempDir::new().unwrap(), Owned::new());
    let (vim, hosts) = open(folder.path());
    let (onlooker, _) = open(folder.path());
    let mut spec = ours.vm(1, &[(1, "10.0.1.1")]);
    let user_data = "#".repeat(20_000);
    spec.seed = Some(Seed { user_data, meta_data: BTreeMap::new() });
    ours.run(&vim, hosts[0], &spec).await;
    for round in 0..100 {
        vim.delete_vm(hosts[0], spec.id).await.unwrap();
        vim.ensure_vm(hosts[0], &spec).await.unwrap();
        if round % 10 == 0 {
            assert_eq!(inventory(&onlooker).await, inventory(&vim).await);
        }
    }
    assert_eq!(inventory(&onlooker).await, inventory(&vim).await);
    let length = metadata(folder.path().join("journal")).unwrap().len();
    assert!(length <= 1 << 20, "{length} bytes for one machine");
}

#[tokio::test(start_paused = true)]
async fn a_folder_that_cannot_be_used_is_told_and_may_come_back() {
    let (folder, ours) = (TempDir::new().unwrap(), Owned::new());
    let script = folder.path().join("script.json");
    write(&script, "{ \"speed\": 9 }").unwrap();
    let (vim, hosts) = open(folder.path());
    let refusal = vim.ensure_volume(hosts[0], &ours.volume(1)).await.unwrap_err();
    assert!(
        matches!(&refusal, Error::Unreachable { reason, .. } if reason.contains("script.json"))
    );

    write(&script, "{ \"call_ms\": 20 }").unwrap();
    let asked = tokio::time::Instant::now();
    vim.ensure_volume(hosts[0], &ours.volume(1)).await.unwrap();
    drop(vim);
    // The first call could not know the script before it had opened the folder.
    let (vim, _) = open(folder.path());
    vim.delete_volume(hosts[0], ours.volume(1).id).await.unwrap();
    assert_eq!(asked.elapsed().as_millis(), 20);
}

#[tokio::test(start_paused = true)]
async fn chance_loses_answers_and_kills_machines_as_often_as_it_is_told() {
    let ours = Owned::new();
    let (vim, hosts) = site(&SimCloud::new(), 1);
    ours.run(&vim, hosts[0], &ours.vm(1, &[])).await;
    vim.cloud().faults().by_chances(Chances { seed: 3, lose_answer: 0.2, ..Chances::default() });
    let mut lost = 0;
    for number in 100..200 {
        lost += usize::from(vim.ensure_volume(hosts[0], &ours.volume(number)).await.is_err());
    }
    assert!((10..30).contains(&lost), "{lost} of 100");
    assert_eq!(vim.owned().await.unwrap().len(), 102, "all volumes were made");

    vim.cloud().faults().by_chances(Chances { seed: 3, crash: 1.0, ..Chances::default() });
    let found = vim.vm(hosts[0], ours.vm(1, &[]).id).await.unwrap().unwrap();
    assert_eq!(found.state, VmState::Crashed);
}

#[test]
fn a_uri_with_a_path_names_a_folder() {
    let folder = TempDir::new().unwrap();
    let uri = |host: &str| format!("sim:{}/{host}", folder.path().display());
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    runtime.block_on(async {
        let ours = Owned::new();
        let (vim, hosts) = site(&SimCloud::from_uri(&uri("host-a")).unwrap(), 2);
        vim.ensure_volume(hosts[0], &ours.volume(1)).await.unwrap();
        let same = SimCloud::from_uri(&uri("host-b")).unwrap();
        assert_eq!(site(&same, 2).0.owned().await.unwrap().len(), 1);
        let copied = TempDir::new().unwrap();
        copy(folder.path().join("journal"), copied.path().join("journal")).unwrap();
        assert_eq!(open(copied.path()).0.owned().await.unwrap().len(), 1);
    });
}
