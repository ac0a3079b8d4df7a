//! What this process uses, as Prometheus' own client libraries name it.

use std::fmt::Write;
use std::fs;

/// Ticks in a second as the kernel tells them to programs: 100 on every architecture we run on.
const TICKS_PER_S: f64 = 100.0;

/// What a scrape says of the process; what the system does not tell is left out.
pub fn render() -> String {
    let mut text = String::new();
    let mut say = |name: &str, kind: &str, help: &str, value: Option<f64>| {
        if let Some(value) = value {
            // Writing to a string does not fail.
            let _infallible =
                write!(text, "# HELP {name} {help}\n# TYPE {name} {kind}\n{name} {value}\n\n");
        }
    };
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let cpu = stat_field(&stat, 14).zip(stat_field(&stat, 15));
    let cpu = cpu.map(|(user, system)| (user + system) / TICKS_PER_S);
    say("process_cpu_seconds_total", "counter", "CPU time used, in seconds.", cpu);
    let resident = kib(&status, "VmRSS");
    say("process_resident_memory_bytes", "gauge", "Memory in use, in bytes.", resident);
    let size = kib(&status, "VmSize");
    say("process_virtual_memory_bytes", "gauge", "Address space in use, in bytes.", size);
    say("process_threads", "gauge", "Threads.", stat_field(&stat, 20));
    say("process_open_fds", "gauge", "Open file descriptors.", open_files());
    say("process_max_fds", "gauge", "File descriptors that may be open.", most_files());
    let start = stat_field(&stat, 22).zip(boot_time());
    let start = start.map(|(ticks, boot)| boot + ticks / TICKS_PER_S);
    let help = "When the process began, in seconds since 1970.";
    say("process_start_time_seconds", "gauge", help, start);
    text
}

/// A field of `/proc/self/stat`, counted from one as proc(5) does.
fn stat_field(stat: &str, number: usize) -> Option<f64> {
    // The second field is a name in brackets, which may hold anything.
    let (_, rest) = stat.rsplit_once(") ")?;
    rest.split_whitespace().nth(number.checked_sub(3)?)?.parse().ok()
}

fn kib(status: &str, name: &str) -> Option<f64> {
    let line = status.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    let kib: f64 = line.trim().strip_suffix(" kB")?.parse().ok()?;
    Some(kib * 1024.0)
}

#[expect(clippy::cast_precision_loss, reason = "nobody has so many files open")]
fn open_files() -> Option<f64> {
    // One of them is the folder that is being read.
    Some(fs::read_dir("/proc/self/fd").ok()?.count().saturating_sub(1) as f64)
}

fn most_files() -> Option<f64> {
    let limits = fs::read_to_string("/proc/self/limits").ok()?;
    let line = limits.lines().find_map(|line| line.strip_prefix("Max open files"))?;
    line.split_whitespace().next()?.parse().ok()
}

fn boot_time() -> Option<f64> {
    let stat = fs::read_to_string("/proc/stat").ok()?;
    stat.lines().find_map(|line| line.strip_prefix("btime "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_does_not_shift_the_fields() {
        let stat = "17 (a) b) S 1 17 17 0 -1 4194304 0 0 0 0 250 50 0 0 20 0 9 0 4200 1 2";
        assert_eq!(stat_field(stat, 14), Some(250.0));
        assert_eq!(stat_field(stat, 22), Some(4200.0));
        assert_eq!(stat_field(stat, 2), None);
    }

    #[test]
    fn memory_is_told_in_bytes() {
        assert_eq!(kib("VmPeak:\t  9 kB\nVmRSS:\t  40 kB\n", "VmRSS"), Some(40960.0));
    }
}
