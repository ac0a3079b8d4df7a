//! From text to tree, within bounds that no descriptor needs and every attack exceeds.

use std::collections::{HashMap, HashSet};

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span};

use super::{Entry, Key, MAX_SCALAR_BYTES, Node, Value};
use crate::finding::{Code, Log, Place, Severity};

/// Values in one file, those that aliases repeat counted again: what stops an alias bomb.
const MAX_NODES: usize = 200_000;

/// A text counts as one value more for each of these: an alias can repeat one long text as well.
const BYTES_PER_NODE: usize = 64;

/// Maps and lists inside one another.
const MAX_DEPTH: usize = 64;

/// Reads one document. Notes what is wrong; gives the tree if there is one.
pub(crate) fn parse(name: &str, text: &str, log: &mut Log) -> Option<Node> {
    let (file, text) = log.add_source(name, text);
    if text.len() > super::MAX_TEXT_BYTES {
        log.about_file(
            Severity::Error,
            Code::TooBig,
            name,
            "the file is too large for a descriptor",
        )
        .help(format!("at most {} bytes are read", super::MAX_TEXT_BYTES));
        return None;
    }
    Composer { file, open: Vec::new(), anchors: HashMap::new(), nodes: 0, root: None, log }
        .run(&text)
}

/// A map or list that is not complete yet.
struct Open {
    place: Place,
    anchor: usize,
    value: Value,
    /// The key that waits for its value.
    key: Option<Key>,
    keys: HashSet<String>,
    /// Maps to take further entries from (`<<`).
    merges: Vec<Node>,
}

struct Composer<'log> {
    file: u32,
    open: Vec<Open>,
    /// Anchored values, with how many values each holds.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    root: Option<Node>,
    log: &'log mut Log,
}

