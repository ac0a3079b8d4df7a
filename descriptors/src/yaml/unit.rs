//! Amounts with units: `512 MB`, `180 s`, `2.4 GHz`.

/// What is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    /// In bytes.
    Size,
    /// In nanoseconds.
    Time,
    /// In hertz.
    Frequency,
    /// In bits per second.
    Bitrate,
}

/// Nanoseconds in a millisecond: [`Unit::Time`] measures the former, the model states the latter.
pub(crate) const NS_PER_MS: u64 = 1_000_000;

impl Unit {
    /// The units that are known, each with how many of the smallest it is.
    fn table(self) -> &'static [(&'static str, u64)] {
        match self {
            Self::Size => &[
                ("B", 1),
                ("kB", 1_000),
                ("KiB", 1 << 10),
                ("MB", 1_000_000),
                ("MiB", 1 << 20),
                ("GB", 1_000_000_000),
                ("GiB", 1 << 30),
                ("TB", 1_000_000_000_000),
                ("TiB", 1 << 40),
            ],
            Self::Time => &[
                ("ns", 1),
                ("us", 1_000),
                ("ms", NS_PER_MS),
                ("s", 1_000_000_000),
                ("m", 60_000_000_000),
                ("h", 3_600_000_000_000),
                ("d", 86_400_000_000_000),
            ],
            Self::Frequency => {
                &[("Hz", 1), ("kHz", 1_000), ("MHz", 1_000_000), ("GHz", 1_000_000_000)]
            }
            Self::Bitrate => &[
                ("bps", 1),
                ("Kbps", 1_000),
                ("Kibps", 1 << 10),
                ("Mbps", 1_000_000),
                ("Mibps", 1 << 20),
                ("Gbps", 1_000_000_000),
                ("Gibps", 1 << 30),
                ("Tbps", 1_000_000_000_000),
                ("Tibps", 1 << 40),
            ],
        }
    }

    /// What to write, for a message.
    pub fn example(self) -> &'static str {
        match self {
            Self::Size => {
                "a size such as `512 MiB`; units are B, kB, KiB, MB, MiB, GB, GiB, TB, TiB"
            }
            Self::Time => "a time such as `180 s`; units are ns, us, ms, s, m, h, d",
            Self::Frequency => "a frequency such as `2.4 GHz`; units are Hz, kHz, MHz, GHz",
            Self::Bitrate => "a bitrate such as `100 Mbps`; units are bps, Kbps, Mbps, Gbps, Tbps",
        }
    }

    /// The amount in the smallest unit, rounded up; or what is wrong with it.
    pub fn parse(self, text: &str) -> Result<u64, String> {
        let text = text.trim();
        let split = text.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let unit = unit.trim();
        if unit.is_empty() {
            return Err(format!("`{text}` has no unit"));
        }
        let known = self.table().iter().find(|(name, _)| name.eq_ignore_ascii_case(unit));
        let Some((_, factor)) = known else {
            return Err(format!("`{unit}` is no unit of this kind"));
        };
        scale(number, *factor)
            .ok_or_else(|| format!("`{number}` is not an amount that can be used"))
    }
}

/// `number * factor` without the errors of floating point, rounded up.
fn scale(number: &str, factor: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, "0"));
    let fraction = fraction.get(..fraction.len().min(12))?;
    let divisor = 10u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let whole: u128 = whole.parse().ok()?;
    let amount = whole.checked_mul(divisor)?.checked_add(fraction.parse().ok()?)?;
    u64::try_from(amount.checked_mul(u128::from(factor))?.div_ceil(divisor)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        assert_eq!(Unit::Size.parse("512 MB"), Ok(512_000_000));
        assert_eq!(Unit::Size.parse("1.5GiB"), Ok(3 << 29));
        assert_eq!(Unit::Size.parse("0.1 B"), Ok(1));
        assert_eq!(Unit::Time.parse("180 s"), Ok(180_000_000_000));
        assert_eq!(Unit::Frequency.parse("2.4 ghz"), Ok(2_400_000_000));
    }

    #[test]
    fn what_is_no_amount_says_why() {
        assert_eq!(Unit::Size.parse("512"), Err("`512` has no unit".to_owned()));
        assert_eq!(Unit::Size.parse("512 MBx"), Err("`MBx` is no unit of this kind".to_owned()));
        assert!(Unit::Size.parse("-1 MB").is_err());
        assert!(Unit::Size.parse("99999999999999999999 TB").is_err());
        assert!(Unit::Time.parse("").is_err());
    }
}
