//! What a property holds.

use crate::yaml::{Node, Unit, Value};

/// What a property holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Kind {
    String,
    Integer,
    Float,
    Boolean,
    Amount(Unit),
    /// Two whole numbers.
    Range,
    List(Box<Kind>),
    Map(Box<Kind>),
    /// One of these texts, when it is a text.
    OneOf(Vec<String>),
    /// A value of a data type.
    Data(String),
    /// Releases differ: whichever has the value's shape.
    Either(Vec<Kind>),
    Any,
}

impl Kind {
    /// Reads the notation of the standard types: `string`, `list<ScaleInfo>`, `string(root|leaf)`.
    pub fn from_notation(text: &str) -> Self {
        if text.contains('/') {
            return Self::Either(text.split('/').map(Self::from_notation).collect());
        }
        let inner = |prefix: &str, end: char| text.strip_prefix(prefix)?.strip_suffix(end);
        if let Some(item) = inner("list<", '>') {
            return Self::List(Box::new(Self::from_notation(item)));
        }
        if let Some(item) = inner("map<", '>') {
            return Self::Map(Box::new(Self::from_notation(item)));
        }
        if let Some(values) = inner("string(", ')') {
            return Self::OneOf(values.split('|').map(str::to_owned).collect());
        }
        match text {
            "size" => Self::Amount(Unit::Size),
            "time" => Self::Amount(Unit::Time),
            "frequency" => Self::Amount(Unit::Frequency),
            simple => Self::simple(simple)
                .unwrap_or_else(|| Self::Data(format!("tosca.datatypes.nfv.{simple}"))),
        }
    }

    /// Reads a TOSCA definition: `type`, `entry_schema` and `constraints`.
    pub fn from_definition(definition: &Node) -> Self {
        let name = definition.text().or_else(|| definition.get("type")?.text()).unwrap_or("");
        let entry =
            || Box::new(definition.get("entry_schema").map_or(Self::Any, Self::from_definition));
        match name {
            "list" => Self::List(entry()),
            "map" => Self::Map(entry()),
            "" => Self::Any,
            name => match Self::simple(name) {
                Some(Self::String) => valid_values(definition).map_or(Self::String, Self::OneOf),
                Some(kind) => kind,
                None => Self::Data(name.to_owned()),
            },
        }
    }

    fn simple(name: &str) -> Option<Self> {
        Some(match name {
            "string" | "timestamp" | "version" => Self::String,
            "integer" => Self::Integer,
            "float" => Self::Float,
            "boolean" => Self::Boolean,
            "range" => Self::Range,
            "scalar-unit.size" => Self::Amount(Unit::Size),
            "scalar-unit.time" => Self::Amount(Unit::Time),
            "scalar-unit.frequency" => Self::Amount(Unit::Frequency),
            "scalar-unit.bitrate" => Self::Amount(Unit::Bitrate),
            "any" => Self::Any,
            _ => return None,
        })
    }

    /// Whether a value has the shape of this kind: a scalar, a list or a map.
    pub fn has_shape_of(&self, node: &Node) -> bool {
        match (self, &node.value) {
            (Self::Any, _) => true,
            (Self::List(_) | Self::Range, value) => matches!(value, Value::List(_)),
            (Self::Map(_) | Self::Data(_), value) => matches!(value, Value::Map(_)),
            (Self::Either(kinds), _) => kinds.iter().any(|kind| kind.has_shape_of(node)),
            (_, value) => matches!(value, Value::Scalar { .. }),
        }
    }

    /// What would be right, for a message.
    pub fn describe(&self) -> String {
        match self {
            Self::String => "a text".to_owned(),
            Self::Integer => "a whole number".to_owned(),
            Self::Float => "a number".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Amount(unit) => unit.example().to_owned(),
            Self::Range => "two whole numbers, such as `[ 80, 90 ]`".to_owned(),
            Self::List(item) => format!("a list, each item {}", item.describe()),
            Self::Map(item) => format!("a map, each value {}", item.describe()),
            Self::OneOf(values) => format!("one of {}", values.join(", ")),
            Self::Data(name) => format!("a map of type {name}"),
            Self::Either(kinds) => kinds.first().map(Self::describe).unwrap_or_default(),
            Self::Any => "a value".to_owned(),
        }
    }
}

fn valid_values(definition: &Node) -> Option<Vec<String>> {
    let constraints = definition.get("constraints")?;
    constraints.items().iter().find_map(|one| Some(one.get("valid_values")?.texts()))
}
