//! The programs of Windlass in one thread, on a clock that moves by itself, with chance from a
//! seed: no socket, no thread, no file but the packages. The routes, the databases, the engine and
//! the messages are the real ones.
//!
//! ```text
//!  operator ──▶ Door ─ NFVO ─ Wire ─▶ Door ─ VNFM ──┬─▶ SimCloud
//!                 ▲     └─ Store (inline)  └─ Store │
//!                 └──────────── Wire ◀──────────────┘
//! ```

pub mod catalog;
pub mod clock;
pub mod dice;
pub mod program;
pub mod wire;
pub mod world;

pub use dice::Dice;
pub use world::World;

/// Runs a simulation to its end: the same one for the same seed.
pub fn simulate<T>(seed: u64, simulation: impl AsyncFnOnce(Dice) -> T) -> T {
    // What all simulations share does not depend on who comes first.
    std::sync::LazyLock::force(&catalog::CATALOG);
    windlass_model::seed_ids(seed);
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_time().start_paused(true).build().unwrap();
    tokio::task::LocalSet::new().block_on(&runtime, simulation(Dice::new(seed)))
}
