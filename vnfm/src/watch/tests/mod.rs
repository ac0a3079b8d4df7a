//! What the watch notices and does: its rules, and stories on the simulator.

mod rough;
mod rules;
mod stage;
mod stories;
