//! What happens behind Windlass' back on real hosts is noticed within seconds, told as alarms, and
//! healed where the VNF may heal by itself.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::solo::Site;
use crate::support::eventually;

/// A machine boots within this time, also under emulation and beside others.
const BOOT: Duration = Duration::from_secs(120);
/// What libvirt tells of is known within this time.
const SECONDS: Duration = Duration::from_secs(10);
/// A host that is cut off is held to be only slow for a while.
const LOST: Duration = Duration::from_secs(45);

impl Site {
    /// The faults that are known and not over.
    fn faults(&self) -> Vec<String> {
        let alarms = self.server.json(&["alarm", "list"]);
        let fault = |alarm: &Value| alarm["faultType"].as_str().unwrap().to_owned();
        let mut faults: Vec<String> = alarms.as_array().unwrap().iter().map(fault).collect();
        faults.sort();
        faults
    }

    /// Waits until exactly these faults are known, and says how long that took.
    fn until(&self, what: &str, faults: &[&str], limit: Duration) {
        let begun = Instant::now();
        eventually(&format!("{what}: {faults:?}"), limit, || self.faults() == faults);
        println!("{what}: {:.1} s", begun.elapsed().as_secs_f64());
    }

    fn machine(&self, vnf: &str) -> String {
        self.server.components(vnf).remove(0).machine
    }

    /// Waits until a VNF has another machine than this one, and nothing is wrong with it.
    fn until_healed(&self, vnf: &str, machine: &str) {
        let begun = Instant::now();
        eventually("it has healed", BOOT, || {
            self.machine(vnf) != machine && self.faults().is_empty()
        });
        println!("healed: {:.1} s", begun.elapsed().as_secs_f64());
    }

    fn up(&self, vnf: &str) {
        self.server.run(&["vnf", "create", "solo", "--name", vnf]);
        self.server.run(&["vnf", "instantiate", vnf, "--wait"]);
    }

    fn down(&self, vnf: &str) {
        self.server.run(&["vnf", "terminate", vnf, "--wait", "--forceful"]);
        self.server.run(&["vnf", "delete", vnf]);
    }
}

/// Kills the process of a machine. The hosts are namespaces of this machine, so it is seen here.
fn kill_process(machine: &str) {
    let pattern = format!("qemu-system.*-uuid {machine}");
    let killed = Command::new("pkill").args(["-KILL", "-f", &pattern]).status().unwrap();
    assert!(killed.success(), "there is no process of machine {machine}");
}

#[test]
fn a_machine_that_dies_is_noticed_within_seconds_and_healed_where_it_may_be() {
    let Some(site) = Site::with(&["host-a"]) else { return };
    site.onboard("console:WINDLASS-GUEST READY", "120 s");
    site.up("frail");
    let machine = site.machine("frail");

    kill_process(&machine);
    site.until("its process was killed", &["VM_CRASHED"], SECONDS);
    site.server.run(&["vnf", "heal", "frail", "--wait"]);
    site.until("it was healed by hand", &[], SECONDS);

    let machine = site.machine("frail");
    site.hosts.kill_machine(&machine);
    site.until("it was destroyed", &["VM_STOPPED"], SECONDS);
    site.hosts.virsh_a(&["undefine", &machine]);
    site.until("it was undefined", &["VM_REMOVED"], SECONDS);

    // Now it may heal by itself, and does so at once.
    let property = "isAutohealEnabled=true";
    site.server.run(&["vnf", "modify", "frail", "--property", property, "--wait"]);
    site.until_healed("frail", &machine);
    let machine = site.machine("frail");
    kill_process(&machine);
    site.until("its process was killed", &["VM_CRASHED"], SECONDS);
    site.until_healed("frail", &machine);

    site.hosts.virsh_a(&["suspend", &site.machine("frail")]);
    site.until("it was suspended", &["VM_PAUSED"], SECONDS);
    site.hosts.virsh_a(&["resume", &site.machine("frail")]);
    site.until("it was resumed", &[], SECONDS);

    site.server.run(&["vnf", "operate", "frail", "stop", "--forceful", "--wait"]);
    std::thread::sleep(SECONDS);
    assert_eq!(site.faults(), Vec::<String>::new(), "what was stopped as asked may stand");
    site.down("frail");
    site.assert_empty();
}

#[test]
fn a_libvirtd_that_restarts_raises_nothing_and_a_host_that_is_cut_off_does_until_it_is_back() {
    let Some(site) = Site::with(&["host-a"]) else { return };
    site.onboard("console:WINDLASS-GUEST READY", "120 s");
    site.up("steady");
    let machine = site.machine("steady");
    let property = "isAutohealEnabled=true";
    site.server.run(&["vnf", "modify", "steady", "--property", property, "--wait"]);

    site.hosts.script("host-restart.sh", "a", &["KILL"]);
    std::thread::sleep(Duration::from_secs(20));
    let all = site.server.json(&["alarm", "list", "--all"]);
    assert_eq!(all, serde_json::json!([]), "its machines ran on, and nothing else happened");
    kill_process(&machine);
    site.until("killed after the restart", &["VM_CRASHED"], SECONDS);
    site.until_healed("steady", &machine);

    let machine = site.machine("steady");
    site.hosts.script("host-cut.sh", "a", &[]);
    let begun = Instant::now();
    let noticed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        site.until("the host was cut off", &["HOST_UNREACHABLE", "VM_UNKNOWN"], LOST);
    }));
    site.hosts.script("host-join.sh", "a", &[]);
    assert!(noticed.is_ok(), "nobody noticed within {:?}", begun.elapsed());
    site.until("the host is back", &[], LOST);
    assert_eq!(site.machine("steady"), machine, "a machine that may have run was left alone");
    site.down("steady");
    eventually("the host counts as reachable again", LOST, || {
        site.server.try_run(&["audit"]).status.success()
    });
    site.assert_empty();
}
