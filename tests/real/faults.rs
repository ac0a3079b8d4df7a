//! What goes wrong on real hosts, and what an operator sees of it and can do then.

use std::time::Duration;

use windlass_model::{OperationId, VmId};
use windlass_vnfm::plan::naming::machine_name;

use crate::solo::Site;
use crate::support::eventually;

/// The guest's console says this when it has booted.
const BOOTED: &str = "WINDLASS-GUEST READY";
/// An operation comes to rest within this time, whatever happens to its hosts.
const AT_REST: Duration = Duration::from_secs(180);

impl Site {
    fn state(&self, operation: &str) -> String {
        self.server.json(&["op", "show", operation])["operationState"].as_str().unwrap().to_owned()
    }

    /// Waits until an operation stands in FAILED_TEMP; what it says of the reason.
    fn failure(&self, operation: &str) -> String {
        eventually("the operation stands in FAILED_TEMP", AT_REST, || {
            let state = self.state(operation);
            assert!(state != "COMPLETED", "it completed");
            state == "FAILED_TEMP"
        });
        let shown = self.server.json(&["op", "show", operation]);
        shown["error"]["detail"].as_str().unwrap_or_else(|| panic!("{shown}")).to_owned()
    }

    fn terminate(&self, vnf: &str) {
        self.server.run(&["vnf", "terminate", vnf, "--forceful", "--wait"]);
        self.server.run(&["vnf", "delete", vnf]);
    }
}

#[test]
fn a_guest_that_never_becomes_ready_fails_at_its_limit_and_shows_its_console() {
    let Some(site) = Site::with(&["host-a", "host-b"]) else { return };
    site.onboard("console:NOBODY SAYS THIS", "30 s");
    let operation = site.instantiate("mute");
    let failure = site.failure(&operation);
    assert!(failure.contains("was not ready after 30s"), "{failure}");
    assert!(failure.contains(BOOTED), "the console's tail is told: {failure}");
    site.server.run(&["op", "rollback", &operation, "--wait"]);
    assert_eq!(site.state(&operation), "ROLLED_BACK");
    site.assert_empty();
}

#[test]
fn a_wrong_digest_and_a_name_that_is_taken_stop_an_operation_until_somebody_mends_them() {
    let Some(site) = Site::with(&["host-a"]) else { return };
    site.onboard(&format!("console:{BOOTED}"), "180 s");
    let blob = site.image_blob();
    let image = std::fs::read(&blob).unwrap();
    let mut rotten = image.clone();
    rotten[image.len() / 2] ^= 1;
    overwrite(&blob, &rotten);
    // The cache of an earlier test would hide it: images are kept by their digest.
    let cached = site.hosts.forget_images();

    let operation = site.instantiate("twin");
    let failure = site.failure(&operation);
    assert!(failure.contains("should have SHA-256"), "{failure} ({cached} images were cached)");
    overwrite(&blob, &image);

    let id: OperationId = operation.parse().unwrap();
    let name = machine_name("twin", "node-0", VmId::named(id.0, "vm/node-0"));
    let foreign = site.hosts.define_foreign(&name);
    site.server.refuse(&["op", "retry", &operation, "--wait"]);
    let failure = site.failure(&operation);
    assert!(failure.contains(&name) && failure.contains("is not ours"), "{failure}");
    assert_eq!(site.hosts.domains(), [name.as_str()], "it was left alone");

    drop(foreign);
    site.server.run(&["op", "retry", &operation, "--wait"]);
    assert_eq!(site.state(&operation), "COMPLETED");
    site.terminate("twin");
    site.assert_empty();
}

#[test]
fn a_full_disk_stops_an_operation_and_space_lets_it_go_on() {
    let Some(site) = Site::with(&["host-a"]) else { return };
    site.onboard(&format!("console:{BOOTED}"), "180 s");
    site.hosts.script("host-full.sh", "a", &[]);
    let full = Undo(|| site.hosts.script("host-full.sh", "a", &["--undo"]));
    let operation = site.instantiate("large");
    let failure = site.failure(&operation);
    assert!(failure.contains("No space left") || failure.contains("no room"), "{failure}");
    drop(full);
    site.server.run(&["op", "retry", &operation, "--wait"]);
    assert_eq!(site.state(&operation), "COMPLETED");
    site.terminate("large");
    site.assert_empty();
}

#[test]
fn of_two_operations_on_one_vnf_the_second_is_refused_and_the_first_goes_on() {
    let Some(site) = Site::with(&["host-a", "host-b"]) else { return };
    site.onboard(&format!("console:{BOOTED}"), "180 s");
    site.instantiate("busy");
    site.server.run(&["op", "watch", &site.operation()]);
    site.server.run(&["vnf", "scale", "busy", "--aspect", "size", "--out"]);
    let scaling = site.operation();
    let refusal = site.server.refuse(&["vnf", "heal", "busy"]);
    assert!(refusal.contains(&scaling), "it names the operation that is in the way: {refusal}");
    site.server.run(&["op", "watch", &scaling]);
    assert_eq!(site.state(&scaling), "COMPLETED");
    assert_eq!(site.server.components("busy").len(), 2);
    site.terminate("busy");
    site.assert_empty();
}

#[test]
fn a_libvirtd_that_is_killed_in_mid_operation_delays_it_and_no_more() {
    let Some(site) = Site::with(&["host-a"]) else { return };
    site.onboard(&format!("console:{BOOTED}"), "180 s");
    let operation = site.instantiate("steady");
    // Once while the machine is made, and once while it boots.
    for moment in ["ensure_image", "await_ready"] {
        site.until_begun(&operation, moment);
        site.hosts.script("host-restart.sh", "a", &["KILL"]);
    }
    eventually("the operation has ended", AT_REST, || site.state(&operation) == "COMPLETED");
    site.terminate("steady");
    site.assert_empty();
}

#[test]
fn a_host_that_is_cut_off_is_named_and_the_operation_goes_on_when_it_is_back() {
    let Some(site) = Site::with(&["host-a"]) else { return };
    site.onboard(&format!("console:{BOOTED}"), "60 s");
    let operation = site.instantiate("remote");
    site.until_begun(&operation, "await_ready");
    site.hosts.script("host-cut.sh", "a", &[]);
    let cut = Undo(|| site.hosts.script("host-join.sh", "a", &[]));
    let failure = site.failure(&operation);
    assert!(failure.contains("does not answer"), "{failure}");
    drop(cut);
    site.server.run(&["op", "retry", &operation, "--wait"]);
    assert_eq!(site.state(&operation), "COMPLETED");
    site.terminate("remote");
    eventually("the host counts as reachable again", AT_REST, || {
        site.server.try_run(&["audit"]).status.success()
    });
    site.assert_empty();
}

impl Site {
    /// Waits until a step of an operation has begun.
    fn until_begun(&self, operation: &str, step: &str) {
        eventually(&format!("{step} has begun"), AT_REST, || {
            let path = format!("/windlass/v1/vnf_lcm_op_occs/{operation}/steps");
            let steps = self.server.get(&path);
            let mut steps = steps["steps"].as_array().into_iter().flatten();
            steps.any(|known| known["name"] == step && known["state"] != "PENDING")
        });
    }
}

/// Puts something right again, also when the test fails.
struct Undo<F: Fn()>(F);

impl<F: Fn()> Drop for Undo<F> {
    fn drop(&mut self) {
        (self.0)();
    }
}

/// Blobs are read-only files.
fn overwrite(file: &std::path::Path, content: &[u8]) {
    std::fs::remove_file(file).unwrap();
    std::fs::write(file, content).unwrap();
}
