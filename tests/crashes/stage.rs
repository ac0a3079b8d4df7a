//! One server that may be killed, and goes on.

use windlass_client::Client;

use crate::chance::Chance;
use crate::site::{CALL_MS, Database, Site};
use crate::support::Server;

const NAME: &str = "data";

/// A server at its site.
pub struct Stage {
    pub client: Client,
    pub chance: Chance,
    pub site: Site,
    server: Server,
}

impl Stage {
    pub fn new(database: Database) -> Self {
        let site = Site::new(database);
        let server = site.start(NAME);
        site.introduce(&server);
        let client = Client::new(server.url(), None, None).unwrap();
        Self { client, chance: Chance(7), site, server }
    }

    /// From now on calls on the cloud take so many times as long as at first. Servers read the
    /// cloud's script when they begin, so there is a new one.
    pub fn slow_down(&mut self, times: u64) {
        self.site.set_pace(CALL_MS * times);
        self.kill();
    }

    /// The server dies, and another one begins where it stopped.
    pub fn kill(&mut self) {
        self.server.kill();
        self.rise();
    }

    /// The same, and the next one dies while it comes up.
    pub async fn kill_twice(&mut self) {
        self.server.kill();
        self.site.stillbirth(NAME, &mut self.chance).await;
        self.rise();
    }

    fn rise(&mut self) {
        self.server = self.site.start(NAME);
        self.client = Client::new(self.server.url(), None, None).unwrap();
    }

    /// What the server has logged since it came up.
    pub fn log(&self) -> String {
        self.server.log()
    }
}
