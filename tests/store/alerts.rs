//! Alerts: raised once on each subject, acknowledged once, bound to the journal; and what people
//! are told.

use countersign::domain::{AlertId, AlertKind, AlertStatus, NotificationKind};
use countersign::store::{AlertFilter, SqliteStore, Store, StoreError};
use countersign::views::{AlertRow, Notification};
use serde_json::json;
use uuid::Uuid;

use crate::given::{
    NOW, assert_whole, commit, intrude, open, place, run_id, start, step, system, verify,
};

fn alert(n: u128, subject: &str) -> AlertRow {
    AlertRow {
        alert: AlertId(Uuid::from_u128(
            0x0195_0000_0000_7000_8000_0000_0000_0000 | n,
        )),
        kind: AlertKind::BreakerOpen,
        subject: subject.to_owned(),
        run: None,
        step: None,
        message: format!("{subject} keeps failing."),
        evidence: json!({"failures": 20}),
        status: AlertStatus::Open,
        at: NOW,
        acknowledged_by: None,
        acknowledged_at: None,
        reason: None,
    }
}

fn acknowledge(store: &SqliteStore, alert: AlertId) -> Option<(AlertRow, bool)> {
    let by = system();
    store
        .acknowledge_alert(alert, NOW.plus_ms(5), &by, Some("seen"))
        .unwrap()
}

#[test]
fn one_alert_at_a_time_is_open_on_a_subject() {
    let place = place();
    let store = open(&place.path);
    let (first, second) = (alert(1, "erp"), alert(2, "erp"));
    assert_eq!(store.raise_alert(&first).unwrap(), first.alert);
    assert_eq!(store.raise_alert(&second).unwrap(), first.alert);
    assert_eq!(
        store.raise_alert(&alert(3, "crm")).unwrap(),
        alert(3, "crm").alert
    );
    assert_eq!(store.open_alerts().unwrap(), 2);
    let (row, now) = acknowledge(&store, first.alert).unwrap();
    assert!(now);
    assert_eq!(
        (
            row.status,
            row.acknowledged_by.as_deref(),
            row.reason.as_deref()
        ),
        (AlertStatus::Acknowledged, Some("SYSTEM"), Some("seen"))
    );
    let (again, now) = acknowledge(&store, first.alert).unwrap();
    assert!(!now);
    assert_eq!(again, row);
    assert_eq!(acknowledge(&store, alert(9, "").alert), None);
    // What was acknowledged may come again.
    assert_eq!(store.raise_alert(&second).unwrap(), second.alert);
    let filter = AlertFilter {
        status: Some(AlertStatus::Open),
        ..AlertFilter::default()
    };
    let open: Vec<AlertId> = store
        .alerts(&filter)
        .unwrap()
        .iter()
        .map(|row| row.alert)
        .collect();
    assert_eq!(open, [alert(3, "").alert, second.alert]);
    assert_eq!(store.alert(first.alert).unwrap(), Some(row));
    assert_whole(&store);
}

#[test]
fn an_altered_alert_is_found() {
    for set in [
        "status = 'acknowledged'",
        "document = replace(document, 'open', 'acknowledged'), status = 'acknowledged'",
        "subject = 'crm'",
        "document = replace(document, '20', '21')",
    ] {
        let place = place();
        let store = open(&place.path);
        let raised = alert(1, "erp");
        store.raise_alert(&raised).unwrap();
        assert_whole(&store);
        intrude(&place.path, &format!("UPDATE alerts SET {set}"));
        assert!(!verify(&store).ok, "{set}");
        let error = store.alert(raised.alert).unwrap_err();
        assert!(
            matches!(error, StoreError::Integrity { .. }),
            "{set}: {error}"
        );
    }
    let place = place();
    let store = open(&place.path);
    store.raise_alert(&alert(1, "erp")).unwrap();
    intrude(&place.path, "DELETE FROM alerts");
    assert!(!verify(&store).ok);
}

#[test]
fn an_alert_put_back_to_open_is_found() {
    let place = place();
    let store = open(&place.path);
    let raised = alert(1, "erp");
    store.raise_alert(&raised).unwrap();
    intrude(
        &place.path,
        "CREATE TABLE kept AS SELECT * FROM alerts; INSERT INTO kept SELECT * FROM kept",
    );
    acknowledge(&store, raised.alert).unwrap();
    intrude(
        &place.path,
        "UPDATE alerts SET (seq, status, salt, document) = \
         (SELECT seq, status, salt, document FROM kept)",
    );
    assert!(!verify(&store).ok);
    assert!(store.alert(raised.alert).is_err());
}

#[test]
fn what_people_are_told_is_told_once() {
    let place = place();
    let store = open(&place.path);
    store.raise_alert(&alert(1, "erp")).unwrap();
    store.raise_alert(&alert(2, "erp")).unwrap();
    commit(&store, start(1)).unwrap();
    let mut told = step(1, 1, "seen");
    told.rows.notifications.push(Notification {
        kind: NotificationKind::DeadLetter,
        subject: "x".to_owned(),
        run: Some(run_id(1)),
        text: "Dead letter: PO-1".to_owned(),
        at: NOW,
    });
    commit(&store, told.clone()).unwrap();
    // What lost a race tells nothing.
    commit(&store, told).unwrap_err();
    let unshown = store.notifications(10).unwrap();
    let texts: Vec<&str> = unshown
        .iter()
        .map(|told| told.notification.text.as_str())
        .collect();
    assert_eq!(texts, ["Alert: erp keeps failing.", "Dead letter: PO-1"]);
    let ids: Vec<u64> = unshown.iter().map(|told| told.id).collect();
    assert_eq!(store.notifications_shown(&ids, NOW).unwrap(), ids);
    assert_eq!(store.notifications_shown(&ids, NOW).unwrap(), [0_u64; 0]);
    drop(store);
    assert_eq!(open(&place.path).notifications(10).unwrap(), []);
}
