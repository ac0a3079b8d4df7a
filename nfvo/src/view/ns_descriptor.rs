//! NS descriptors.

use windlass_api::api::Api;
use windlass_api::common::Link;
use windlass_api::nsd::{
    NsdArchiveArtifactInfo, NsdInfo, NsdLinks, NsdOnboardingState, NsdOperationalState,
    NsdUsageState,
};
use windlass_model::package::{OnboardingState, OperationalState, UsageState};
use windlass_store::{ArtifactRecord, NsdRecord};

use super::vnf_package::{failure, sha256, user_defined_data};

/// An NSD as clients see it.
pub(crate) fn ns_descriptor(nsd: &NsdRecord, usage: UsageState) -> NsdInfo {
    let onboarding = &nsd.onboarding;
    let read = |text: &String| nsd.nsd_id.as_ref().map(|_| text.clone());
    let this = format!("{}/ns_descriptors/{}", Api::Nsd.root(), nsd.id);
    NsdInfo {
        id: nsd.id.to_string(),
        nsd_id: nsd.nsd_id.clone(),
        nsd_name: read(&nsd.name),
        nsd_version: read(&nsd.version),
        nsd_designer: read(&nsd.designer),
        nsd_invariant_id: nsd.invariant_id.clone(),
        vnf_pkg_ids: nsd.vnf_packages.iter().map(ToString::to_string).collect(),
        pnfd_info_ids: Vec::new(),
        nested_nsd_info_ids: nsd.nested.iter().map(ToString::to_string).collect(),
        archive_security_option: None,
        signing_certificate: None,
        artifacts: nsd.artifacts.iter().map(artifact).collect(),
        nsd_onboarding_state: match onboarding.state {
            OnboardingState::Created => NsdOnboardingState::Created,
            OnboardingState::Uploading => NsdOnboardingState::Uploading,
            OnboardingState::Processing => NsdOnboardingState::Processing,
            OnboardingState::Onboarded => NsdOnboardingState::Onboarded,
            OnboardingState::Error => NsdOnboardingState::Error,
        },
        onboarding_failure_details: failure(onboarding),
        nsd_operational_state: match onboarding.operational {
            OperationalState::Enabled => NsdOperationalState::Enabled,
            OperationalState::Disabled => NsdOperationalState::Disabled,
        },
        nsd_usage_state: match usage {
            UsageState::InUse => NsdUsageState::InUse,
            UsageState::NotInUse => NsdUsageState::NotInUse,
        },
        user_defined_data: user_defined_data(onboarding),
        links: NsdLinks {
            content: Some(Link::to(format!("{this}/nsd_content"))),
            this: Link::to(this),
        },
    }
}

fn artifact(artifact: &ArtifactRecord) -> NsdArchiveArtifactInfo {
    NsdArchiveArtifactInfo {
        artifact_path: artifact.path.clone(),
        checksum: sha256(&artifact.digest),
        ..NsdArchiveArtifactInfo::default()
    }
}
