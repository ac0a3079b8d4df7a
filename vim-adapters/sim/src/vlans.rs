//! The VLAN ids of a bridge.

/// Which of the 4096 VLAN ids are taken.
#[derive(Debug, Clone)]
pub(crate) struct Vlans([u64; 64]);

impl Default for Vlans {
    fn default() -> Self {
        Self([0; 64])
    }
}

impl Vlans {
    pub(crate) fn is_taken(&self, vlan: u16) -> bool {
        self.0[usize::from(vlan / 64) % 64] & bit(vlan) != 0
    }

    pub(crate) fn take(&mut self, vlan: u16) {
        self.0[usize::from(vlan / 64) % 64] |= bit(vlan);
    }

    pub(crate) fn free(&mut self, vlan: u16) {
        self.0[usize::from(vlan / 64) % 64] &= !bit(vlan);
    }
}

fn bit(vlan: u16) -> u64 {
    1 << (vlan % 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_vlan_is_taken_until_it_is_freed_and_no_other_is() {
        let mut vlans = Vlans::default();
        vlans.take(100);
        assert!(vlans.is_taken(100));
        assert!((1..=4094).filter(|v| vlans.is_taken(*v)).eq([100]));
        vlans.free(100);
        assert!(!vlans.is_taken(100));
    }
}
