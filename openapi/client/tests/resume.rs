//! Downloads whose connection breaks.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on stops where it is")]
#![allow(dead_code, reason = "the server can do more than is wanted here")]

mod server;

use futures::TryStreamExt;
use windlass_client::PackageKey;

use server::Server;

/// An answer that announces more than it gives.
fn broken(status: &str, headers: &str, length: usize, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
}

async fn download(answers: Vec<String>) -> (Server, windlass_client::Result<Vec<u8>>) {
    let server = Server::answering(answers).await;
    let content = server.client().package_content(PackageKey::Id("p")).await.unwrap();
    let pieces: windlass_client::Result<Vec<_>> = content.stream().try_collect().await;
    (server, pieces.map(|pieces| pieces.concat()))
}

#[tokio::test]
async fn a_download_goes_on_where_its_connection_broke() {
    let rest = "content-range: bytes 4-9/10\r\n";
    let last = "content-range: bytes 7-9/10\r\n";
    let (server, content) = download(vec![
        broken("200 OK", "etag: \"one\"\r\n", 10, "0123"),
        broken("206 Partial Content", rest, 6, "456"),
        broken("206 Partial Content", last, 3, "789"),
    ])
    .await;
    assert_eq!(content.unwrap(), b"0123456789");
    let requests = server.requests();
    assert!(!requests[0].headers.contains_key("range"));
    assert_eq!(requests[1].headers["range"], "bytes=4-");
    assert_eq!(requests[1].headers["if-range"], "\"one\"");
    assert_eq!(requests[2].headers["range"], "bytes=7-");
}

#[tokio::test]
async fn parts_of_two_files_are_never_put_together() {
    let (_server, content) = download(vec![
        broken("200 OK", "etag: \"one\"\r\n", 10, "0123"),
        broken("200 OK", "etag: \"two\"\r\n", 10, "abcdefghij"),
    ])
    .await;
    let told = content.unwrap_err().to_string();
    assert!(told.contains("changed while it was read"), "{told}");
    // Nobody knows whether the rest of a file without a tag belongs to its beginning.
    let (_server, content) = download(vec![broken("200 OK", "", 10, "0123")]).await;
    assert!(content.unwrap_err().to_string().contains("cannot reach"));
    let weak = broken("200 OK", "etag: W/\"one\"\r\n", 10, "0123");
    let (_server, content) = download(vec![weak]).await;
    assert!(content.unwrap_err().to_string().contains("cannot reach"));
}
