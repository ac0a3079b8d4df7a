//! Why no plan can be made of a request.

use windlass_descriptors::vnfd::ScalingError;
use windlass_descriptors::vnfd::UnknownFlavour;

/// Why no plan can be made of a request.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The VNFD has no such flavour.
    #[error(transparent)]
    Flavour(#[from] UnknownFlavour),
    /// The flavour has no such aspect or level.
    #[error(transparent)]
    Scaling(#[from] ScalingError),
    /// Scaling in goes below level 0.
    #[error("aspect `{aspect}` stands at level {level}: it cannot go down by {steps}")]
    BelowZero {
        /// The aspect.
        aspect: String,
        /// Its level now.
        level: u32,
        /// The steps asked for.
        steps: u32,
    },
    /// Nothing was asked for.
    #[error("the request names neither an instantiation level nor scale levels; give one of them")]
    NoLevel,
    /// No such component.
    #[error("there is no VNFC `{0}` in this VNF")]
    UnknownVnfc(String),
    /// A VDU that only a Kubernetes VIM can run.
    #[error(
        "VDU `{vdu}` has no software image, so a machine has nothing to boot from; a CNF needs a Kubernetes VIM"
    )]
    NothingToBoot {
        /// The VDU.
        vdu: String,
    },
    /// The grant leaves something out.
    #[error("the grant does not say {0}")]
    GrantIncomplete(String),
    /// A subnet in the VNFD cannot be used.
    #[error("virtual link `{link}` has the subnet {cidr:?}, which is no IPv4 network")]
    BadSubnet {
        /// The link.
        link: String,
        /// What the VNFD says.
        cidr: String,
    },
    /// A link has no address left.
    #[error("connection point `{cpd}` of {vnfc} finds no free address on its link")]
    NoAddress {
        /// The connection point.
        cpd: String,
        /// The component.
        vnfc: String,
    },
    /// A link is named that no VIM here knows.
    #[error("external virtual link {0} is not known to its VIM")]
    UnknownLink(String),
    /// Text that should be an id is none.
    #[error("{what} {text:?} is not an identifier")]
    BadIdentifier {
        /// What it should identify.
        what: &'static str,
        /// What was there.
        text: String,
    },
    /// Boot data names an input that nobody gave.
    #[error("VDU `{vdu}` wants the parameter `{input}`: give it in additionalParams")]
    MissingParameter {
        /// The VDU.
        vdu: String,
        /// The input's name.
        input: String,
    },
}

impl PlanError {
    /// The HTTP status that says it best.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self {
            Self::GrantIncomplete(_) | Self::UnknownLink(_) => 500,
            Self::Flavour(_)
            | Self::Scaling(_)
            | Self::BelowZero { .. }
            | Self::NoLevel
            | Self::UnknownVnfc(_)
            | Self::NothingToBoot { .. }
            | Self::BadSubnet { .. }
            | Self::NoAddress { .. }
            | Self::BadIdentifier { .. }
            | Self::MissingParameter { .. } => 422,
        }
    }
}
