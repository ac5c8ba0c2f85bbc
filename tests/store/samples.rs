//! One of each event.

use std::sync::Arc;

use countersign::domain::{
    DeadLetterId, Digest, Fields, PacketStatus, PolicyResult, PolicyVerdict, Request, RunStatus,
    Tier, Verdict,
};
use countersign::engine::event::{
    CallValues, ClosedValues, EffectValues, FailureSummary, MessageValues, OverrideValues,
    PacketValues, ParkedValues, ProbeValues, ReasonValues, SettledValues, StepValues, UndoValues,
};
use countersign::engine::{
    CallFailure, Event, FailureClass, Grant, Next, Review, Settled, StuckAt, Undo,
};
use serde_json::json;
use uuid::Uuid;

use crate::given::{NOW, effect_key, fields, packet, packet_id, planned};

fn failure() -> CallFailure {
    CallFailure {
        class: FailureClass::Safe,
        code: "status_503".to_owned(),
        message: "busy \u{202e}\u{1b}[2J".to_owned(),
        retry_after_ms: Some(1_000),
    }
}

fn grant() -> Grant {
    Grant {
        step: "commit".into(),
        effect: Digest::of(b"effect digest"),
        packet: Some(packet_id(1)),
        until: Some(NOW),
        void: None,
        refused: true,
        number: Some(2),
    }
}

fn packet_values() -> PacketValues {
    PacketValues {
        packet: Box::new(packet(1, PacketStatus::Open)),
        set: fields(json!({"a": [1, 2.5, null, "ü"]})),
        reason: Some("because".to_owned()),
    }
}

fn call_values() -> CallValues {
    CallValues {
        arguments: json!(null),
        request: Request {
            method: "GET".to_owned(),
            url: "http://register/vendors?name=Acme".to_owned(),
            headers: Vec::new(),
            body: None,
        },
    }
}

fn letter() -> DeadLetterId {
    DeadLetterId(Uuid::from_u128(7))
}

fn undo() -> Undo {
    Undo {
        tool: "erp.cancel_order".into(),
        arguments: serde_json::json!({"order_id": "O-1"}),
        problem: Some("private words".to_owned()),
    }
}

fn reason() -> ReasonValues {
    ReasonValues {
        reason: Some("private words".to_owned()),
    }
}

/// Every variant but the first of a run, in the order of the enum.
pub(crate) fn every_event() -> Vec<Event> {
    let mut events = calls();
    events.extend(packets());
    events.extend(effects());
    events.extend(unknown_and_blocked());
    events.extend(supervision());
    events.extend(windows());
    for (index, event) in events.iter().enumerate() {
        assert_eq!(position(event), index + 1, "{event:?}");
    }
    assert_eq!(events.len(), 32, "a variant has no sample");
    events
}

/// Where the variant stands in the enum. A new variant does not compile until it is here.
fn position(event: &Event) -> usize {
    match event {
        Event::RunStarted { .. } => 0,
        Event::CallStarted { .. } => 1,
        Event::CallFailed { .. } => 2,
        Event::StepCompleted { .. } => 3,
        Event::GatePassed { .. } => 4,
        Event::PacketOpened { .. } => 5,
        Event::PacketAmended { .. } => 6,
        Event::VoteCast { .. } => 7,
        Event::PacketClosed { .. } => 8,
        Event::GrantVoided { .. } => 9,
        Event::EffectIntended { .. } => 10,
        Event::EffectConfirmed { .. } => 11,
        Event::EffectRefused { .. } => 12,
        Event::EffectDeferred { .. } => 13,
        Event::EffectUnknown { .. } => 14,
        Event::ProbeStarted { .. } => 15,
        Event::ProbeAnswered { .. } => 16,
        Event::EffectSettled { .. } => 17,
        Event::EffectBlocked { .. } => 18,
        Event::BudgetResolved { .. } => 19,
        Event::WaitStarted { .. } => 20,
        Event::RunPaused { .. } => 21,
        Event::RunResumed { .. } => 22,
        Event::StateOverridden { .. } => 23,
        Event::StepParked { .. } => 24,
        Event::DeadLetterRedriven { .. } => 25,
        Event::DeadLetterDiscarded { .. } => 26,
        Event::CompensationStarted { .. } => 27,
        Event::RunTerminated { .. } => 28,
        Event::RunEnded { .. } => 29,
        Event::CommandRefused { .. } => 30,
        Event::PacketEscalated { .. } => 31,
        Event::PacketExtended { .. } => 32,
    }
}

