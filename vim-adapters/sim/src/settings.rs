//! `script.json` in the folder of a kept cloud: how it behaves, said from outside of the process.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::time::Duration;

use serde::Deserialize;

use crate::call::Call;
use crate::chaos::{Chances, Chaos};
use crate::world::World;

/// What the file says. Each process reads it once, when it opens the cloud.
#[derive(Debug, Default, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Settings {
    /// Every call takes this long.
    call_ms: u64,
    /// Calls of these kinds take this long instead.
    calls_ms: BTreeMap<Call, u64>,
    /// A guest needs this long until it is ready.
    boot_ms: u64,
    /// A guest needs this long to shut down.
    shutdown_ms: u64,
    /// What goes wrong, and how often.
    chances: Option<Chances>,
}

impl Settings {
    /// The file's content; that of an empty one when there is none.
    pub(crate) fn read(folder: &Path) -> io::Result<Self> {
        match std::fs::read(folder.join("script.json")) {
            Ok(text) => serde_json::from_slice(&text)
                .map_err(|error| io::Error::other(format!("script.json: {error}"))),
            Err(absent) if absent.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    pub(crate) fn apply(self, world: &mut World) {
        let script = &mut world.script;
        script.any_call = Duration::from_millis(self.call_ms);
        script.boot_time = Duration::from_millis(self.boot_ms);
        script.shutdown_time = Duration::from_millis(self.shutdown_ms);
        for (call, ms) in self.calls_ms {
            script.calls.insert(call, Duration::from_millis(ms));
        }
        if let Some(chances) = self.chances {
            world.faults.chaos = Some(Chaos::new(chances));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_says_what_differs_and_no_more() {
        let text = r#"{ "call_ms": 5, "calls_ms": { "start_vm": 40 }, "boot_ms": 200,
                        "chances": { "seed": 7, "fail": 0.01, "crash": 0.001 } }"#;
        let mut world = World::default();
        serde_json::from_str::<Settings>(text).unwrap().apply(&mut world);
        assert_eq!(world.script.duration_of(Call::StartVm), Duration::from_millis(40));
        assert_eq!(world.script.duration_of(Call::Vm), Duration::from_millis(5));
        assert_eq!(world.script.shutdown_time, Duration::ZERO);
        assert!(world.faults.chaos.is_some());
        assert!(serde_json::from_str::<Settings>(r#"{ "calls_ms": { "walk": 1 } }"#).is_err());
        assert!(serde_json::from_str::<Settings>(r#"{ "delay": 1 }"#).is_err());
    }
}
