//! A process that dies, and the one after it.

use countersign::domain::{RunStatus, Verdict};
use countersign::runtime::Drive;
use serde_json::json;

use crate::target::Reply;
use crate::world::{
    World, give, kinds, mail, mail_with, open_packet, order, person, process, row_of, start, until,
    verified,
};

#[test]
fn an_intent_is_sent_again_under_its_key_exactly_once_more() {
    for reply in [Reply::Silence, Reply::Swallowed] {
        let world = World::new();
        world.target.script("erp.commit_order", [reply]);
        let run = process(async {
            let handle = world.open(Drive::Everything).await;
            let run = start(&handle, vec![order("PO-1", "10.00")]).await[0].run;
            until("the order arrives", || {
                world.target.arrivals("erp.commit_order").len() == 1
            })
            .await;
            run
        });
        process(async {
            let handle = world.open(Drive::Everything).await;
            let row = handle.settled(run).await.unwrap();
            assert_eq!(row.status, RunStatus::Succeeded);
            let arrivals = world.target.arrivals("erp.commit_order");
            assert_eq!(arrivals.len(), 2);
            assert!(arrivals[0].key.is_some());
            assert_eq!(arrivals[0], arrivals[1]);
            let done = world.target.done();
            assert_eq!(done.into_values().collect::<Vec<_>>(), [1]);
            verified(&handle);
        });
    }
}

#[test]
fn process_after_process_may_die_over_one_effect() {
    const DEATHS: usize = 5;
    let world = World::new();
    let deaths = std::iter::repeat_n(Reply::Silence, DEATHS);
    world.target.script("erp.commit_order", deaths);
    let run = process(async {
        let handle = world.open(Drive::Nothing).await;
        start(&handle, vec![order("PO-1", "10.00")]).await[0].run
    });
    for death in 1..=DEATHS {
        process(async {
            let _handle = world.open(Drive::Everything).await;
            until("the order arrives", || {
                world.target.arrivals("erp.commit_order").len() == death
            })
            .await;
        });
    }
    process(async {
        let handle = world.open(Drive::Everything).await;
        let row = handle.settled(run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
        assert_eq!(world.target.done().into_values().collect::<Vec<_>>(), [1]);
        verified(&handle);
    });
}

#[test]
fn a_mail_that_may_have_left_is_never_sent_again() {
    let world = World::new();
    let definition = mail();
    world.target.script("mail.send", [Reply::Silence]);
    let run = process(async {
        let handle = world.open(Drive::Everything).await;
        let row = row_of(&definition, json!({ "to": "a@example.com" }), None);
        let by = person("STARTER");
        let started = handle.start(&definition, vec![row], &by).await;
        let run = started.unwrap()[0].run;
        handle.settled(run).await.unwrap();
        let packet = open_packet(&handle, run);
        give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
            .await
            .unwrap();
        until("the mail leaves", || {
            world.target.arrivals("mail.send").len() == 1
        })
        .await;
        run
    });
    for _ in 0..2 {
        process(async {
            let handle = world.open(Drive::Everything).await;
            let row = handle.settled(run).await.unwrap();
            assert_eq!(row.status, RunStatus::Waiting);
            assert_eq!(world.target.arrivals("mail.send").len(), 1);
            let last = kinds(&handle, run).pop().unwrap();
            assert_eq!(last, "packet_opened");
            verified(&handle);
        });
    }
}

#[test]
fn a_packet_outlives_the_process_that_opened_it() {
    let world = World::new();
    let run = process(async {
        let handle = world.open(Drive::Everything).await;
        let run = start(&handle, vec![order("PO-1", "7850.00")]).await[0].run;
        handle.settled(run).await.unwrap();
        run
    });
    let seen = process(async {
        let handle = world.open(Drive::Nothing).await;
        let packet = open_packet(&handle, run);
        give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
            .await
            .unwrap();
        kinds(&handle, run)
    });
    assert_eq!(seen.last().unwrap(), "packet_closed");
    assert!(world.target.done().is_empty());
    process(async {
        let handle = world.open(Drive::Everything).await;
        let row = handle.settled(run).await.unwrap();
        assert_eq!(row.status, RunStatus::Succeeded);
        assert_eq!(world.target.arrivals("erp.commit_order").len(), 1);
    });
}

#[test]
fn a_run_keeps_the_definition_it_started_with() {
    let world = World::new();
    let (old, new) = (mail(), mail_with("somebody@else.example"));
    assert_ne!(old.digest, new.digest);
    let mut runs = Vec::new();
    for definition in [&old, &new] {
        runs.push(process(async {
            let handle = world.open(Drive::Everything).await;
            let row = row_of(definition, json!({ "to": "a@example.com" }), None);
            let by = person("STARTER");
            let run = handle.start(definition, vec![row], &by).await.unwrap()[0].run;
            handle.settled(run).await.unwrap();
            run
        }));
    }
    process(async {
        let handle = world.open(Drive::Everything).await;
        for (run, definition, to) in [
            (runs[0], &old, "a@example.com"),
            (runs[1], &new, "somebody@else.example"),
        ] {
            assert_eq!(handle.run(run).unwrap().definition, definition.digest);
            let packet = open_packet(&handle, run);
            assert_eq!(packet.effects[0].arguments["to"], to);
            give(&handle, &packet, Verdict::Approve, "MGR_JANE_DOE")
                .await
                .unwrap();
            let row = handle.settled(run).await.unwrap();
            assert_eq!(row.status, RunStatus::Succeeded);
        }
        assert_eq!(world.target.arrivals("mail.send").len(), 2);
    });
}
