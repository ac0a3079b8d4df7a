//! Enumerations that have the same spelling in JSON, in a filter and on a terminal.

use thiserror::Error;

/// A word that an enumeration does not have.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{value}` is not one of {expected}")]
pub struct UnknownValue {
    /// What was said.
    pub value: String,
    /// What could have been said, separated by commas.
    pub expected: String,
}

/// Defines an enumeration of SOL: its variants, and their one spelling everywhere.
macro_rules! wire_enum {
    (
        $(#[$meta:meta])*
        pub enum $name:ident {
            $($(#[$variant_meta:meta])* $variant:ident = $wire:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
        )]
        pub enum $name {
            $($(#[$variant_meta])* #[serde(rename = $wire)] $variant,)+
        }

        impl $name {
            /// Every value, in the order of the standard.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The spelling of the standard.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $wire,)+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownValue;

            fn from_str(value: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|known| known.as_str() == value).ok_or_else(|| {
                    $crate::UnknownValue {
                        value: value.to_owned(),
                        expected: [$($wire),+].join(", "),
                    }
                })
            }
        }
    };
}

pub(crate) use wire_enum;
