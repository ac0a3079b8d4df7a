//! Bearer tokens, as hashes.

use std::fmt;

use diesel::prelude::*;

use crate::documents::rows;
use crate::error::StoreError;
use crate::schema::token;
use crate::store::Store;
use crate::time::to_micros;

const WHAT: &str = "token";

/// The SHA-256 of a bearer token. Tokens are 256 random bits, so nothing slower is needed: there
/// is no dictionary to try.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

impl TokenHash {
    fn hex(self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash(..)")
    }
}

/// The bearer tokens.
#[derive(Debug)]
pub struct Tokens<'a>(&'a Store);

impl<'a> Tokens<'a> {
    pub(crate) fn of(store: &'a Store) -> Self {
        Self(store)
    }

    /// Lets a token in from now on.
    ///
    /// # Errors
    /// [`StoreError::Taken`] when the name, or the token, is in use.
    pub async fn add(&self, name: &str, hash: TokenHash) -> Result<(), StoreError> {
        let (name, now) = (name.to_owned(), to_micros(self.0.clock().now()));
        self.0
            .write(move |connection| {
                let row =
                    (token::name.eq(&name), token::hash.eq(hash.hex()), token::created_at.eq(now));
                diesel::insert_into(token::table)
                    .values(row)
                    .execute(connection)
                    .map_err(|error| StoreError::of_write(error, WHAT, &name))?;
                Ok(())
            })
            .await
    }

    /// The name of the token with this hash; `None` when it is not to be let in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn check(&self, hash: TokenHash) -> Result<Option<String>, StoreError> {
        self.0
            .read(move |connection| {
                Ok(token::table
                    .filter(token::hash.eq(hash.hex()))
                    .select(token::name)
                    .first(connection)
                    .optional()?)
            })
            .await
    }

    /// At most `limit` names of tokens that come behind the name `after`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn list(&self, after: Option<&str>, limit: usize) -> Result<Vec<String>, StoreError> {
        let after = after.unwrap_or_default().to_owned();
        self.0
            .read(move |connection| {
                Ok(token::table
                    .filter(token::name.gt(after))
                    .order(token::name)
                    .limit(rows(limit))
                    .select(token::name)
                    .load(connection)?)
            })
            .await
    }

    /// Lets the token of this name in no more.
    ///
    /// # Errors
    /// [`StoreError::NotFound`].
    pub async fn remove(&self, name: &str) -> Result<(), StoreError> {
        let name = name.to_owned();
        self.0
            .write(move |connection| {
                let gone = diesel::delete(token::table.find(&name)).execute(connection)?;
                if gone == 0 {
                    return Err(StoreError::NotFound { what: WHAT, id: name });
                }
                Ok(())
            })
            .await
    }
}
