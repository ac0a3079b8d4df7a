//! In which order VNFs start and stop.
//!
//! ```text
//!   web ─waits for─▶ app ─waits for─▶ database        start: database │ app │ web
//!                     └──waits for─▶ cache                   cache    │     │
//! ```

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graphmap::DiGraphMap;
use serde::{Deserialize, Serialize};

/// That one VNF starts only when another one is up.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Wait {
    /// Who waits.
    pub who: String,
    /// For whom.
    pub for_whom: String,
}

/// Why there is no order.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoOrder {
    /// Some wait for each other. Each waits for the next, and the last for the first.
    #[error("{} waits for itself: {}", .0[0], spell(.0))]
    Ring(Vec<String>),
    /// A dependency names somebody who is not there.
    #[error("{who} waits for {for_whom}, and {unknown} is not part of the service")]
    Unknown {
        /// Who waits.
        who: String,
        /// For whom.
        for_whom: String,
        /// The one of the two that is not there.
        unknown: String,
    },
}

fn spell(ring: &[String]) -> String {
    let round = ring.iter().chain(ring.first());
    round.map(String::as_str).collect::<Vec<_>>().join(" → ")
}

/// The layers to start in: all of a layer may start at once, when the layers before are up.
///
/// # Errors
/// [`NoOrder`] when dependencies form a ring or name somebody unknown.
pub fn start_order(names: &BTreeSet<String>, waits: &[Wait]) -> Result<Vec<Vec<String>>, NoOrder> {
    let graph = graph_of(names, waits)?;
    let mut layer_of: BTreeMap<&str, usize> = BTreeMap::new();
    let mut layers: Vec<BTreeSet<&str>> = Vec::new();
    // Components come in such an order that whoever is waited for comes first.
    for component in tarjan_scc(&graph) {
        let name = component[0];
        if component.len() > 1 || graph.contains_edge(name, name) {
            return Err(NoOrder::Ring(ring_in(&graph, &component)));
        }
        let awaited = graph.neighbors(name).filter_map(|next| layer_of.get(next));
        let layer = awaited.max().map_or(0, |last| last + 1);
        layer_of.insert(name, layer);
        layers.resize(layers.len().max(layer + 1), BTreeSet::new());
        layers[layer].insert(name);
    }
    Ok(layers.iter().map(|layer| layer.iter().map(ToString::to_string).collect()).collect())
}

/// The layers to stop in: nobody stops while somebody who waited for it still runs.
///
/// # Errors
/// As [`start_order`].
pub fn stop_order(names: &BTreeSet<String>, waits: &[Wait]) -> Result<Vec<Vec<String>>, NoOrder> {
    let mut layers = start_order(names, waits)?;
    layers.reverse();
    Ok(layers)
}

fn graph_of<'a>(
    names: &'a BTreeSet<String>,
    waits: &'a [Wait],
) -> Result<DiGraphMap<&'a str, ()>, NoOrder> {
    let mut graph = DiGraphMap::new();
    for name in names {
        graph.add_node(name.as_str());
    }
    for Wait { who, for_whom } in waits {
        if let Some(unknown) = [who, for_whom].into_iter().find(|name| !names.contains(*name)) {
            let (who, for_whom, unknown) = (who.clone(), for_whom.clone(), unknown.clone());
            return Err(NoOrder::Unknown { who, for_whom, unknown });
        }
        graph.add_edge(who.as_str(), for_whom.as_str(), ());
    }
    Ok(graph)
}

/// One ring among those who all wait for each other, from its first name on.
fn ring_in(graph: &DiGraphMap<&str, ()>, component: &[&str]) -> Vec<String> {
    let inside: BTreeSet<&str> = component.iter().copied().collect();
    let mut path: Vec<&str> = inside.first().copied().into_iter().collect();
    loop {
        let here = path[path.len() - 1];
        let next = graph.neighbors(here).filter(|next| inside.contains(next)).min();
        // In a component everybody waits for somebody inside, so the walk meets itself.
        let Some(next) = next else { break };
        if let Some(start) = path.iter().position(|name| *name == next) {
            path.drain(..start);
            break;
        }
        path.push(next);
    }
    let first = path.iter().enumerate().min_by_key(|(_, name)| **name).map_or(0, |(i, _)| i);
    path.rotate_left(first);
    path.into_iter().map(str::to_owned).collect()
}
