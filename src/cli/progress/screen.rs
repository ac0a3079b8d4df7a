//! Where progress is seen: bars on a terminal, one line per event elsewhere.

use std::collections::HashMap;
use std::io::IsTerminal;
use std::time::Duration;

use chrono::{DateTime, Utc};
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use windlass_api::windlass::StepState;

use super::super::draw::{Style, lasted};
use super::now;
use super::snapshot::{Event, Snapshot, is_running};
use super::words;

/// How often a spinner turns.
const TICK: Duration = Duration::from_millis(100);

/// Where progress is seen, always on standard error.
#[derive(Debug)]
pub struct Screen {
    style: Style,
    started: DateTime<Utc>,
    before: Snapshot,
    bars: Option<Bars>,
}

/// An overall bar, and below it a line for each step at work.
#[derive(Debug)]
struct Bars {
    all: MultiProgress,
    overall: ProgressBar,
    running: HashMap<String, ProgressBar>,
}

impl Screen {
    /// A screen for an operation that was asked for at this time.
    pub fn new(title: &str, started: DateTime<Utc>, style: Style) -> Self {
        let bars = std::io::stderr().is_terminal().then(|| Bars::new(title, style));
        if bars.is_none() {
            eprintln!("{title}");
        }
        Self { style, started, before: Snapshot::default(), bars }
    }

    /// Shows what happened since the last time, and what is going on now.
    pub fn show(&mut self, snapshot: Snapshot) {
        let now = now();
        for event in snapshot.since(&self.before) {
            // A bar shows what is going on; what has ended scrolls by above it.
            if self.bars.is_none() || !is_running(event.step.state) {
                let when = event.when().unwrap_or(now);
                self.say(&words::happened(&event, &self.style), when);
            }
        }
        if self.bars.is_none() && snapshot.state != self.before.state {
            let state = words::state(&snapshot.state, &self.style);
            self.say(&format!("  {state}"), now);
        }
        if let Some(bars) = &mut self.bars {
            bars.show(&snapshot, self.started, now, &self.style);
        }
        self.before = snapshot;
    }

    /// Says something that is no step.
    pub fn note(&self, text: &str) {
        self.say(&self.style.faint(text), now());
    }

    /// Takes the bars away.
    pub fn close(&mut self) {
        if let Some(bars) = self.bars.take() {
            bars.close();
        }
    }

    fn say(&self, line: &str, when: DateTime<Utc>) {
        match &self.bars {
            // A terminal that has gone away leaves nobody to tell.
            Some(bars) => drop(bars.all.println(line)),
            None => eprintln!("{:>10}  {line}", lasted(when - self.started)),
        }
    }
}

impl Bars {
    fn new(title: &str, style: Style) -> Self {
        let all = MultiProgress::new();
        let template = match style.color {
            true => "{prefix:.bold} {bar:24.green/dim} {pos}/{len} {wide_msg}",
            false => "{prefix} {bar:24} {pos}/{len} {wide_msg}",
        };
        let overall = ProgressBar::new(0).with_style(styled(template).progress_chars("━╸─"));
        let overall = all.add(overall.with_prefix(title.to_owned()));
        Self { all, overall, running: HashMap::new() }
    }

    fn show(
        &mut self,
        now_is: &Snapshot,
        started: DateTime<Utc>,
        now: DateTime<Utc>,
        style: &Style,
    ) {
        let (done, total) = now_is.count();
        self.overall.set_length(total);
        self.overall.set_position(done);
        let state = words::state(&now_is.state, style);
        self.overall.set_message(format!("{state} {}", style.faint(&lasted(now - started))));
        let at_work: HashMap<String, Event<'_>> =
            now_is.running().map(|event| (key(&event), event)).collect();
        self.running.retain(|key, bar| {
            let stays = at_work.contains_key(key);
            if !stays {
                bar.finish_and_clear();
            }
            stays
        });
        for event in now_is.running() {
            let bar = self.running.entry(key(&event)).or_insert_with(|| {
                let bar = ProgressBar::new_spinner().with_style(styled("{spinner} {wide_msg}"));
                let bar = self.all.add(bar);
                bar.enable_steady_tick(TICK);
                bar
            });
            bar.set_message(words::running(&event, now, style));
        }
    }

    fn close(self) {
        self.running.into_values().for_each(|bar| bar.finish_and_clear());
        self.overall.finish_and_clear();
    }
}

/// What tells the line of one step from that of another.
fn key(event: &Event<'_>) -> String {
    let undoing = event.step.state == StepState::Undoing;
    format!("{}/{}/{undoing}", event.label.unwrap_or_default(), event.step.id)
}

fn styled(template: &str) -> ProgressStyle {
    // The templates are constants, so that the default one is never seen.
    ProgressStyle::with_template(template).unwrap_or_else(|_error| ProgressStyle::default_bar())
}
