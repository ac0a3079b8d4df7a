//! However calls are repeated and interleaved, the end is the same as with each made once.

use std::collections::BTreeMap;
use std::time::Duration;

use futures::future::join_all;
use proptest::prelude::*;
use windlass_model::HostId;
use windlass_vim::{Result, Vim as _};
use windlass_vim_sim::{Call, SimCloud, SimVim, unreachable};

use crate::site::{Owned, site};

const MACHINES: u128 = 4;
const HOSTS: u128 = 2;

/// What is done for one machine, in this order.
#[derive(Debug, Clone, Copy)]
enum Step {
    Network,
    Volume,
    Define,
    Start,
}

const UP: [Step; 4] = [Step::Network, Step::Volume, Step::Define, Step::Start];

async fn make(vim: &SimVim, hosts: &[HostId], number: u128, step: Step) -> Result<()> {
    let owned = Owned::new();
    let host = hosts[usize::try_from(number % HOSTS).unwrap()];
    // Two machines share a network, which spans the hosts.
    let shared = number / 2;
    let vm = owned.vm(number, &[(shared, &format!("10.0.{shared}.{}", number + 10))]);
    match step {
        Step::Network => vim.ensure_network(&[host], &owned.network(shared)).await.map(drop),
        Step::Volume => vim.ensure_volume(host, &owned.volume(number)).await.map(drop),
        Step::Define => vim.ensure_vm(host, &vm).await.map(drop),
        Step::Start => vim.start_vm(host, vm.id).await,
    }
}

async fn unmake(vim: &SimVim, hosts: &[HostId], number: u128, step: Step) -> Result<()> {
    let owned = Owned::new();
    let host = hosts[usize::try_from(number % HOSTS).unwrap()];
    let vm = owned.vm(number, &[]).id;
    match step {
        // A machine that is gone already cannot be asked to stop.
        Step::Start => match vim.stop_vm(host, vm, Duration::ZERO).await {
            Err(windlass_vim::Error::Missing { .. }) => Ok(()),
            other => other,
        },
        Step::Define => vim.delete_vm(host, vm).await,
        Step::Volume => vim.delete_volume(host, owned.volume(number).id).await,
        Step::Network => vim.delete_network(owned.network(number / 2).id).await,
    }
}

/// Everything that a caller can tell of the end, VLANs left out: those follow the order.
async fn end(vim: &SimVim, cloud: &SimCloud) -> (BTreeMap<String, usize>, Vec<String>) {
    let mut things = BTreeMap::new();
    for thing in vim.owned().await.unwrap() {
        *things.entry(format!("{:?} {} {}", thing.kind, thing.host, thing.id)).or_default() += 1;
    }
    let mut machines: Vec<String> = cloud.machines().iter().map(|vm| format!("{vm:?}")).collect();
    machines.sort();
    (things, machines)
}

/// Makes each machine in a task of its own. A machine's repeats say how often each of its steps
/// is made, and how many steps before it are made again after it.
async fn interleaved(repeats: &[[(u8, u8); 4]], delays_ms: &[u64; 4]) -> Ended {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, HOSTS);
    let calls = [Call::EnsureNetwork, Call::EnsureVolume, Call::EnsureVm, Call::StartVm];
    for (call, delay) in calls.into_iter().zip(delays_ms) {
        cloud.script().takes(call, Duration::from_millis(*delay));
    }
    let tasks = (0..MACHINES).zip(repeats).map(|(number, repeats)| {
        let (vim, hosts) = (&vim, &hosts);
        async move {
            for (at, (times, back)) in repeats.iter().enumerate() {
                for _ in 0..=*times {
                    make(vim, hosts, number, UP[at]).await.unwrap();
                }
                for again in &UP[at.saturating_sub(usize::from(*back))..=at] {
                    make(vim, hosts, number, *again).await.unwrap();
                }
            }
        }
    });
    join_all(tasks).await;
    let up = end(&vim, &cloud).await;

    // Down again: the steps backwards, for all machines at once, each as often.
    for (at, step) in UP.iter().enumerate().rev() {
        let tasks = (0..MACHINES).zip(repeats).flat_map(|(number, repeats)| {
            let times = repeats[at].0;
            let (vim, hosts) = (&vim, &hosts);
            (0..=times).map(move |_| unmake(vim, hosts, number, *step))
        });
        join_all(tasks).await.into_iter().for_each(|done| done.unwrap());
    }
    let down = end(&vim, &cloud).await;
    Ended { up, down }
}

#[derive(Debug, PartialEq, Eq)]
struct Ended {
    up: (BTreeMap<String, usize>, Vec<String>),
    down: (BTreeMap<String, usize>, Vec<String>),
}

/// Makes everything, repeating each call for as long as chance makes it fail.
async fn stubborn(probability: f64, seed: u64) -> (BTreeMap<String, usize>, Vec<String>) {
    let cloud = SimCloud::new();
    let (vim, hosts) = site(&cloud, HOSTS);
    cloud.faults().by_chance(probability, seed);
    // Some calls do their work and only lose the answer.
    cloud.faults().when(Call::EnsureVm).times(2).lose_answer(unreachable);
    for number in 0..MACHINES {
        for step in UP {
            while let Err(error) = make(&vim, &hosts, number, step).await {
                assert!(error.is_transient(), "{error}");
            }
        }
    }
    cloud.faults().clear();
    end(&vim, &cloud).await
}

fn run<T>(story: impl Future<Output = T>) -> T {
    let builder = &mut tokio::runtime::Builder::new_current_thread();
    builder.enable_time().start_paused(true).build().unwrap().block_on(story)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn repeats_and_interleavings_change_nothing(
        repeats in prop::collection::vec(prop::array::uniform4((0u8..3, 0u8..4)), 4),
        delays_ms in prop::array::uniform4(0u64..5),
    ) {
        let once = run(interleaved(&[[(0, 0); 4]; 4], &[0; 4]));
        prop_assert_eq!(once.up.1.len(), 4);
        prop_assert!(once.down.0.is_empty(), "{:?} is left", once.down.0);
        prop_assert_eq!(run(interleaved(&repeats, &delays_ms)), once);
    }

    #[test]
    fn calls_that_fail_by_chance_get_there_when_repeated(seed: u64, probability in 0.0..0.6) {
        prop_assert_eq!(run(stubborn(probability, seed)), run(stubborn(0.0, 0)));
    }
}
