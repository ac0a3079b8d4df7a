//! The APIs, their roots and versions (SOL013 clause 9).

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// An API that Windlass speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Api {
    /// VNF lifecycle management (SOL003 clause 5).
    VnfLcm,
    /// VNF fault management (SOL003 clause 7).
    VnfFm,
    /// Lifecycle operation granting (SOL003 clause 9).
    Grant,
    /// VNF package management (SOL005 clause 9, SOL003 clause 10).
    VnfPkgm,
    /// NSD management (SOL005 clause 5).
    Nsd,
    /// Network service lifecycle management (SOL005 clause 6).
    NsLcm,
    /// What ETSI does not define.
    Windlass,
}

impl Api {
    /// Every API.
    pub const ALL: &'static [Self] = &[
        Self::VnfLcm,
        Self::VnfFm,
        Self::Grant,
        Self::VnfPkgm,
        Self::Nsd,
        Self::NsLcm,
        Self::Windlass,
    ];

    /// The name in the path.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VnfLcm => "vnflcm",
            Self::VnfFm => "vnffm",
            Self::Grant => "grant",
            Self::VnfPkgm => "vnfpkgm",
            Self::Nsd => "nsd",
            Self::NsLcm => "nslcm",
            Self::Windlass => "windlass",
        }
    }

    /// The path that every resource of the API starts with.
    pub const fn root(self) -> &'static str {
        match self {
            Self::VnfLcm => "/vnflcm/v2",
            Self::VnfFm => "/vnffm/v1",
            Self::Grant => "/grant/v1",
            Self::VnfPkgm => "/vnfpkgm/v2",
            Self::Nsd => "/nsd/v2",
            Self::NsLcm => "/nslcm/v2",
            Self::Windlass => "/windlass/v1",
        }
    }

    /// The version for the `Version` header: what SOL003 and SOL005 3.7.1 define.
    pub const fn version(self) -> &'static str {
        match self {
            Self::VnfLcm | Self::Nsd | Self::NsLcm => "2.3.0",
            Self::VnfFm => "1.5.0",
            Self::Grant => "1.7.0",
            Self::VnfPkgm => "2.4.0",
            Self::Windlass => "1.0.0",
        }
    }

    /// Whether a client that asks for `version` is understood: the major version decides.
    pub fn speaks(self, version: &str) -> bool {
        let major = |text: &str| text.trim().split('.').next().and_then(|n| n.parse::<u32>().ok());
        major(version).is_some_and(|asked| Some(asked) == major(self.version()))
    }

    /// What `GET …/api_versions` answers.
    pub fn information(self) -> ApiVersionInformation {
        let version = ApiVersion {
            version: self.version().to_owned(),
            is_deprecated: None,
            retirement_date: None,
        };
        ApiVersionInformation { uri_prefix: self.root().to_owned(), api_versions: vec![version] }
    }
}

/// The versions of an API that a server has (SOL013 clause 9.1).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiVersionInformation {
    /// The path that every resource of the API starts with.
    pub uri_prefix: String,
    /// The versions, as the `Version` header names them.
    pub api_versions: Vec<ApiVersion>,
}

/// One version of an API.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiVersion {
    /// Major, minor and patch, such as `2.3.0`.
    pub version: String,
    /// Whether clients should move on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_deprecated: Option<bool>,
    /// When it will be gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retirement_date: Option<DateTime<Utc>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_version_in_the_path_is_the_one_in_the_header() {
        for api in Api::ALL {
            let major = api.version().split('.').next().unwrap();
            assert_eq!(api.root(), format!("/{}/v{major}", api.name()));
        }
    }

    #[test]
    fn a_client_of_another_minor_version_is_understood_and_of_another_major_is_not() {
        assert!(Api::VnfLcm.speaks("2.0.0"));
        assert!(Api::VnfLcm.speaks("2.16.0-impl:example.com:thing:1"));
        assert!(!Api::VnfLcm.speaks("1.3.0"));
        assert!(!Api::VnfLcm.speaks("two"));
    }
}
