//! Packages that the NFVO fetches from servers of every temper.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use windlass_api::common::{ClientCredentialsParams, Secret};
use windlass_api::vnfpkgm::{PackageOnboardingState, UploadVnfPackageFromUriRequest, VnfPkgInfo};
use windlass_client::fetch::Bounds;
use windlass_nfvo::Settings;

use crate::env::Site;
use crate::example::{example, zipped};

/// A server of one file, with a temper.
struct Files {
    url: String,
    requests: Arc<Mutex<Vec<String>>>,
}

/// What a server does with one request, given its head: the whole answer, after which the
/// connection is closed.
type Temper = fn(head: &str, turn: usize, content: &[u8]) -> Vec<u8>;

impl Files {
    async fn serve(content: Vec<u8>, temper: Temper) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/package.csar", listener.local_addr().unwrap());
        let requests = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&requests);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let head = read_head(stream).await;
                let Some((head, mut stream)) = head else { continue };
                let turn = {
                    let mut seen = seen.lock().unwrap();
                    seen.push(head.clone());
                    seen.len() - 1
                };
                // Whoever went away does not want it.
                let _ = stream.write_all(&temper(&head, turn, &content)).await;
                let _ = stream.shutdown().await;
            }
        });
        Self { url, requests }
    }

    fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// The head of a request, in lower case, with its body behind it.
async fn read_head(stream: TcpStream) -> Option<(String, TcpStream)> {
    let mut stream = BufReader::new(stream);
    let (mut head, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
        if line.trim().is_empty() {
            break;
        }
        head.push_str(&line);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).await.ok()?;
    head.push_str(&String::from_utf8_lossy(&body));
    Some((head, stream.into_inner()))
}

fn answer(status: &str, headers: &str, length: usize, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 {status}\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
    );
    [head.as_bytes(), body].concat()
}

/// The offset that a request asks for.
fn offset(head: &str) -> Option<usize> {
    let (_, range) = head.split_once("range: bytes=")?;
    range.split('-').next()?.parse().ok()
}

fn whole(_head: &str, _turn: usize, content: &[u8]) -> Vec<u8> {
    answer("200 OK", "", content.len(), content)
}

/// Breaks off in the middle of each answer, and goes on where it is asked to.
fn breaks_off(head: &str, _turn: usize, content: &[u8]) -> Vec<u8> {
    let start = offset(head).unwrap_or(0);
    let rest = &content[start..];
    let some = &rest[..rest.len().min(content.len() / 3 + 1)];
    if start == 0 {
        return answer("200 OK", "ETag: \"one\"\r\n", rest.len(), some);
    }
    assert!(head.contains("if-range: \"one\""), "{head}");
    let range = format!("Content-Range: bytes {start}-{}/{}\r\n", content.len() - 1, content.len());
    answer("206 Partial Content", &range, rest.len(), some)
}

/// Breaks off once, and cannot resume.
fn starts_over(_head: &str, turn: usize, content: &[u8]) -> Vec<u8> {
    let some = if turn == 0 { &content[..content.len() / 2] } else { content };
    answer("200 OK", "", content.len(), some)
}

fn settings() -> Settings {
    let fetch = Bounds {
        attempts: 3,
        first_back_off: Duration::from_millis(5),
        from_loopback: true,
        ..Bounds::default()
    };
    Settings { fetch, ..Settings::default() }
}

async fn fetch(site: &Site, request: UploadVnfPackageFromUriRequest) -> VnfPkgInfo {
    let id = site.client.package_create(&Default::default()).await.unwrap().id;
    site.client.package_upload_from_uri(&id, &request).await.unwrap();
    site.package_at_rest(&id).await
}

fn from(url: &str) -> UploadVnfPackageFromUriRequest {
    UploadVnfPackageFromUriRequest { address_information: url.to_owned(), ..Default::default() }
}

async fn refusal(temper: Temper, settings: Settings) -> String {
    let site = Site::with(settings).await;
    let files = Files::serve(zipped(&example("ping-pong/ping")), temper).await;
    let package = fetch(&site, from(&files.url)).await;
    assert_eq!(package.onboarding_state, PackageOnboardingState::Error);
    site.eventually_stores(0).await;
    let problem = package.onboarding_failure_details.unwrap();
    format!("{} {}", problem.status, problem.detail)
}

