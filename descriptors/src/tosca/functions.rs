//! TOSCA functions: `get_input`, `get_property` and `concat`, as far as they can be known before instantiation.

use std::collections::BTreeMap;

use super::topology::Inputs;
use crate::finding::{Code, Log};
use crate::suggest::did_you_mean;
use crate::yaml::{Entry, Node, Value};

/// What stands in for functions.
pub(super) struct Scope<'a> {
    pub inputs: &'a Inputs,
    /// The properties of each node template, as written.
    pub nodes: BTreeMap<String, Node>,
    /// Functions inside what functions gave are followed this deep.
    pub depth: usize,
}

/// Whether a value is a function that waits for instantiation.
pub(super) fn is_function(node: &Node) -> bool {
    const NAMES: [&str; 10] = [
        "get_input",
        "get_property",
        "get_attribute",
        "get_artifact",
        "get_operation_output",
        "get_nodes_of_type",
        "get_secret",
        "concat",
        "join",
        "token",
    ];
    matches!(node.entries(), [only] if NAMES.contains(&only.key.text.as_str()))
}

/// The value with every function replaced whose result is known.
pub(super) fn resolve(node: &Node, owner: &str, scope: &Scope<'_>, log: &mut Log) -> Node {
    if is_function(node) && scope.depth > 0 {
        let function = &node.entries()[0];
        if let Some(result) = call(function, owner, scope, log) {
            let scope =
                Scope { inputs: scope.inputs, nodes: scope.nodes.clone(), depth: scope.depth - 1 };
            let result = resolve(&result, owner, &scope, log);
            // Findings about the result point to where it is used.
            return Node { place: node.place, ..result };
        }
        return node.clone();
    }
    let value = match &node.value {
        Value::Scalar { .. } => node.value.clone(),
        Value::List(items) => {
            Value::List(items.iter().map(|item| resolve(item, owner, scope, log)).collect())
        }
        Value::Map(entries) => {
            let entry = |e: &Entry, log: &mut Log| Entry {
                key: e.key.clone(),
                value: resolve(&e.value, owner, scope, log),
            };
            Value::Map(entries.iter().map(|e| entry(e, log)).collect())
        }
    };
    Node { place: node.place, value }
}

fn call(function: &Entry, owner: &str, scope: &Scope<'_>, log: &mut Log) -> Option<Node> {
    let arguments = &function.value;
    match function.key.text.as_str() {
        "get_input" => get_input(arguments, scope.inputs, log),
        "get_property" => {
            let [node, path @ ..] = arguments.items() else { return None };
            let node = if node.text()? == "SELF" { owner } else { node.text()? };
            follow(scope.nodes.get(node)?, path).cloned()
        }
        "concat" => {
            let parts: Vec<Node> =
                arguments.items().iter().map(|part| resolve(part, owner, scope, log)).collect();
            let texts: Option<Vec<&str>> = parts.iter().map(Node::text).collect();
            Some(Node::scalar(arguments.place, &texts?.concat()))
        }
        _ => None,
    }
}

fn get_input(arguments: &Node, inputs: &Inputs, log: &mut Log) -> Option<Node> {
    let (name, path) = match arguments.items() {
        [name, path @ ..] => (name, path),
        [] => (arguments, &[][..]),
    };
    let text = name.text()?;
    let Some(value) = inputs.get(text) else {
        log.error(Code::UnknownInput, name.place, format!("there is no input `{text}`"))
            .near(|| did_you_mean(text, inputs.names()));
        return None;
    };
    follow(value?, path).cloned()
}

fn follow<'a>(from: &'a Node, path: &[Node]) -> Option<&'a Node> {
    path.iter().try_fold(from, |node, step| {
        let index = step.count().and_then(|index| usize::try_from(index).ok());
        node.get(step.text()?).or_else(|| node.items().get(index?))
    })
}
