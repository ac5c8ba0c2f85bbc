//! Lists, filters, pages, and what a load costs.

use countersign::domain::{EffectState, PacketStatus};
use countersign::engine::Event;
use countersign::engine::event::MessageValues;
use countersign::store::{EffectFilter, EventFilter, PacketFilter, RunFilter, Store, StoreError};
use rusqlite::{Connection, OpenFlags};

use crate::given::{
    NOW, approve, ask, assert_whole, command, commit, intend, open, packet_id, place, run_id,
    start, state, step,
};

#[test]
fn runs_are_listed_oldest_first_in_pages() {
    let place = place();
    let store = open(&place.path);
    for n in [3, 1, 2, 5, 4] {
        commit(&store, start(n)).unwrap();
    }
    let page = |after, limit| {
        let filter = RunFilter {
            after,
            limit,
            ..RunFilter::default()
        };
        let rows = store.runs(&filter).unwrap();
        rows.into_iter().map(|row| row.run).collect::<Vec<_>>()
    };
    assert_eq!(page(None, Some(2)), [run_id(3), run_id(1)]);
    assert_eq!(
        page(Some(run_id(1)), None),
        [run_id(2), run_id(5), run_id(4)]
    );
    assert_eq!(page(Some(run_id(4)), None), []);
    let filter = RunFilter {
        key: Some("PO-5".to_owned()),
        workflow: Some("purchase-order".into()),
        ..RunFilter::default()
    };
    assert_eq!(store.runs(&filter).unwrap().len(), 1);
    let unknown = RunFilter {
        after: Some(run_id(99)),
        ..RunFilter::default()
    };
    assert!(matches!(
        store.runs(&unknown),
        Err(StoreError::NoSuchRow { what }) if what.contains(&run_id(99).to_string())
    ));
}

#[test]
fn open_packets_come_first_by_deadline() {
    let place = place();
    let store = open(&place.path);
    for n in [4, 2, 3, 1] {
        commit(&store, start(n)).unwrap();
        commit(&store, ask(n, 1)).unwrap();
    }
    commit(&store, approve(1, 2)).unwrap();
    let list = |filter: PacketFilter| {
        let packets = store.packets(&filter).unwrap();
        packets
            .into_iter()
            .map(|packet| packet.packet)
            .collect::<Vec<_>>()
    };
    let ids = |numbers: &[u64]| numbers.iter().map(|n| packet_id(*n)).collect::<Vec<_>>();
    let all = PacketFilter::default;
    assert_eq!(list(all()), ids(&[2, 3, 4, 1]));
    let after = |n| PacketFilter {
        after: Some(packet_id(n)),
        ..all()
    };
    assert_eq!(list(after(3)), ids(&[4, 1]));
    assert!(matches!(
        store.packets(&after(99)),
        Err(StoreError::NoSuchRow { what }) if what.contains(&packet_id(99).to_string())
    ));
    let open_ones = || PacketFilter {
        status: Some(PacketStatus::Open),
        ..all()
    };
    assert_eq!(list(open_ones()), ids(&[2, 3, 4]));
    assert_eq!(store.open_packets().unwrap(), 3);
    let second_page = PacketFilter {
        after: Some(packet_id(2)),
        limit: Some(1),
        ..open_ones()
    };
    assert_eq!(list(second_page), ids(&[3]));
    let of_run = PacketFilter {
        run: Some(run_id(3)),
        ..all()
    };
    assert_eq!(list(of_run), ids(&[3]));
    let flagged = |flag: &str| PacketFilter {
        flag: Some(flag.to_owned()),
        workflow: Some("purchase-order".into()),
        ..all()
    };
    assert_eq!(list(flagged("over_limit")).len(), 4);
    assert_eq!(list(flagged("limit")), []);
}

#[test]
fn effects_and_events_are_filtered() {
    let place = place();
    let store = open(&place.path);
    let fence = store.take_lease(NOW).unwrap();
    for n in 1..=3 {
        commit(&store, start(n)).unwrap();
        commit(&store, intend(n, 1, fence)).unwrap();
    }
    let effects = |run, state| {
        let filter = EffectFilter {
            run,
            state,
            ..EffectFilter::default()
        };
        store.effects(&filter).unwrap().len()
    };
    assert_eq!(effects(Some(run_id(2)), None), 1);
    assert_eq!(effects(None, Some(EffectState::Intent)), 3);
    assert_eq!(effects(None, Some(EffectState::Unknown)), 0);
    let events = |filter: EventFilter| store.events(&filter).unwrap();
    let kinds = events(EventFilter {
        kind: Some("effect_intended".to_owned()),
        after_seq: Some(4),
        ..EventFilter::default()
    });
    assert_eq!(kinds.len(), 2);
    let none = EventFilter {
        since: Some(NOW.plus_ms(1)),
        ..EventFilter::default()
    };
    assert_eq!(events(none), []);
    let limited = EventFilter {
        actor: Some("SYSTEM".to_owned()),
        limit: Some(3),
        ..EventFilter::default()
    };
    assert_eq!(
        events(limited)
            .iter()
            .map(|event| event.seq)
            .collect::<Vec<_>>(),
        [1, 2, 3]
    );
}

#[test]
fn a_run_of_ten_thousand_events_is_loaded() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(2)).unwrap();
    commit(&store, start(1)).unwrap();
    let refused = || Event::CommandRefused {
        command: "approve".to_owned(),
        code: "stale_digest".to_owned(),
        values: MessageValues {
            message: "changed since you looked".to_owned(),
        },
    };
    for group in 0..10 {
        let events = (0..1_000).map(|_| refused()).collect();
        commit(&store, command(1 + group * 1_000, state(1), events)).unwrap();
    }
    assert_eq!(store.load(run_id(1)).unwrap().unwrap().seq, 10_001);
    assert_eq!(store.run(run_id(1)).unwrap().unwrap().run, run_id(1));
    assert_whole(&store);
}

#[test]
fn checkpoints_are_written_on_the_way() {
    let place = place();
    let store = open(&place.path);
    commit(&store, start(1)).unwrap();
    for group in 0..11 {
        let events = (0..1_000)
            .map(|_| Event::RunResumed {
                values: countersign::engine::event::ReasonValues { reason: None },
            })
            .collect();
        commit(&store, command(1 + group * 1_000, state(1), events)).unwrap();
    }
    let conn = Connection::open_with_flags(&place.path, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
    let count: i64 = conn
        .query_row("SELECT count(*) FROM checkpoints", [], |row| row.get(0))
        .unwrap();
    assert_eq!(count, 1);
    let mut told = Vec::new();
    let report = store
        .verify(&mut |done, total| told.push((done, total)))
        .unwrap();
    assert!(report.ok, "{report:?}");
    assert_eq!(told.len(), 12);
    assert_eq!(told.last(), Some(&(11_002, 11_002)));
    commit(&store, step(1, 11_001, "last")).unwrap();
    assert_whole(&store);
}
