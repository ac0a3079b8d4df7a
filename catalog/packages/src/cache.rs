//! The descriptors that were used last.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use windlass_model::ImageDigest;

/// Parsed descriptors by the digest of their package, the one used last in front. They are few, so
/// a walk along them is as fast as a map.
pub struct Cache<T> {
    room: usize,
    entries: Mutex<VecDeque<(ImageDigest, Arc<T>)>>,
}

impl<T> fmt::Debug for Cache<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("room", &self.room).finish_non_exhaustive()
    }
}

impl<T> Cache<T> {
    pub fn new(room: usize) -> Self {
        Self { room, entries: Mutex::default() }
    }

    pub fn get(&self, digest: &ImageDigest) -> Option<Arc<T>> {
        let mut entries = self.lock();
        let at = entries.iter().position(|(known, _)| known == digest)?;
        let entry = entries.remove(at)?;
        let descriptor = Arc::clone(&entry.1);
        entries.push_front(entry);
        Some(descriptor)
    }

    pub fn put(&self, digest: ImageDigest, descriptor: Arc<T>) {
        let mut entries = self.lock();
        entries.retain(|(known, _)| *known != digest);
        entries.push_front((digest, descriptor));
        entries.truncate(self.room);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<(ImageDigest, Arc<T>)>> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digest(digit: &str) -> ImageDigest {
        digit.repeat(64).parse().unwrap()
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let cache = Cache::new(2);
        cache.put(digest("a"), Arc::new(1));
        cache.put(digest("b"), Arc::new(2));
        assert_eq!(cache.get(&digest("a")).as_deref(), Some(&1));
        cache.put(digest("c"), Arc::new(3));
        assert_eq!(cache.get(&digest("b")), None);
        assert_eq!(cache.get(&digest("a")).as_deref(), Some(&1));
        assert_eq!(cache.get(&digest("c")).as_deref(), Some(&3));
    }
}
