//! The tree, and ways to look into it.

use std::collections::BTreeMap;

use super::Unit;
use crate::finding::Place;

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    pub place: Place,
    pub value: Value,
}

/// A value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// The text of a scalar; `plain` when it stands without quotes and may mean a number or nothing.
    Scalar { text: String, plain: bool },
    /// A list.
    List(Vec<Node>),
    /// A map, in the order of the file, without duplicate keys.
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    pub key: Key,
    pub value: Node,
}

/// A key and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Key {
    pub text: String,
    pub place: Place,
}

impl Node {
    /// A scalar that stands at a place without having been written there, such as a default.
    pub fn scalar(place: Place, text: &str) -> Self {
        Self { place, value: Value::Scalar { text: text.to_owned(), plain: false } }
    }

    /// A map that stands at a place without having been written there.
    pub fn map(place: Place, entries: Vec<Entry>) -> Self {
        Self { place, value: Value::Map(entries) }
    }

    /// Nothing, or a `null`.
    pub fn is_null(&self) -> bool {
        match &self.value {
            Value::Scalar { text, plain: true } => {
                matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL")
            }
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => false,
        }
    }

    /// The entries of a map; none when it is something else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar { .. } | Value::List(_) => &[],
        }
    }

    /// The items of a list; none when it is something else.
    pub fn items(&self) -> &[Node] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar { .. } | Value::Map(_) => &[],
        }
    }

    /// What stands under a key, unless that is nothing.
    pub fn get(&self, key: &str) -> Option<&Node> {
        let entry = self.entries().iter().find(|entry| entry.key.text == key)?;
        (!entry.value.is_null()).then_some(&entry.value)
    }

    /// What stands at the end of a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } if !self.is_null() => Some(text),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The text of a scalar, if it may mean a number or a truth value.
    pub fn plain(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, plain: true } => Some(text),
            Value::Scalar { .. } | Value::List(_) | Value::Map(_) => None,
        }
    }

    /// A whole number.
    pub fn integer(&self) -> Option<i64> {
        self.plain()?.parse().ok()
    }

    /// A whole number that is not negative, cut to 32 bits.
    pub fn count(&self) -> Option<u32> {
        let number = self.integer()?.max(0);
        Some(u32::try_from(number).unwrap_or(u32::MAX))
    }

    /// A number.
    pub fn float(&self) -> Option<f64> {
        self.plain()?.parse().ok()
    }

    /// A truth value. Quoted ones are seen in the wild and leave no doubt.
    pub fn boolean(&self) -> Option<bool> {
        match self.text()? {
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    /// An amount in a unit, such as `512 MB`, in the smallest unit of its kind.
    pub fn amount(&self, unit: Unit) -> Option<u64> {
        unit.parse(self.text()?).ok()
    }

    /// The texts of a list's scalars; a scalar alone counts as a list of one.
    pub fn texts(&self) -> Vec<String> {
        if let Some(text) = self.text() {
            return vec![text.to_owned()];
        }
        self.items().iter().filter_map(Node::text).map(str::to_owned).collect()
    }

    /// The texts of a map's scalars; what is deeper is written as JSON.
    pub fn text_map(&self) -> BTreeMap<String, String> {
        self.entries().iter().map(|e| (e.key.text.clone(), e.value.flat_text())).collect()
    }

    /// The value as JSON: plain scalars as the numbers and truth values that they mean.
    pub fn json(&self) -> serde_json::Value {
        match &self.value {
            _ if self.is_null() => serde_json::Value::Null,
            Value::Scalar { text, plain: false } => text.clone().into(),
            Value::Scalar { text, plain: true } => self
                .integer()
                .map(Into::into)
                .or_else(|| self.boolean().map(Into::into))
                .or_else(|| self.float().filter(|number| number.is_finite()).map(Into::into))
                .unwrap_or_else(|| text.clone().into()),
            Value::List(items) => items.iter().map(Node::json).collect(),
            Value::Map(entries) => {
                let json = |e: &Entry| (e.key.text.clone(), e.value.json());
                serde_json::Value::Object(entries.iter().map(json).collect())
            }
        }
    }

    /// What the value is, for a message.
    pub fn describe(&self) -> String {
        match &self.value {
            _ if self.is_null() => "nothing".to_owned(),
            Value::Scalar { text, .. } if text.chars().count() <= 40 => format!("`{text}`"),
            Value::Scalar { .. } => "a text".to_owned(),
            Value::List(_) => "a list".to_owned(),
            Value::Map(_) => "a map".to_owned(),
        }
    }

    fn flat_text(&self) -> String {
        match &self.value {
            Value::Scalar { text, .. } => text.clone(),
            Value::List(_) | Value::Map(_) => self.json().to_string(),
        }
    }
}
