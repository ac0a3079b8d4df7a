//! What every verb works with: the servers to ask, and how to draw their answers.

use anyhow::Context as _;
use windlass_client::{Client, Token};

use super::draw::Output;
use super::options::{DEFAULT_SERVER, Options};

/// The servers to ask, and how to draw their answers.
#[derive(Debug)]
pub struct Context {
    /// Who keeps packages, services, VIMs and hosts.
    pub nfvo: Client,
    /// Who keeps VNFs; often the same server.
    pub vnfm: Client,
    /// How to draw.
    pub output: Output,
}

impl Context {
    /// Clients of the servers that the options name; nothing is sent yet.
    pub fn new(options: &Options) -> anyhow::Result<Self> {
        let token = options.token.as_deref().filter(|token| !token.is_empty()).map(Token::new);
        let read = |file| std::fs::read(file).with_context(|| format!("cannot read {file:?}"));
        let authority = options.ca.as_ref().map(read).transpose()?;
        let client = |url: &str| Client::new(url, token.as_ref(), authority.as_deref());
        let nfvo = client(options.server.as_deref().unwrap_or(DEFAULT_SERVER))?;
        let vnfm = match options.vnfm_server.as_deref() {
            Some(url) => client(url)?,
            None => nfvo.clone(),
        };
        Ok(Self { nfvo, vnfm, output: options.output() })
    }
}
