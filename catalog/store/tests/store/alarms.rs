//! Alarms and the duty to watch.

use chrono::{DateTime, Utc};
use windlass_model::alarm::{Alarm, Fault, Healing, Part, Place, Severity};
use windlass_model::{AlarmId, HostId, VimId, VnfInstanceId};
use windlass_store::{Store, StoreError};

use crate::nouns::at;

crate::worlds::on_both! {
    a_fault_has_one_active_alarm_and_any_number_of_cleared_ones
    a_duty_has_one_holder_until_its_time_is_over_or_it_is_left
}

fn alarm(vnf: VnfInstanceId, raised_at: DateTime<Utc>) -> Alarm {
    Alarm {
        id: AlarmId::new(),
        vnf,
        part: Part::Vnfc("web-0".to_owned()),
        place: Place { vim: VimId::new(), host: HostId::new(), vm: None },
        fault: Fault::VmCrashed,
        severity: Severity::Critical,
        raised_at,
        changed_at: None,
        cleared_at: None,
        acknowledged_at: None,
        caused_by: None,
        causes: Vec::new(),
        healing: Healing::default(),
    }
}

async fn a_fault_has_one_active_alarm_and_any_number_of_cleared_ones(store: Store) {
    let vnf = VnfInstanceId::new();
    let first = store.alarms().create(alarm(vnf, at(0))).await.unwrap();
    let again = store.alarms().create(alarm(vnf, at(1))).await;
    assert!(matches!(again, Err(StoreError::Taken { .. })), "{again:?}");
    store.alarms().create(alarm(VnfInstanceId::new(), at(1))).await.unwrap();

    for round in 2..4 {
        let mut last = store.alarms().active().await.unwrap();
        last.retain(|stored| stored.document.vnf == vnf);
        assert_eq!(last.len(), 1);
        let cleared = Alarm { cleared_at: Some(at(round)), ..last[0].document.clone() };
        store.alarms().update(cleared, last[0].generation).await.unwrap();
        store.alarms().create(alarm(vnf, at(round))).await.unwrap();
    }
    let old = store.alarms().get(first.document.id).await.unwrap();
    assert!(!old.document.is_active());
    assert_eq!(store.alarms().list(None, 10).await.unwrap().len(), 4);
}

async fn a_duty_has_one_holder_until_its_time_is_over_or_it_is_left(store: Store) {
    let take = async |who, now, until| store.duties().take("watch", who, at(now), at(until)).await;
    assert!(take("one", 0, 10).await.unwrap());
    assert!(!take("two", 5, 15).await.unwrap(), "it is taken");
    assert!(take("one", 8, 18).await.unwrap(), "its holder goes on");
    assert!(!take("two", 12, 22).await.unwrap(), "it was renewed");
    assert!(take("two", 18, 28).await.unwrap(), "its time was over");
    store.duties().leave("watch", "one").await.unwrap();
    assert!(!take("one", 20, 30).await.unwrap(), "nobody gives away what is another's");
    store.duties().leave("watch", "two").await.unwrap();
    assert!(take("one", 20, 30).await.unwrap());
}
