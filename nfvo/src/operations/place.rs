//! Places: which VNF of a profile. The first has the profile's name, the others a number behind a
//! `#`, which no TOSCA name has.

/// The places of a profile with `count` VNFs.
pub(super) fn places(profile: &str, count: u32) -> impl Iterator<Item = String> {
    (1..=count).map(move |number| match number {
        1 => profile.to_owned(),
        _ => format!("{profile}#{number}"),
    })
}

/// The profile that a place is one of.
pub(crate) fn profile_of(place: &str) -> &str {
    place.split_once('#').map_or(place, |(profile, _)| profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_knows_its_profile() {
        let all: Vec<String> = places("web", 3).collect();
        assert_eq!(all, ["web", "web#2", "web#3"]);
        assert!(all.iter().all(|place| profile_of(place) == "web"));
    }
}
