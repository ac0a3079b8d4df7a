//! A program that runs in this thread, behind a door instead of a socket.

use std::rc::Rc;
use std::sync::{Arc, Mutex};

use actix_web::dev::{Service, ServiceResponse};
use actix_web::http::Method;
use actix_web::test::{TestRequest, init_service};
use actix_web::{App, web};
use bytes::Bytes;
use tokio::sync::{mpsc, oneshot};
use tokio::task::{JoinHandle, JoinSet};
use windlass_client::http;

/// A request that waits for its answer.
pub struct Knock {
    pub request: http::Request<Bytes>,
    pub answer: oneshot::Sender<http::Response<Bytes>>,
}

/// Where a program is found, whichever process of it runs now.
#[derive(Clone, Debug, Default)]
pub struct Door(Arc<Mutex<Option<mpsc::UnboundedSender<Knock>>>>);

impl Door {
    /// True when somebody took the request in.
    pub fn knock(&self, knock: Knock) -> bool {
        let door = self.0.lock().unwrap();
        door.as_ref().is_some_and(|open| open.send(knock).is_ok())
    }
}

/// A process: it answers requests and does its work until it is killed.
pub struct Process {
    door: Door,
    answers: JoinHandle<()>,
    work: JoinHandle<()>,
}

impl Process {
    /// A program that answers at `door` with these paths, and works.
    pub fn start<F>(door: &Door, configure: F, work: JoinHandle<()>) -> Self
    where
        F: FnOnce(&mut web::ServiceConfig) + 'static,
    {
        let (open, knocks) = mpsc::unbounded_channel();
        *door.0.lock().unwrap() = Some(open);
        let answers = tokio::task::spawn_local(answer(configure, knocks));
        Self { door: door.clone(), answers, work }
    }

    /// As `kill -9`: what it is doing ends where it stands.
    pub async fn kill(self) {
        *self.door.0.lock().unwrap() = None;
        self.answers.abort();
        self.work.abort();
        let _aborted = self.answers.await;
        let _aborted = self.work.await;
    }
}

async fn answer<F>(configure: F, mut knocks: mpsc::UnboundedReceiver<Knock>)
where
    F: FnOnce(&mut web::ServiceConfig) + 'static,
{
    let service = Rc::new(init_service(App::new().configure(configure)).await);
    let mut running = JoinSet::new();
    while let Some(Knock { request, answer }) = knocks.recv().await {
        let service = Rc::clone(&service);
        running.spawn_local(async move {
            let request = to_actix(request).to_request();
            let response = match service.call(request).await {
                Ok(response) => response.map_into_boxed_body(),
                Err(error) => {
                    let request = TestRequest::default().to_http_request();
                    ServiceResponse::new(request, error.error_response())
                }
            };
            // Nobody waits any more when the request was given up.
            let _ = answer.send(from_actix(response).await);
        });
        while running.try_join_next().is_some() {}
    }
}

fn to_actix(request: http::Request<Bytes>) -> TestRequest {
    let (parts, body) = request.into_parts();
    let method = Method::from_bytes(parts.method.as_str().as_bytes()).unwrap();
    let mut actix = TestRequest::default().method(method).uri(&parts.uri.to_string());
    for (name, value) in &parts.headers {
        actix = actix.append_header((name.as_str(), value.as_bytes()));
    }
    actix.set_payload(body)
}

async fn from_actix(response: ServiceResponse) -> http::Response<Bytes> {
    let mut plain = http::Response::builder().status(response.status().as_u16());
    for (name, value) in response.headers() {
        plain = plain.header(name.as_str(), value.as_bytes());
    }
    let body = actix_web::body::to_bytes(response.into_body()).await.unwrap_or_default();
    plain.body(body).unwrap()
}
