//! Two servers share a database and a cloud, and take turns in dying.

use std::time::Duration;

use tokio::time::{Instant, sleep};
use windlass_api::nslcm::{NsLcmOperationState, TerminateNsRequest};
use windlass_client::{Client, ListOptions};

use crate::chance::Chance;
use crate::ring::{audit, create, instantiate, machines_are};
use crate::site::{Database, Site};
use crate::support::Server;

const SERVICES: usize = 6;
const KILLS: usize = 6;
/// A lease of the one that stays dead has to end, and its work has to be done.
const LIMIT: Duration = Duration::from_secs(90);

/// One of the two.
struct Replica {
    name: &'static str,
    server: Option<Server>,
    /// How many operations it has completed in all its lives.
    completed: usize,
}

impl Replica {
    fn new(site: &Site, name: &'static str) -> Self {
        Self { name, server: Some(site.start(name)), completed: 0 }
    }

    fn client(&self) -> Option<Client> {
        Some(Client::new(self.server.as_ref()?.url(), None, None).unwrap())
    }

    fn kill(&mut self) {
        if let Some(mut server) = self.server.take() {
            server.kill();
            self.completed += server.log().matches(" is COMPLETED").count();
        }
    }

    fn rise(&mut self, site: &Site) {
        self.server.get_or_insert_with(|| site.start(self.name));
    }
}

#[tokio::test]
async fn two_servers_on_one_database_end_each_others_work() {
    let Some(database) = Database::postgres() else { return };
    let site = Site::new(database);
    let mut replicas = [Replica::new(&site, "left"), Replica::new(&site, "right")];
    site.introduce(replicas[0].server.as_ref().unwrap());
    let mut chance = Chance(11);

    let mut services = Vec::new();
    for number in 0..SERVICES {
        let client = replicas[number % 2].client().unwrap();
        let ns = create(&client, &format!("ring-{number}")).await;
        instantiate(&client, &ns).await;
        services.push(ns);
    }
    die_in_turns(&site, &mut replicas, &mut chance).await;
    let client = replicas[0].client().unwrap();
    audit(&client).await;
    machines_are(&site, &client, 3 * SERVICES).await;

    for (number, ns) in services.iter().enumerate() {
        let client = replicas[number % 2].client().unwrap();
        client.ns_terminate(ns, &TerminateNsRequest::default()).await.unwrap();
    }
    die_in_turns(&site, &mut replicas, &mut chance).await;
    let client = replicas[0].client().unwrap();
    audit(&client).await;
    machines_are(&site, &client, 0).await;

    for mut replica in replicas {
        replica.kill();
        println!("{} completed {} operations", replica.name, replica.completed);
        assert!(replica.completed > 0, "{} left all the work to the other", replica.name);
    }
}

/// Kills one and the other at random moments; the last one stays dead until its work is done.
async fn die_in_turns(site: &Site, replicas: &mut [Replica; 2], chance: &mut Chance) {
    for kill in 0..KILLS {
        sleep(chance.below_ms(400)).await;
        let victim = &mut replicas[kill % 2];
        victim.kill();
        if kill + 1 < KILLS {
            victim.rise(site);
        }
    }
    let survivor = replicas.iter().find_map(Replica::client).unwrap();
    let begin = Instant::now();
    loop {
        let operations = survivor.ns_operation_list(&ListOptions::default()).await.unwrap();
        let open: Vec<_> =
            operations.iter().filter(|one| !one.operation_state.is_final()).collect();
        if open.is_empty() {
            let all = operations.iter().map(|one| one.operation_state);
            let failed = all.filter(|state| *state != NsLcmOperationState::Completed).count();
            assert_eq!(failed, 0, "{operations:#?}");
            break;
        }
        assert!(begin.elapsed() < LIMIT, "after {LIMIT:?} these are not final: {open:#?}");
        sleep(Duration::from_millis(100)).await;
    }
    replicas.iter_mut().for_each(|replica| replica.rise(site));
}
