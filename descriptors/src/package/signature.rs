//! CMS signatures of manifests.

use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::{X509, X509PurposeId};

/// Certificates that vouch for those who sign packages.
#[derive(Debug, Clone, Default)]
pub struct TrustAnchors(Vec<X509>);

/// Trust anchors that are no certificates.
#[derive(Debug, thiserror::Error)]
#[error("these trust anchors are not certificates in PEM")]
pub struct BadTrustAnchor(#[source] ErrorStack);

impl TrustAnchors {
    /// Certificates in PEM, one after the other.
    ///
    /// # Errors
    /// When the text holds something else.
    pub fn from_pem(pem: &[u8]) -> Result<Self, BadTrustAnchor> {
        X509::stack_from_pem(pem).map(Self).map_err(BadTrustAnchor)
    }

    /// Whether nobody is vouched for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn store(&self) -> Result<X509Store, ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        // Packages are signed with certificates of many purposes; mail is the only one that CMS expects.
        store.set_purpose(X509PurposeId::ANY)?;
        for anchor in &self.0 {
            store.add_cert(anchor.clone())?;
        }
        Ok(store.build())
    }
}

/// What a signature is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It fits, and a trust anchor vouches for the signer.
    Trusted,
    /// It fits, and nobody vouches for the signer.
    Untrusted,
    /// It does not fit what it signs, or is no signature.
    Bad,
}

/// Checks a detached signature of a text. The certificate may be in the signature or beside it.
pub(super) fn verify(
    signature: &str,
    signed: &str,
    certificate: Option<&[u8]>,
    anchors: &TrustAnchors,
) -> Verdict {
    let check = |anchors: Option<&TrustAnchors>| {
        variants(signed).iter().any(|(content, options)| {
            check_one(signature, content, *options, certificate, anchors).is_ok()
        })
    };
    if !anchors.is_empty() && check(Some(anchors)) {
        Verdict::Trusted
    } else if check(None) {
        Verdict::Untrusted
    } else {
        Verdict::Bad
    }
}

/// What may have been signed: the text with or without its last line break, as it is or as mail.
fn variants(signed: &str) -> [(&str, CMSOptions); 4] {
    let bare = signed.trim_end_matches(['\n', '\r']);
    [
        (signed, CMSOptions::BINARY),
        (bare, CMSOptions::BINARY),
        (signed, CMSOptions::empty()),
        (bare, CMSOptions::empty()),
    ]
}

fn check_one(
    signature: &str,
    content: &str,
    options: CMSOptions,
    certificate: Option<&[u8]>,
    anchors: Option<&TrustAnchors>,
) -> Result<(), ErrorStack> {
    let mut cms = CmsContentInfo::from_pem(signature.as_bytes())?;
    let mut certificates = Stack::new()?;
    for one in certificate.map(X509::stack_from_pem).transpose()?.unwrap_or_default() {
        certificates.push(one)?;
    }
    let store = anchors.map(TrustAnchors::store).transpose()?;
    let options = match store {
        Some(_) => options,
        None => options | CMSOptions::NO_SIGNER_CERT_VERIFY,
    };
    let content = Some(content.as_bytes());
    cms.verify(Some(&certificates), store.as_deref(), content, None, options)
}
