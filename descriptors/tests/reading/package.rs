//! Packages as archives: what is refused, and whether contents are what their metadata say.

use std::io::{Cursor, Read};

use crate::common::{Zip, digest_of, minimal_vnfd};
use openssl::asn1::Asn1Time;
use openssl::cms::{CMSOptions, CmsContentInfo};
use openssl::hash::MessageDigest;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;
use openssl::x509::{X509, X509Builder, X509NameBuilder};
use windlass_descriptors::package::Limits;
use windlass_descriptors::{Code, Package, PackageError, Severity, TrustAnchors, read_vnf_package};

fn refusal(zip: Zip) -> PackageError {
    Package::open(zip.open()).expect_err("the archive is refused")
}

fn codes(zip: Zip) -> Vec<(Severity, Code)> {
    let mut package = Package::open(zip.open()).unwrap();
    read_vnf_package(&mut package).findings.iter().map(|f| (f.severity, f.code)).collect()
}

#[test]
fn names_that_lead_out_of_a_folder_are_refused() {
    for name in ["../evil", "a/../../b", "/abs", "a//b", "c:\\windows", "a\nb", "./a"] {
        let error = refusal(Zip::new().file(name, b"x"));
        assert!(matches!(error, PackageError::UnsafeName { .. }), "{name}: {error}");
    }
}

#[test]
fn links_and_duplicates_are_refused() {
    let error = refusal(Zip::new().symlink("link", "/etc/passwd"));
    assert!(matches!(error, PackageError::Symlink { .. }), "{error}");
    let mut bytes = Zip::new().file("aaa", b"1").file("aab", b"2").bytes();
    for at in 0..bytes.len() - 3 {
        if &bytes[at..at + 3] == b"aab" {
            bytes[at + 2] = b'a';
        }
    }
    let error = Package::open(Cursor::new(bytes)).expect_err("one name, two files");
    assert!(matches!(error, PackageError::Duplicate { .. }), "{error}");
}

#[test]
fn bounds_are_kept_before_anything_is_read() {
    let zip = || Zip::new().file("a", &[0; 1000]).file("b", &[0; 1000]);
    let refused = |limits: Limits| {
        let opened = Package::open_within(zip().open(), limits);
        assert!(matches!(opened, Err(PackageError::TooMuch { .. })), "{limits:?}");
    };
    refused(Limits { entries: 1, ..Limits::default() });
    refused(Limits { name_bytes: 0, ..Limits::default() });
    refused(Limits { total_bytes: 1999, ..Limits::default() });
    assert!(Package::open_within(zip().open(), Limits { entries: 2, ..Limits::default() }).is_ok());
}

#[test]
fn files_are_streamed_as_they_are() {
    let mut package = Package::open(Zip::new().file("Files/a", b"content").open()).unwrap();
    assert_eq!(package.files().collect::<Vec<_>>(), [("Files/a", 7)]);
    let mut content = String::new();
    package.file("Files/a").unwrap().read_to_string(&mut content).unwrap();
    assert_eq!(content, "content");
    assert!(matches!(package.file("Files/b").err(), Some(PackageError::NoSuchFile { .. })));
}

#[test]
fn a_package_may_have_its_descriptor_at_the_root() {
    assert_eq!(codes(Zip::new().file("vnfd.yaml", minimal_vnfd().as_bytes())), []);
    let two = Zip::new()
        .file("a.yaml", minimal_vnfd().as_bytes())
        .file("b.yaml", minimal_vnfd().as_bytes());
    assert_eq!(codes(two), [(Severity::Error, Code::NoEntry)]);
    assert_eq!(codes(Zip::new().file("readme", b"")), [(Severity::Error, Code::NoEntry)]);
}

#[test]
fn a_file_that_is_not_what_its_digest_says_is_an_error_and_an_absent_one_a_warning() {
    let with = |digest: &str| {
        let meta = format!(
            "TOSCA-Meta-File-Version: 1.0\nEntry-Definitions: vnfd.yaml\n\n\
             Name: script\nAlgorithm: SHA-256\nHash: {digest}\n\n\
             Name: absent\nAlgorithm: SHA-256\nHash: 00\n"
        );
        codes(
            Zip::new()
                .file("TOSCA-Metadata/TOSCA.meta", meta.as_bytes())
                .file("vnfd.yaml", minimal_vnfd().as_bytes())
                .file("script", b"true"),
        )
    };
    let absent = (Severity::Warning, Code::MissingFile);
    assert_eq!(with(&digest_of(b"true")), [absent]);
    assert_eq!(with(&digest_of(b"false")), [(Severity::Error, Code::DigestMismatch), absent]);
}

