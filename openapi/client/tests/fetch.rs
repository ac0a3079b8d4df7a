//! Files of strangers: how much patience they get, and what they are told.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]
#![allow(dead_code, reason = "the server can do more than is wanted here")]

mod server;

use std::time::Duration;

use windlass_api::common::{ClientCredentialsParams, Secret};
use windlass_client::fetch::{Bounds, Credentials, Fetch, FetchError, Piece, Source};

use server::{Server, answer};

fn fetch(uri: &str, credentials: Credentials) -> Result<Fetch, FetchError> {
    server::install_cryptography();
    let first_back_off = Duration::from_millis(1);
    let bounds = Bounds { attempts: 3, first_back_off, from_loopback: true, ..Bounds::default() };
    Fetch::new(Source { uri: uri.to_owned(), credentials }, bounds)
}

async fn content(mut fetch: Fetch) -> Result<Vec<u8>, FetchError> {
    let mut content = Vec::new();
    while let Some(piece) = fetch.next().await? {
        match piece {
            Piece::Beginning { .. } => content.clear(),
            Piece::Bytes(bytes) => content.extend_from_slice(&bytes),
        }
    }
    Ok(content)
}

/// The beginning of a file of ten bytes; nobody can tell whether the rest will belong to it.
fn broken(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 10\r\n\r\n{body}")
}

#[tokio::test]
async fn a_file_that_always_breaks_off_at_the_same_place_is_given_up() {
    let server = Server::answering(vec![broken("012345678"); 9]).await;
    let error = content(fetch(&server.url, Credentials::None).unwrap()).await.unwrap_err();
    assert!(matches!(error, FetchError::GaveUp { attempts: 3, .. }), "{error}");
    assert_eq!(server.requests().len(), 3);
}

#[tokio::test]
async fn a_file_that_comes_further_each_time_is_fetched() {
    let answers = ["0", "01", "012", "0123", "01234", "0123456789"];
    let server = Server::answering(answers.map(broken).to_vec()).await;
    let fetched = content(fetch(&server.url, Credentials::None).unwrap()).await.unwrap();
    assert_eq!(fetched, b"0123456789");
}

fn client_of(token_endpoint: &str) -> Credentials {
    Credentials::ClientCredentials(ClientCredentialsParams {
        client_id: "a:b".to_owned(),
        client_password: Secret("p%ss word".to_owned()),
        token_endpoint: token_endpoint.to_owned(),
    })
}

#[tokio::test]
async fn a_clients_id_and_password_are_encoded_so_that_they_can_be_told_apart() {
    let token = answer("200 OK", &[], r#"{ "access_token": "t" }"#);
    let server = Server::answering(vec![token, answer("200 OK", &[], "file")]).await;
    let credentials = client_of(&format!("{}/token", server.url));
    assert_eq!(content(fetch(&server.url, credentials).unwrap()).await.unwrap(), b"file");
    let requests = server.requests();
    // `a%3Ab:p%25ss+word`.
    assert_eq!(requests[0].headers["authorization"], "Basic YSUzQWI6cCUyNXNzK3dvcmQ=");
    assert_eq!(requests[1].headers["authorization"], "Bearer t");
}

#[test]
fn credentials_are_sent_in_clear_to_this_machine_only() {
    let basic = || Credentials::Basic { user: "u".to_owned(), password: Secret("p".to_owned()) };
    for (uri, credentials) in [
        ("http://files.example/a?key=hush", basic()),
        ("http://127.evil.example/a", basic()),
        ("http://files.example/a", client_of("https://tokens.example/")),
        ("https://files.example/a", client_of("http://tokens.example/")),
    ] {
        let refused = fetch(uri, credentials).unwrap_err();
        assert!(matches!(refused, FetchError::Refused { .. }), "{refused}");
        assert!(refused.to_string().contains("TLS"), "{refused}");
        assert!(!refused.to_string().contains("hush"), "{refused}");
    }
    for (uri, credentials) in [
        ("https://files.example/a", basic()),
        ("http://localhost:1/a", basic()),
        ("http://127.0.0.1:1/a", client_of("http://[::1]:1/")),
        ("http://files.example/a", Credentials::None),
    ] {
        assert!(fetch(uri, credentials).is_ok(), "{uri} is refused");
    }
}
