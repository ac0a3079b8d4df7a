//! Whom the client trusts.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::Arc;
use std::thread::{self, JoinHandle};

use openssl::asn1::Asn1Time;
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkey::PKey;
use openssl::x509::extension::SubjectAlternativeName;
use openssl::x509::{X509, X509NameBuilder};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};
use windlass_api::api::Api;
use windlass_client::{Client, Error};

/// A certificate for 127.0.0.1 that vouches for itself, and its key, both in PEM.
fn self_signed() -> (Vec<u8>, Vec<u8>) {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
    let mut name = X509NameBuilder::new().unwrap();
    name.append_entry_by_text("CN", "windlass test").unwrap();
    let name = name.build();
    let mut certificate = X509::builder().unwrap();
    certificate.set_version(2).unwrap();
    certificate.set_subject_name(&name).unwrap();
    certificate.set_issuer_name(&name).unwrap();
    certificate.set_pubkey(&key).unwrap();
    certificate.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    certificate.set_not_after(&Asn1Time::days_from_now(1).unwrap()).unwrap();
    let context = certificate.x509v3_context(None, None);
    let names = SubjectAlternativeName::new().ip("127.0.0.1").build(&context).unwrap();
    certificate.append_extension(names).unwrap();
    certificate.sign(&key, MessageDigest::sha256()).unwrap();
    (certificate.build().to_pem().unwrap(), key.private_key_to_pem_pkcs8().unwrap())
}

/// Serves one connection with this certificate; gives its port and what becomes of the connection.
fn serve(certificate: &[u8], key: &[u8]) -> (u16, JoinHandle<std::io::Result<()>>) {
    let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let config =
        ServerConfig::builder().with_no_client_auth().with_single_cert(vec![certificate], key);
    let connection = ServerConnection::new(Arc::new(config.unwrap())).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let served = thread::spawn(move || {
        let mut stream = StreamOwned::new(connection, listener.accept()?.0);
        let _ = stream.read(&mut [0; 4096])?;
        let body = r#"{"uriPrefix":"/vnflcm/v2","apiVersions":[{"version":"2.3.0"}]}"#;
        let length = body.len();
        write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: {length}\r\n\r\n{body}")?;
        stream.flush()
    });
    (port, served)
}

#[tokio::test]
async fn a_server_is_trusted_if_the_given_authority_vouches_for_it() {
    rustls::crypto::ring::default_provider().install_default().unwrap();
    let (certificate, key) = self_signed();
    let (port, served) = serve(&certificate, &key);
    let url = format!("https://127.0.0.1:{port}");
    let client = Client::new(&url, None, Some(&certificate)).unwrap();
    let versions = client.api_versions(Api::VnfLcm).await.unwrap();
    assert_eq!(versions, Api::VnfLcm.information());
    served.join().unwrap().unwrap();

    let (port, served) = serve(&certificate, &key);
    let (another, _) = self_signed();
    let url = format!("https://127.0.0.1:{port}");
    let client = Client::new(&url, None, Some(&another)).unwrap();
    let error = client.api_versions(Api::VnfLcm).await.unwrap_err();
    assert!(matches!(error, Error::Unreachable { .. }), "{error:?}");
    assert!(served.join().unwrap().is_err(), "the server had an answer read");

    assert!(Client::new(&url, None, Some(b"-----BEGIN CERTIFICATE-----\n!")).is_err());
}
