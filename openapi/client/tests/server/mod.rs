//! A server that answers as it is told, one request per connection, and remembers what it was asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use windlass_client::Client;

/// A request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Method and path with query.
    pub line: String,
    /// By lower-case name.
    pub headers: HashMap<String, String>,
    pub body: String,
}

#[derive(Debug)]
pub struct Server {
    pub url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Answers with each of `answers` in turn; `{url}` in them becomes the server's own.
    pub async fn answering(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<Request>>>::default();
        let (base, seen) = (url.clone(), Arc::clone(&requests));
        tokio::spawn(async move {
            for answer in answers {
                let (stream, _) = listener.accept().await.unwrap();
                let mut stream = BufReader::new(stream);
                let request = read_request(&mut stream).await;
                seen.lock().unwrap().push(request);
                stream.write_all(answer.replace("{url}", &base).as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
            }
        });
        Self { url, requests }
    }

    pub fn client(&self) -> Client {
        client(&self.url)
    }

    /// What was asked so far.
    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

/// A client as a program makes one.
pub fn client(url: &str) -> Client {
    install_cryptography();
    Client::new(url, None, None).unwrap()
}

pub fn install_cryptography() {
    // Another test of the same program may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
}

/// An answer with a body.
pub fn answer(status: &str, headers: &[(&str, &str)], body: &str) -> String {
    let mut text = format!("HTTP/1.1 {status}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    format!("{text}content-length: {}\r\n\r\n{body}", body.len())
}

/// An answer in JSON.
pub fn json(status: &str, body: &serde_json::Value) -> String {
    answer(status, &[("content-type", "application/json")], &body.to_string())
}

async fn read_request(stream: &mut BufReader<TcpStream>) -> Request {
    let first = read_line(stream).await;
    let line = first.trim_end_matches(" HTTP/1.1").to_owned();
    let mut headers = HashMap::new();
    while let Some((name, value)) = read_line(stream).await.split_once(':') {
        headers.insert(name.to_ascii_lowercase(), value.trim().to_owned());
    }
    let body = if headers.get("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        read_chunks(stream).await
    } else {
        let length = headers.get("content-length").map_or(0, |length| length.parse().unwrap());
        read_exactly(stream, length).await
    };
    Request { line, headers, body }
}

async fn read_line(stream: &mut BufReader<TcpStream>) -> String {
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    line.trim_end().to_owned()
}

async fn read_exactly(stream: &mut BufReader<TcpStream>, length: usize) -> String {
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.unwrap();
    String::from_utf8(body).unwrap()
}

async fn read_chunks(stream: &mut BufReader<TcpStream>) -> String {
    let mut body = String::new();
    loop {
        let length = usize::from_str_radix(&read_line(stream).await, 16).unwrap();
        body.push_str(&read_exactly(stream, length).await);
        read_line(stream).await;
        if length == 0 {
            return body;
        }
    }
}
