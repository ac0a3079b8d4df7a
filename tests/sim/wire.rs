//! The way between two programs: it delays, loses and repeats, as its dice fall.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};
use windlass_client::{Lost, Transport, http};

use super::dice::Dice;
use super::program::{Door, Knock};

/// How long a client waits for an answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a wire does to messages, each in so many of a hundred cases.
#[derive(Clone, Copy, Debug, Default)]
pub struct Weather {
    pub requests_lost: u64,
    pub answers_lost: u64,
    pub doubled: u64,
    pub slow: u64,
}

#[derive(Clone, Debug)]
pub struct Wire {
    door: Door,
    dice: Dice,
    weather: Arc<Mutex<Weather>>,
}

/// What becomes of one message. It is decided before anything happens.
#[derive(Clone, Copy, Debug)]
struct Fate {
    request_lost: bool,
    answer_lost: bool,
    doubled: bool,
    there: Duration,
    back: Duration,
}

impl Wire {
    pub fn new(door: &Door, dice: Dice) -> Self {
        Self { door: door.clone(), dice, weather: Arc::default() }
    }

    pub fn set(&self, weather: Weather) {
        *self.weather.lock().unwrap() = weather;
    }

    fn fate(&self) -> Fate {
        let weather = *self.weather.lock().unwrap();
        let dice = &self.dice;
        let delay = || dice.millis(if dice.percent(weather.slow) { 5_000 } else { 3 });
        Fate {
            request_lost: dice.percent(weather.requests_lost),
            answer_lost: dice.percent(weather.answers_lost),
            doubled: dice.percent(weather.doubled),
            there: delay(),
            back: delay(),
        }
    }
}

impl Transport for Wire {
    fn exchange(
        &self,
        request: http::Request<Bytes>,
    ) -> BoxFuture<'static, Result<http::Response<Bytes>, Lost>> {
        let (fate, door) = (self.fate(), self.door.clone());
        async move {
            sleep(fate.there).await;
            if fate.request_lost {
                sleep(PATIENCE).await;
                return Err(late());
            }
            if fate.doubled {
                let (answer, _nobody) = oneshot::channel();
                door.knock(Knock { request: request.clone(), answer });
            }
            let (answer, answered) = oneshot::channel();
            if !door.knock(Knock { request, answer }) {
                return Err(Lost::NoServer("nobody is there".to_owned()));
            }
            let response = match timeout(PATIENCE, answered).await {
                Ok(Ok(response)) => response,
                Ok(Err(_killed)) => return Err(Lost::NoAnswer("it hung up".to_owned())),
                Err(_late) => return Err(late()),
            };
            sleep(fate.back).await;
            if fate.answer_lost { Err(late()) } else { Ok(response) }
        }
        .boxed()
    }
}

fn late() -> Lost {
    Lost::NoAnswer("it does not answer in time".to_owned())
}
