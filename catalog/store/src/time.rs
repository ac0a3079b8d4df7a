//! Times in columns: microseconds since 1970.

use chrono::{DateTime, Utc};

use crate::error::StoreError;

pub fn to_micros(time: DateTime<Utc>) -> i64 {
    time.timestamp_micros()
}

pub fn from_micros(micros: i64) -> Result<DateTime<Utc>, StoreError> {
    DateTime::from_timestamp_micros(micros)
        .ok_or_else(|| StoreError::corrupt("time", format!("{micros} is no time")))
}
