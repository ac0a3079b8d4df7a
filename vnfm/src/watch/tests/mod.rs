//! What the watch notices and does: its rules, and stories on the simulator.

mod rules;
mod stage;
mod stories;