#[test]
fn a_manifest_vouches_for_every_file() {
    let vnfd = minimal_vnfd();
    let manifest = format!(
        "metadata:\n  vnf_product_name: minimal\n\nSource: vnfd.yaml\nAlgorithm: SHA-256\nHash: {}\n",
        digest_of(vnfd.as_bytes())
    );
    let zip = Zip::new()
        .file("vnfd.yaml", vnfd.as_bytes())
        .file("minimal.mf", manifest.as_bytes())
        .file("extra", b"");
    let mut package = Package::open(zip.open()).unwrap();
    assert_eq!(package.manifest().unwrap().unwrap().metadata["vnf_product_name"], "minimal");
    let findings = read_vnf_package(&mut package).findings;
    assert_eq!(findings.iter().map(|f| f.code).collect::<Vec<_>>(), [Code::NoDigest]);
}

/// Somebody who signs, with a certificate that vouches for itself.
struct Signer {
    key: PKey<Private>,
    certificate: X509,
}

impl Signer {
    fn new(name: &str) -> Self {
        let key = PKey::from_rsa(Rsa::generate(2048).unwrap()).unwrap();
        let mut subject = X509NameBuilder::new().unwrap();
        subject.append_entry_by_text("CN", name).unwrap();
        let subject = subject.build();
        let mut builder = X509Builder::new().unwrap();
        builder.set_version(2).unwrap();
        builder.set_subject_name(&subject).unwrap();
        builder.set_issuer_name(&subject).unwrap();
        builder.set_pubkey(&key).unwrap();
        builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
        builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
        builder.sign(&key, MessageDigest::sha256()).unwrap();
        Self { key, certificate: builder.build() }
    }

    fn sign(&self, manifest: &str) -> String {
        let options = CMSOptions::BINARY | CMSOptions::DETACHED;
        let content = Some(manifest.as_bytes());
        let cms =
            CmsContentInfo::sign(Some(&self.certificate), Some(&self.key), None, content, options);
        String::from_utf8(cms.unwrap().to_pem().unwrap()).unwrap()
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_pem(&self.certificate.to_pem().unwrap()).unwrap()
    }
}

fn signed_package(signer: &Signer, tamper: impl Fn(String) -> String) -> Zip {
    let vnfd = minimal_vnfd();
    let digest = digest_of(vnfd.as_bytes());
    let manifest =
        format!("metadata:\n  a: b\n\nSource: vnfd.yaml\nAlgorithm: SHA-256\nHash: {digest}\n");
    let signature = signer.sign(&manifest);
    Zip::new()
        .file("vnfd.yaml", vnfd.as_bytes())
        .file("minimal.mf", (tamper(manifest) + &signature).as_bytes())
}

fn signature_findings(zip: Zip, anchors: TrustAnchors) -> Vec<(Severity, Code)> {
    let mut package = Package::open(zip.open()).unwrap().trusting(anchors);
    read_vnf_package(&mut package).findings.iter().map(|f| (f.severity, f.code)).collect()
}

#[test]
fn a_signed_manifest_is_only_worth_what_its_signer_is() {
    let (vendor, stranger) = (Signer::new("vendor"), Signer::new("stranger"));
    let package = || signed_package(&vendor, |manifest| manifest);
    assert_eq!(signature_findings(package(), vendor.anchors()), []);
    assert_eq!(
        signature_findings(package(), TrustAnchors::default()),
        [(Severity::Warning, Code::UntrustedSigner)]
    );
    assert_eq!(
        signature_findings(package(), stranger.anchors()),
        [(Severity::Error, Code::UntrustedSigner)]
    );
}

#[test]
fn a_manifest_changed_after_signing_is_refused() {
    let vendor = Signer::new("vendor");
    let package = signed_package(&vendor, |manifest| manifest.replace("a: b", "a: c"));
    assert_eq!(
        signature_findings(package, TrustAnchors::default()),
        [(Severity::Error, Code::BadSignature)]
    );
}

#[test]
fn who_asks_for_signatures_takes_no_unsigned_manifest() {
    let zip = Zip::new()
        .file("vnfd.yaml", minimal_vnfd().as_bytes())
        .file("a.mf", b"metadata:\n  a: b\n");
    let found = signature_findings(zip, Signer::new("vendor").anchors());
    assert_eq!(found, [(Severity::Error, Code::BadSignature)]);
}