fn windows() -> Vec<Event> {
    vec![
        Event::PacketEscalated {
            packet: packet_id(1),
            version: 2,
            to: vec!["finance-lead".to_owned()],
            due_at: NOW,
            values: reason(),
        },
        Event::PacketExtended {
            packet: packet_id(1),
            version: 2,
            due_at: NOW,
            values: ReasonValues { reason: None },
        },
    ]
}

fn calls() -> Vec<Event> {
    vec![
        Event::CallStarted {
            step: "assess".into(),
            visit: 1,
            attempt: 1,
            retries: 3,
            tool: "register.lookup".into(),
            cost_micro_usd: Some(80_000),
            values: call_values(),
        },
        Event::CallFailed {
            step: "assess".into(),
            attempt: 1,
            failure: FailureSummary::from(&failure()),
            values: MessageValues::from(&failure()),
            retry_at: Some(NOW),
        },
        Event::StepCompleted {
            step: "assess".into(),
            visit: 1,
            attempt: 2,
            next: Next::Step("review".into()),
            values: StepValues {
                output: Some(json!({"validated": true, "id": u64::MAX})),
                set: fields(json!({"vendor_validated": true})),
            },
        },
        Event::GatePassed {
            step: "review".into(),
            visit: 1,
            policy: vec![PolicyResult {
                effect: 0,
                rule: "routine".to_owned(),
                matched: None,
                then: PolicyVerdict::Allow,
                error: Some("no such field".to_owned()),
            }],
            grants: vec![grant()],
            next: Next::Stay,
        },
    ]
}

fn packets() -> Vec<Event> {
    vec![
        Event::PacketOpened {
            packet: packet_id(1),
            version: 1,
            digest: Digest::of(b"packet digest"),
            step: "review".into(),
            visit: 1,
            tier: Tier::Elevated,
            flags: vec!["over_limit".to_owned()],
            due_at: NOW,
            values: packet_values(),
        },
        Event::PacketAmended {
            packet: packet_id(1),
            version: 2,
            digest: Digest::of(b"packet digest"),
            tier: Tier::Routine,
            flags: Vec::new(),
            values: packet_values(),
        },
        Event::VoteCast {
            packet: packet_id(1),
            version: 2,
            digest: Digest::of(b"packet digest"),
            item: 3,
            verdict: Verdict::Return,
            values: reason(),
        },
        Event::PacketClosed {
            packet: packet_id(1),
            version: 2,
            status: PacketStatus::Decided,
            grants: vec![grant()],
            next: Next::End(RunStatus::Rejected),
            values: ClosedValues {
                review: Some(Review::autonomous()),
            },
        },
        Event::GrantVoided {
            step: "commit".into(),
            packet: None,
            reason: "expired".to_owned(),
        },
    ]
}

fn effects() -> Vec<Event> {
    let (step, tool, key) = ("commit", "erp.commit_order", effect_key(1));
    let digest = Digest::of(b"effect digest");
    vec![
        Event::EffectIntended {
            step: step.into(),
            visit: 1,
            attempt: 1,
            retries: 3,
            unknown: true,
            tool: tool.into(),
            key,
            digest,
            packet: Some(packet_id(1)),
            until: Some(NOW),
            send_before: Some(NOW),
            cost_micro_usd: Some(80_000),
            values: EffectValues {
                effect: Arc::new(planned(1)),
            },
        },
        Event::EffectConfirmed {
            step: step.into(),
            attempt: 1,
            tool: tool.into(),
            key,
            status: 201,
            by_probe: true,
            beyond_limit: true,
            values: Some(UndoValues {
                undo: Box::new(undo()),
            }),
        },
        Event::EffectRefused {
            step: step.into(),
            attempt: 1,
            tool: tool.into(),
            key,
            failure: FailureSummary::from(&failure()),
            values: MessageValues::from(&failure()),
        },
        Event::EffectDeferred {
            step: step.into(),
            attempt: 1,
            tool: tool.into(),
            key,
            failure: FailureSummary::from(&failure()),
            values: MessageValues::from(&failure()),
            retry_at: Some(NOW),
        },
    ]
}

