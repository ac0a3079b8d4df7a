//! Why there is no dump, or why it was not taken in.

use crate::error::StoreError;

/// Why there is no dump, or why it was not taken in.
#[derive(Debug, thiserror::Error)]
pub enum DumpError {
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tables are not those of this program.
    #[error(
        "the database {database} has the tables of Windlass {theirs}, and this is Windlass {ours}: \
         back it up with that one, or start this one once to bring it up to date"
    )]
    OtherTables {
        /// Where it is; without a password.
        database: String,
        /// The version that wrote it.
        theirs: String,
        /// The version of this program.
        ours: &'static str,
    },
    /// The dump has tables that this program does not know.
    #[error(
        "the backup was made by Windlass {theirs}, which is newer than this Windlass {ours}: \
         restore it with that one"
    )]
    TooNew {
        /// The version that made it.
        theirs: String,
        /// The version of this program.
        ours: &'static str,
    },
    /// A line is not what it should be.
    #[error("line {0} of the backup's tables cannot be understood")]
    BadLine(u64),
    /// The lines cannot be read or written.
    #[error("the lines of a dump cannot be read or written")]
    Lines(#[from] std::io::Error),
}

impl From<diesel::result::Error> for DumpError {
    fn from(error: diesel::result::Error) -> Self {
        Self::Store(error.into())
    }
}
