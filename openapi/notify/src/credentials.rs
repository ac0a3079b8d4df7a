//! How we show a subscriber who is calling: what it gave us for that, and tokens got with it.

use std::collections::HashMap;
use std::sync::PoisonError;

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};
use windlass_api::common::{SubscriptionAuthType, SubscriptionAuthentication};
use windlass_client::{Authorization, CallbackError, Token};
use windlass_model::SubscriptionId;
use windlass_store::Subscription;

use crate::{KeyError, Notifications};

/// How long a token is used whose endpoint does not say.
const USUAL_LIFE: TimeDelta = TimeDelta::minutes(5);
/// A token is not used in its last seconds: it would be too old when it arrives.
const LAST_SECONDS: TimeDelta = TimeDelta::seconds(5);

/// What a subscriber gave us to authenticate with. It is kept sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Credentials {
    Basic { user: String, password: String },
    Client { id: String, password: String, endpoint: String },
}

impl Credentials {
    /// Chooses one of the ways that a subscriber accepts: tokens before passwords.
    pub fn choose(authentication: &SubscriptionAuthentication) -> Result<Self, String> {
        use SubscriptionAuthType as Type;
        let accepts = |wanted| authentication.auth_type.contains(&wanted);
        if accepts(Type::Oauth2ClientCredentials) {
            let params = authentication.params_oauth2_client_credentials.as_ref();
            let params = params.ok_or("OAUTH2_CLIENT_CREDENTIALS needs its parameters")?;
            return Ok(Self::Client {
                id: params.client_id.clone(),
                password: params.client_password.0.clone(),
                endpoint: params.token_endpoint.clone(),
            });
        }
        if accepts(Type::Basic) {
            let params = authentication.params_basic.as_ref();
            let params = params.ok_or("BASIC needs paramsBasic")?;
            return Ok(Self::Basic {
                user: params.user_name.clone(),
                password: params.password.0.clone(),
            });
        }
        Err("notifications cannot be sent with a client certificate (TLS_CERT); BASIC and \
             OAUTH2_CLIENT_CREDENTIALS are possible"
            .to_owned())
    }

    /// The token endpoint, when there is one.
    pub fn endpoint(&self) -> Option<&str> {
        match self {
            Self::Basic { .. } => None,
            Self::Client { endpoint, .. } => Some(endpoint),
        }
    }
}

/// The tokens of subscribers, while they can be used.
#[derive(Debug, Default)]
pub(crate) struct Tokens(HashMap<SubscriptionId, (Token, DateTime<Utc>)>);

/// Why a subscriber could not be told.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Undelivered {
    #[error(transparent)]
    Call(#[from] CallbackError),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the kept credentials cannot be read")]
    Unreadable,
}

impl Notifications {
    /// What a subscription wants to see, from its sealed secret.
    pub(crate) fn credentials(
        &self,
        subscription: &Subscription,
    ) -> Result<Option<Credentials>, Undelivered> {
        let Some(sealed) = &subscription.secret else { return Ok(None) };
        let secret = self.key.open(&subscription.id.to_string(), sealed)?;
        // What serde says of it could quote the secret.
        serde_json::from_str(&secret).map(Some).map_err(|_quoting| Undelivered::Unreadable)
    }

    /// What goes with a call to a subscriber.
    pub(crate) async fn authorization(
        &self,
        subscription: SubscriptionId,
        credentials: Option<&Credentials>,
    ) -> Result<Authorization, CallbackError> {
        match credentials {
            None => Ok(Authorization::Open),
            Some(Credentials::Basic { user, password }) => Ok(Authorization::Basic {
                user: user.clone(),
                password: Token::new(password.clone()),
            }),
            Some(Credentials::Client { id, password, endpoint }) => {
                if let Some(token) = self.known_token(subscription) {
                    return Ok(Authorization::Bearer(token));
                }
                let granted = self.callbacks.token(endpoint, id, password).await?;
                let life = granted.expires_in.and_then(|life| TimeDelta::from_std(life).ok());
                let until = self
                    .clock
                    .now()
                    .checked_add_signed(life.unwrap_or(USUAL_LIFE) - LAST_SECONDS)
                    .unwrap_or(DateTime::<Utc>::MAX_UTC);
                self.tokens().0.insert(subscription, (granted.token.clone(), until));
                Ok(Authorization::Bearer(granted.token))
            }
        }
    }

    fn known_token(&self, subscription: SubscriptionId) -> Option<Token> {
        let (token, until) = self.tokens().0.get(&subscription)?.clone();
        (self.clock.now() < until).then_some(token)
    }

    /// Forgets the token of a subscription, because it was not taken or is needed no more.
    pub(crate) fn forget_token(&self, subscription: SubscriptionId) {
        self.tokens().0.remove(&subscription);
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, Tokens> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
