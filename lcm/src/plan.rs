//! A plan: the nodes of an operation and what each waits for.

use std::collections::HashMap;

use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::{Direction, visit::EdgeRef};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::PlanError;

/// What an operation is going to do. It leaves nothing to choose.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// The nodes, in the order in which people should read them.
    pub nodes: Vec<Node>,
    /// What the procedure wants to remember beside the nodes.
    #[serde(default)]
    pub notes: Value,
}

/// A step to be taken, with its input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Node {
    /// Unique in the plan: `start_vm/web-0`.
    pub id: String,
    /// The row of the procedure's table.
    pub step: String,
    /// What it does, for people: `start web-0 on host-b`.
    pub about: String,
    /// What the step is told.
    pub input: Value,
    /// The nodes that must be done before.
    pub after: Vec<String>,
}

impl Plan {
    /// Adds a node and returns its id, for others to wait for.
    pub fn add(
        &mut self,
        step: &str,
        name: &str,
        about: impl Into<String>,
        input: Value,
        after: &[String],
    ) -> String {
        let id = format!("{step}/{name}");
        self.nodes.push(Node {
            id: id.clone(),
            step: step.to_owned(),
            about: about.into(),
            input,
            after: after.to_vec(),
        });
        id
    }
}

/// A plan whose order has been checked.
#[derive(Debug)]
pub struct Graph {
    graph: DiGraph<usize, ()>,
    index: Vec<NodeIndex>,
    order: Vec<usize>,
}

impl Graph {
    /// Checks that ids are unique, that what is waited for exists, and that nothing waits for itself.
    ///
    /// # Errors
    /// [`PlanError`] says which node is wrong.
    pub fn of(plan: &Plan) -> Result<Self, PlanError> {
        let mut graph = DiGraph::new();
        let mut by_id = HashMap::new();
        let mut index = Vec::with_capacity(plan.nodes.len());
        for (position, node) in plan.nodes.iter().enumerate() {
            let at = graph.add_node(position);
            index.push(at);
            if by_id.insert(node.id.as_str(), at).is_some() {
                return Err(PlanError::Twice(node.id.clone()));
            }
        }
        for (node, &to) in plan.nodes.iter().zip(&index) {
            for after in &node.after {
                let from = by_id.get(after.as_str()).ok_or_else(|| PlanError::Dangling {
                    node: node.id.clone(),
                    after: after.clone(),
                })?;
                graph.update_edge(*from, to, ());
            }
        }
        match toposort(&graph, None) {
            Ok(sorted) => {
                let order = sorted.into_iter().map(|node| graph[node]).collect();
                Ok(Self { graph, index, order })
            }
            Err(ring) => Err(PlanError::Ring(plan.nodes[graph[ring.node_id()]].id.clone())),
        }
    }

    /// The positions of all nodes, each behind those that must be done before it.
    pub fn order(&self) -> impl DoubleEndedIterator<Item = usize> + '_ {
        self.order.iter().copied()
    }

    /// The positions of the nodes that must be done before the one at `position`.
    pub fn before(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        self.neighbours(position, Direction::Incoming)
    }

    /// The positions of the nodes that wait for the one at `position`.
    pub fn behind(&self, position: usize) -> impl Iterator<Item = usize> + '_ {
        self.neighbours(position, Direction::Outgoing)
    }

    fn neighbours(&self, position: usize, way: Direction) -> impl Iterator<Item = usize> + '_ {
        self.graph.edges_directed(self.index[position], way).map(move |edge| {
            let other = if way == Direction::Incoming { edge.source() } else { edge.target() };
            self.graph[other]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(edges: &[(&str, &[&str])]) -> Plan {
        let mut plan = Plan::default();
        for (name, after) in edges {
            let after: Vec<String> = after.iter().map(|a| format!("do/{a}")).collect();
            plan.add("do", name, *name, Value::Null, &after);
        }
        plan
    }

    #[test]
    fn a_plan_that_contradicts_itself_is_refused() {
        let ring = plan(&[("a", &["b"]), ("b", &["a"])]);
        assert!(matches!(Graph::of(&ring), Err(PlanError::Ring(_))));
        let dangling = plan(&[("a", &["nobody"])]);
        assert!(matches!(Graph::of(&dangling), Err(PlanError::Dangling { .. })));
        let twice = plan(&[("a", &[]), ("a", &[])]);
        assert!(matches!(Graph::of(&twice), Err(PlanError::Twice(_))));
    }

    #[test]
    fn a_graph_knows_who_waits_for_whom() {
        let graph = Graph::of(&plan(&[("a", &[]), ("b", &["a"]), ("c", &["a", "b"])])).unwrap();
        let mut before: Vec<usize> = graph.before(2).collect();
        before.sort_unstable();
        assert_eq!(before, [0, 1]);
        assert_eq!(graph.behind(1).collect::<Vec<_>>(), [2]);
    }
}
