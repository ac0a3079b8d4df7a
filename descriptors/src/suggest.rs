//! "Did you mean": the nearest of the names that would have been right.

/// Among more names than this nobody looks for the nearest.
const MAX_KNOWN: usize = 1_000;
/// Names are compared by so many letters.
const MAX_LETTERS: usize = 64;

/// `did you mean `x`?`, when one is near: for names of which there are many.
pub(crate) fn nearest<'a>(wrong: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let near = known.into_iter().take(MAX_KNOWN).map(|name| (distance(wrong, name), name)).min()?;
    (near.0 <= tolerance(wrong)).then(|| format!("did you mean `{}`?", near.1))
}

/// `did you mean `x`?`, or the names there are when none is near and they are few.
pub(crate) fn did_you_mean<'a>(
    wrong: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let mut known: Vec<&str> = known.into_iter().collect();
    known.sort_unstable();
    known.dedup();
    let listed = || {
        let few = !known.is_empty() && known.len() <= 12;
        few.then(|| format!("known are: {}", known.join(", ")))
    };
    nearest(wrong, known.iter().copied()).or_else(listed)
}

/// A third of the letters may be wrong, and a short name one or two.
fn tolerance(wrong: &str) -> usize {
    (wrong.chars().count() / 3).clamp(1, 4)
}

/// How many letters must be added, dropped, changed or swapped with their neighbour. Case does not count.
fn distance(a: &str, b: &str) -> usize {
    let letters = |name: &str| -> Vec<char> {
        name.chars().take(MAX_LETTERS).flat_map(char::to_lowercase).collect()
    };
    let (a, b) = (letters(a), letters(b));
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let change = last[j] + usize::from(from != to);
            let mut best = change.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *from == b[j - 1] && a[i - 1] == *to {
                best = best.min(before[j - 1] + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name() {
        let known = ["vdu_profile", "name", "boot_data"];
        assert_eq!(
            did_you_mean("vdu_porfile", known).as_deref(),
            Some("did you mean `vdu_profile`?")
        );
        assert_eq!(did_you_mean("Name", known).as_deref(), Some("did you mean `name`?"));
    }

    #[test]
    fn a_stranger_is_told_who_lives_here() {
        assert_eq!(did_you_mean("zebra", ["b", "a"]).as_deref(), Some("known are: a, b"));
        assert_eq!(did_you_mean("zebra", []), None);
    }
}
