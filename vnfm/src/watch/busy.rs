//! VNFs that operations work on, and when to see whether these are over. Pure.

use std::collections::HashMap;
use std::time::Duration;

use windlass_model::VnfInstanceId;

/// How soon it is seen whether an operation is over, at first and at the most: nobody waits long
/// for what is judged after it, and long operations cost little.
pub const FIRST: Duration = Duration::from_secs(1);
const MOST: Duration = Duration::from_secs(4);

/// How long to leave each VNF alone.
#[derive(Debug, Default)]
pub struct Busy(HashMap<VnfInstanceId, Duration>);

impl Busy {
    /// How long to leave a VNF alone now: longer each time, until its operation is over.
    pub fn again(&mut self, vnf: VnfInstanceId) -> Duration {
        let wait = self.0.get(&vnf).map_or(FIRST, |last| (*last * 2).min(MOST));
        self.0.insert(vnf, wait);
        wait
    }

    /// Notes that no operation works on a VNF.
    pub fn rests(&mut self, vnf: VnfInstanceId) {
        self.0.remove(&vnf);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_vnf_is_left_alone_for_longer_each_time_until_it_rests() {
        let (mut busy, vnf) = (Busy::default(), VnfInstanceId::new());
        let mut waits = || (0..4).map(|_| busy.again(vnf).as_secs()).collect::<Vec<_>>();
        assert_eq!(waits(), [1, 2, 4, 4]);
        busy.rests(vnf);
        assert_eq!(busy.again(vnf), FIRST);
    }
}