impl Composer<'_> {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "other events hold no value, and which there are depends on the parser's features"
    )]
    fn run(mut self, text: &str) -> Option<Node> {
        for event in Parser::new_from_str(text) {
            let (event, span) = match event {
                Ok(event) => event,
                Err(error) => return self.refuse(&error),
            };
            let place = self.place(text, span);
            match event {
                Event::Scalar(text, style, anchor, _) => {
                    let plain = style == ScalarStyle::Plain;
                    self.bound(&text, place)?;
                    self.count(1 + text.len() / BYTES_PER_NODE, place)?;
                    let value = Value::Scalar { text: text.into_owned(), plain };
                    self.add(Node { place, value }, anchor)?;
                }
                Event::SequenceStart(_, anchor, _) => {
                    self.open(place, anchor, Value::List(Vec::new()))?;
                }
                Event::MappingStart(_, anchor, _) => {
                    self.open(place, anchor, Value::Map(Vec::new()))?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.close(place)?,
                Event::Alias(anchor) => self.repeat(anchor, place)?,
                Event::DocumentStart(..) if self.root.is_some() => {
                    self.log
                        .error(Code::BadYaml, place, "a second document starts here")
                        .help("a descriptor file holds one document");
                    return self.root;
                }
                _ => {}
            }
        }
        self.root
    }

    fn refuse(mut self, error: &ScanError) -> Option<Node> {
        let marker = error.marker();
        let place = Place {
            file: self.file,
            line: number(marker.line()),
            column: number(marker.col() + 1),
            offset: marker.byte_offset().unwrap_or(0),
            length: 0,
        };
        self.log.error(Code::BadYaml, place, format!("this is not YAML: {}", error.info()));
        self.root.take()
    }

    fn place(&self, text: &str, span: Span) -> Place {
        let range = span.byte_range().unwrap_or(0..0);
        // A block's span reaches over its trailing line break; what is drawn should not.
        let length = text.get(range.clone()).map_or(0, |slice| slice.trim_end().len());
        let line = number(span.start.line());
        let column = number(span.start.col() + 1);
        Place { file: self.file, line, column, offset: range.start, length }
    }

    fn open(&mut self, place: Place, anchor: usize, value: Value) -> Option<()> {
        self.count(1, place)?;
        if self.open.len() >= MAX_DEPTH {
            self.log
                .error(Code::TooBig, place, "maps and lists are nested too deep")
                .help(format!("at most {MAX_DEPTH} levels are read"));
            return None;
        }
        let (keys, merges) = (HashSet::new(), Vec::new());
        self.open.push(Open { place, anchor, value, key: None, keys, merges });
        Some(())
    }

    fn close(&mut self, end: Place) -> Option<()> {
        let mut done = self.open.pop()?;
        done.place.length = end.offset.saturating_sub(done.place.offset);
        if let Value::Map(entries) = &mut done.value {
            for entry in done.merges.iter().flat_map(merged) {
                if done.keys.insert(entry.key.text.clone()) {
                    entries.push(entry.clone());
                }
            }
        }
        self.add(Node { place: done.place, value: done.value }, done.anchor)
    }

    fn repeat(&mut self, anchor: usize, place: Place) -> Option<()> {
        let Some((node, size)) = self.anchors.get(&anchor).cloned() else {
            self.log.error(Code::BadYaml, place, "this alias stands inside what it repeats");
            return None;
        };
        self.count(size, place)?;
        self.add(Node { place, ..node }, 0)
    }

    /// Puts a complete value where it belongs.
    fn add(&mut self, node: Node, anchor: usize) -> Option<()> {
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), weight(&node)));
            // The copy counts too: anchors inside anchors would otherwise multiply for free.
            self.count(weight(&node), node.place)?;
        }
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return Some(());
        };
        match (&mut open.value, open.key.take()) {
            (Value::List(items), _) => items.push(node),
            (Value::Map(entries), Some(key)) => {
                if key.text == "<<" && is_mergeable(&node) {
                    open.merges.push(node);
                } else if open.keys.insert(key.text.clone()) {
                    entries.push(Entry { key, value: node });
                } else {
                    let first = entries.iter().find(|entry| entry.key.text == key.text);
                    let line = first.map_or(0, |entry| entry.key.place.line);
                    let message = format!("the key `{}` stands twice in this map", key.text);
                    self.log
                        .error(Code::DuplicateKey, key.place, message)
                        .help(format!("it stands in line {line} already; only one can count"));
                }
            }
            (Value::Map(_), None) => match node.value {
                Value::Scalar { text, .. } => open.key = Some(Key { text, place: node.place }),
                Value::List(_) | Value::Map(_) => {
                    self.log.error(Code::BadYaml, node.place, "a key must be a text");
                    return None;
                }
            },
            (Value::Scalar { .. }, _) => {}
        }
        Some(())
    }

    fn bound(&mut self, text: &str, place: Place) -> Option<()> {
        if text.len() <= MAX_SCALAR_BYTES {
            return Some(());
        }
        self.log
            .error(Code::TooBig, place, format!("this text is {} bytes long", text.len()))
            .help(format!(
                "at most {MAX_SCALAR_BYTES} are read; put it into a file of the package"
            ));
        None
    }

    fn count(&mut self, nodes: usize, place: Place) -> Option<()> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes <= MAX_NODES {
            return Some(());
        }
        self.log
            .error(Code::TooBig, place, "the file holds too many values")
            .help(format!("at most {MAX_NODES} are read; what aliases repeat counts again"));
        None
    }
}

fn is_mergeable(node: &Node) -> bool {
    !node.entries().is_empty() || !node.items().is_empty()
}

fn merged(node: &Node) -> impl Iterator<Item = &Entry> {
    node.entries().iter().chain(node.items().iter().flat_map(Node::entries))
}

/// How much a value counts, with all that is in it.
pub(crate) fn weight(node: &Node) -> usize {
    1 + match &node.value {
        Value::Scalar { text, .. } => text.len() / BYTES_PER_NODE,
        Value::List(items) => items.iter().map(weight).sum::<usize>(),
        Value::Map(entries) => entries
            .iter()
            .map(|entry| 1 + entry.key.text.len() / BYTES_PER_NODE + weight(&entry.value))
            .sum(),
    }
}

fn number(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
