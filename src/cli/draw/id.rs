//! Ids as people can tell them apart.

/// How long a short id is.
const SHORT: usize = 8;

/// The end of an id. Ids begin with the time at which they were made, so those of one service
/// begin alike, and their ends are what tells them apart.
pub fn short(id: &str) -> &str {
    if is_uuid(id) { &id[id.len() - SHORT..] } else { id }
}

fn is_uuid(id: &str) -> bool {
    let is_hyphen_at = |at: usize| matches!(at, 8 | 13 | 18 | 23);
    id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match is_hyphen_at(at) {
            true => byte == b'-',
            false => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_one_moment_look_different() {
        assert_eq!(short("0193a1b2-c3d4-7abc-8def-0123456789ab"), "456789ab");
        assert_eq!(short("0193a1b2-c3d4-7abc-8def-01234567cdef"), "4567cdef");
    }

    #[test]
    fn names_that_somebody_chose_stay_whole() {
        assert_eq!(
            short("host-in-the-cellar-of-the-north-site"),
            "host-in-the-cellar-of-the-north-site"
        );
        assert_eq!(short("web-0"), "web-0");
    }
}