fn unknown_and_blocked() -> Vec<Event> {
    let (step, tool, key) = ("commit", "erp.commit_order", effect_key(1));
    let digest = Digest::of(b"effect digest");
    vec![
        Event::EffectUnknown {
            step: step.into(),
            attempt: 1,
            tool: tool.into(),
            key,
            failure: FailureSummary::from(&failure()),
            values: MessageValues::from(&failure()),
            retry_at: None,
        },
        Event::ProbeStarted {
            step: step.into(),
            attempt: 1,
            looks: 0,
            key,
            tool: "erp.find_order".into(),
            values: call_values(),
        },
        Event::ProbeAnswered {
            step: step.into(),
            attempt: 1,
            key,
            found: Some(false),
            failure: Some(FailureSummary::from(&failure())),
            values: ProbeValues {
                output: Some(json!({"orders": []})),
                message: None,
            },
        },
        Event::EffectSettled {
            packet: Some(packet_id(1)),
            step: "commit".into(),
            attempt: 4,
            tool: "erp.commit_order".into(),
            key: effect_key(1),
            settled: Settled::NotHappened,
            beyond_limit: true,
            values: SettledValues {
                reason: reason().reason,
                undo: Some(Box::new(undo())),
            },
        },
        Event::EffectBlocked {
            step: step.into(),
            at_step: "review".into(),
            visit: 1,
            next: Next::End(RunStatus::Rejected),
            values: EffectValues {
                effect: Arc::new(planned(1)),
            },
            tool: tool.into(),
            key,
            digest,
            reason: "denied".to_owned(),
        },
        Event::BudgetResolved {
            packet: packet_id(1),
            step: "assess".into(),
            answer: countersign::engine::BudgetAnswer::MoreCost { micro_usd: 80_000 },
            next: Next::Stay,
            values: reason(),
        },
    ]
}

fn supervision() -> Vec<Event> {
    vec![
        Event::WaitStarted {
            step: "wait".into(),
            visit: 1,
            until: Some(NOW),
            signal: Some("paid".to_owned()),
        },
        Event::RunPaused { values: reason() },
        Event::RunResumed {
            values: ReasonValues { reason: None },
        },
        Event::StateOverridden {
            path: "state.amount".to_owned(),
            version: 2,
            values: OverrideValues {
                reason: "typing error".to_owned(),
                set: Fields::new(),
            },
        },
        Event::StepParked {
            dead_letter: letter(),
            step: "commit".into(),
            code: "timeout".to_owned(),
            stuck: StuckAt::NotDone,
            attempts: 4,
            values: ParkedValues {
                message: failure().message,
                output: Some(serde_json::json!({"found": null})),
            },
        },
        Event::DeadLetterRedriven {
            dead_letter: letter(),
            step: "commit".into(),
            values: reason(),
        },
        Event::DeadLetterDiscarded {
            dead_letter: letter(),
            step: "commit".into(),
            values: reason(),
        },
        Event::CompensationStarted {
            end: RunStatus::Failed,
            code: Some("discarded".to_owned()),
            values: Some(MessageValues {
                message: "private words".to_owned(),
            }),
        },
        Event::RunTerminated {
            compensate: true,
            values: reason(),
        },
        Event::RunEnded {
            status: RunStatus::Failed,
            left: vec![effect_key(1)],
            code: Some("timeout".to_owned()),
            values: Some(MessageValues {
                message: "busy".to_owned(),
            }),
        },
        Event::CommandRefused {
            command: "approve".to_owned(),
            code: "stale_digest".to_owned(),
            values: MessageValues {
                message: "changed since you looked".to_owned(),
            },
        },
    ]
}
