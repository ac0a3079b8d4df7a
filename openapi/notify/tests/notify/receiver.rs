//! A subscriber: a small HTTP server that answers as it is told and remembers what it heard.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use actix_web::http::StatusCode;
use actix_web::http::header::AUTHORIZATION;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use serde_json::{Value, json};

/// What it says to who is wrong, and what is no business of anybody else.
pub const INSIDE: &str = "what only the inside may read";

/// A subscriber.
#[derive(Debug)]
pub struct Receiver {
    ear: Arc<Ear>,
    url: String,
}

/// What a subscriber does and remembers.
#[derive(Debug, Default)]
struct Ear {
    /// The answers to the next notifications; 204 when there is none left.
    script: Mutex<VecDeque<u16>>,
    /// The answer to every request, whatever the script says.
    always: Mutex<Option<u16>>,
    /// The `Authorization` that is wanted.
    wanted: Mutex<Option<String>>,
    heard: Mutex<Vec<Value>>,
    refused: Mutex<u32>,
    tokens: Mutex<u32>,
}

impl Ear {
    fn answer(&self, request: &HttpRequest) -> StatusCode {
        let shown = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap());
        let wanted = self.wanted.lock().unwrap();
        if wanted.is_some() && shown != wanted.as_deref() {
            return StatusCode::UNAUTHORIZED;
        }
        let status = self.always.lock().unwrap().unwrap_or(204);
        StatusCode::from_u16(status).unwrap()
    }
}

async fn asked(ear: web::Data<Ear>, request: HttpRequest) -> HttpResponse {
    match ear.answer(&request) {
        StatusCode::NO_CONTENT => HttpResponse::NoContent().finish(),
        status => HttpResponse::build(status).body(INSIDE),
    }
}

async fn told(ear: web::Data<Ear>, request: HttpRequest, body: web::Json<Value>) -> HttpResponse {
    let mut status = ear.answer(&request);
    if status == StatusCode::NO_CONTENT
        && let Some(next) = ear.script.lock().unwrap().pop_front()
    {
        status = StatusCode::from_u16(next).unwrap();
    }
    if status == StatusCode::NO_CONTENT {
        ear.heard.lock().unwrap().push(body.into_inner());
    } else {
        *ear.refused.lock().unwrap() += 1;
    }
    HttpResponse::build(status).body(INSIDE)
}

/// Gives a new token each time, and wants to see that one from then on.
async fn token(ear: web::Data<Ear>, request: HttpRequest, body: String) -> HttpResponse {
    let shown = request.headers().get(AUTHORIZATION).map(|value| value.to_str().unwrap());
    // `osm` and `hush`.
    if shown != Some("Basic b3NtOmh1c2g=") || body != "grant_type=client_credentials" {
        return HttpResponse::Unauthorized().body(INSIDE);
    }
    let mut tokens = ear.tokens.lock().unwrap();
    *tokens += 1;
    *ear.wanted.lock().unwrap() = Some(format!("Bearer token-{tokens}"));
    HttpResponse::Ok().json(json!({ "access_token": format!("token-{tokens}"), "expires_in": 60 }))
}

impl Receiver {
    /// One that takes everything.
    pub fn new() -> Self {
        let ear = Arc::new(Ear::default());
        let data = web::Data::from(Arc::clone(&ear));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(data.clone())
                .route("/notify", web::get().to(asked))
                .route("/notify", web::post().to(told))
                .route("/token", web::post().to(token))
        })
        .workers(1)
        .disable_signals()
        .bind(("127.0.0.1", 0))
        .unwrap();
        let url = format!("http://{}", server.addrs()[0]);
        tokio::spawn(server.run());
        Self { ear, url }
    }

    /// Where it is told.
    pub fn uri(&self) -> String {
        format!("{}/notify", self.url)
    }

    /// Where it gives tokens.
    pub fn token_endpoint(&self) -> String {
        format!("{}/token", self.url)
    }

    /// Answers the next notifications so.
    pub fn answers(&self, statuses: impl IntoIterator<Item = u16>) {
        self.ear.script.lock().unwrap().extend(statuses);
    }

    /// Answers everything so from now on.
    pub fn is(&self, status: Option<u16>) {
        *self.ear.always.lock().unwrap() = status;
    }

    /// Wants to see this authorization.
    pub fn wants(&self, authorization: &str) {
        *self.ear.wanted.lock().unwrap() = Some(authorization.to_owned());
    }

    /// How many tokens it has given.
    pub fn tokens(&self) -> u32 {
        *self.ear.tokens.lock().unwrap()
    }

    /// How many notifications it has refused.
    pub fn refused(&self) -> u32 {
        *self.ear.refused.lock().unwrap()
    }

    /// The notifications that it took.
    pub fn heard(&self) -> Vec<Value> {
        self.ear.heard.lock().unwrap().clone()
    }

    /// The names in the notifications that it took.
    pub fn names(&self) -> Vec<String> {
        self.heard().iter().map(|told| told["name"].as_str().unwrap().to_owned()).collect()
    }
}