#[tokio::test]
async fn a_package_is_fetched_through_breaks_and_new_beginnings() {
    for (temper, least) in [(whole as Temper, 1), (breaks_off, 3), (starts_over, 2)] {
        let site = Site::with(settings()).await;
        let content = zipped(&example("ping-pong/ping"));
        let files = Files::serve(content.clone(), temper).await;
        let package = fetch(&site, from(&files.url)).await;
        assert_eq!(package.onboarding_failure_details, None);
        assert_eq!(package.checksum.unwrap().hash, crate::example::sha256(&content));
        assert!(files.requests().len() >= least, "{:?}", files.requests());
    }
}

#[tokio::test]
async fn what_cannot_be_fetched_is_told_and_leaves_nothing() {
    let away = refusal(|_, _, _| answer("503 Service Unavailable", "", 0, b""), settings()).await;
    assert!(away.starts_with("503") && away.contains("after 3 attempts"), "{away}");
    let gone = refusal(|_, _, _| answer("404 Not Found", "", 0, b""), settings()).await;
    assert!(gone.contains("status 404"), "{gone}");
    let circle =
        refusal(|_, _, _| answer("302 Found", "Location: /again\r\n", 0, b""), settings()).await;
    assert!(circle.contains("redirected more than 5 times"), "{circle}");
    let astray = |_: &str, _, _: &[u8]| {
        answer("302 Found", "Location: http://169.254.169.254/latest\r\n", 0, b"")
    };
    let astray = refusal(astray, settings()).await;
    assert!(astray.contains("link-local"), "{astray}");
    let small = Settings { package_limit_bytes: 100, ..settings() };
    let long = refusal(whole, small).await;
    assert!(long.starts_with("413") && long.contains("100 bytes"), "{long}");
    let endless = |_: &str, _, _: &[u8]| {
        let head = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
        [head, vec![7; 5000]].concat()
    };
    let small = Settings { package_limit_bytes: 100, ..settings() };
    let endless = refusal(endless, small).await;
    assert!(endless.starts_with("413"), "{endless}");
    let hasty = Settings { fetch_limit: Duration::ZERO, ..settings() };
    let late = refusal(whole, hasty).await;
    assert!(late.contains("took longer than 0 s"), "{late}");
}

#[tokio::test]
async fn credentials_go_to_the_server_and_nowhere_else() {
    let site = Site::with(settings()).await;
    let asks = |head: &str, _, content: &[u8]| {
        let head = head.to_ascii_lowercase();
        if head.starts_with("post ") {
            assert!(head.contains("grant_type=client_credentials"), "{head}");
            let token = br#"{"access_token":"letmein","token_type":"Bearer"}"#;
            return answer("200 OK", "Content-Type: application/json\r\n", token.len(), token);
        }
        if head.contains("authorization: bearer letmein")
            || head.contains("authorization: basic ywxpy2u6c2vzyw1l")
        {
            return answer("200 OK", "", content.len(), content);
        }
        answer("401 Unauthorized", "", 0, b"")
    };
    let files = Files::serve(zipped(&example("ping-pong/ping")), asks).await;
    let nobody = fetch(&site, from(&files.url)).await;
    assert!(nobody.onboarding_failure_details.unwrap().detail.contains("status 401"));
    let params = ClientCredentialsParams {
        client_id: "alice".to_owned(),
        client_password: Secret("sesame".to_owned()),
        token_endpoint: files.url.clone(),
    };
    let token = UploadVnfPackageFromUriRequest {
        params_oauth2_client_credentials: Some(params),
        ..from(&files.url)
    };
    assert!(!format!("{token:?}").contains("sesame"));
    let package = fetch(&site, token).await;
    assert_eq!(package.onboarding_failure_details, None);
    let record = site.store.vnf_packages().get(package.id.parse().unwrap()).await.unwrap();
    assert!(!format!("{record:?}").contains("sesame"), "it is not kept");
    site.client
        .package_set_state(&package.id, windlass_api::vnfpkgm::PackageOperationalState::Disabled)
        .await
        .unwrap();
    site.client.package_delete(&package.id).await.unwrap();
    let basic = UploadVnfPackageFromUriRequest {
        user_name: Some("alice".to_owned()),
        password: Some(Secret("sesame".to_owned())),
        ..from(&files.url)
    };
    assert_eq!(fetch(&site, basic).await.onboarding_failure_details, None);
}
