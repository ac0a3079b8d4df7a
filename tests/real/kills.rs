//! Windlass is killed at random moments while it works on real hosts; nobody helps it afterwards.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::Duration;

use crate::solo::Site;
use crate::support::{Server, eventually};

/// An operation ends within this time after the last kill.
const LIMIT: Duration = Duration::from_secs(240);

/// A life of a VNF: what is asked, and how often Windlass is killed while it works on that.
const LIFE: [(&[&str], u32); 4] = [
    (&["vnf", "instantiate", "cat"], 3),
    (&["vnf", "scale", "cat", "--aspect", "size", "--out"], 3),
    (&["vnf", "heal", "cat"], 2),
    (&["vnf", "terminate", "cat"], 2),
];

/// Moments that follow from a seed (the generator is SplitMix64).
struct Moments(u64);

impl Moments {
    /// `SEED=n` has them again.
    fn new() -> Self {
        let given = std::env::var("SEED").ok().and_then(|seed| seed.parse().ok());
        let seed = given.unwrap_or_else(|| RandomState::new().build_hasher().finish());
        println!("SEED={seed}");
        Self(seed)
    }

    /// A pause of up to `most`.
    fn pause(&mut self, most: Duration) -> Duration {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let fraction = f64::from(u32::try_from(bits >> 32).unwrap()) / f64::from(u32::MAX);
        most.mul_f64(fraction)
    }
}

#[test]
fn ten_kills_at_random_moments_of_a_life_need_no_human() {
    let Some(mut site) = Site::with(&["host-a", "host-b"]) else { return };
    site.onboard("console:WINDLASS-GUEST READY", "180 s");
    site.server.run(&["vnf", "create", "solo", "--name", "cat"]);
    let (data, mut moments, mut kills) = (site.data(), Moments::new(), 0);
    for (ask, times) in LIFE {
        if ask[1] == "heal" {
            let machine = site.server.components("cat").remove(0).machine;
            site.hosts.kill_machine(&machine);
        }
        site.server.run(ask);
        let operation = site.operation();
        let state = |server: &Server| {
            let shown = server.json(&["op", "show", &operation]);
            shown["operationState"].as_str().unwrap().to_owned()
        };
        for _ in 0..times {
            // Work takes some seconds; a kill after its end would prove nothing, so they come soon.
            let pause = moments.pause(Duration::from_millis(1500));
            std::thread::sleep(pause);
            let at = state(&site.server);
            site.server.kill();
            println!("killed {pause:?} into {} ({at})", ask[1]);
            kills += 1;
            site.server = Server::up(&data);
        }
        eventually(&format!("{} has ended", ask[1]), LIMIT, || {
            let state = state(&site.server);
            if ["FAILED_TEMP", "FAILED", "ROLLED_BACK"].contains(&state.as_str()) {
                panic!("{}", site.server.run(&["op", "show", &operation]));
            }
            state == "COMPLETED"
        });
        assert!(site.server.audit_is_empty(), "after {}", ask[1]);
    }
    assert_eq!(kills, 10);
    site.server.run(&["vnf", "delete", "cat"]);
    site.assert_empty();
}
