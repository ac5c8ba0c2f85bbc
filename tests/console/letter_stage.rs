//! A stage whose store holds dead letters.

use countersign::console::message::{LetterRead, LettersNews, Message, Refusal, Told, ToldKind};
use countersign::console::request::{Request, Ticket};
use countersign::domain::{DeadLetterId, DeadLetterStatus, Digest, RunStatus, Tier, Timestamp};
use countersign::engine::StuckAt;
use countersign::runtime::{
    Approval, DeadLetterDetail, LastCall, ProbeSaid, RedrivePreview, Would,
};
use countersign::views::DeadLetterRow;
use serde_json::Value;
use uuid::Uuid;

use crate::edit::{definition, editable};
use crate::stage::{NOW, Stage, order, run_id};

const MINUTE_MS: i64 = 60_000;

/// A stage whose store holds dead letters.
pub(crate) struct Letters {
    pub(crate) stage: Stage,
    pub(crate) reads: Vec<LetterRead>,
    /// What a redrive would do.
    pub(crate) would: Would,
    /// The answers with which was asked what it would do.
    pub(crate) previewed: Vec<Option<Value>>,
}

impl Letters {
    /// The screen of dead letters over these.
    pub(crate) fn with(columns: u16, rows: u16, reads: Vec<LetterRead>) -> Self {
        let stage = Stage::with(columns, rows, vec![order(1, Tier::Routine, "7850.00")]);
        let mut letters = Self {
            stage,
            reads,
            would: Would::Send,
            previewed: Vec::new(),
        };
        let rows = letters.reads.iter().map(|read| read.detail.row.clone());
        let rows = rows.collect();
        letters.news(true, rows);
        letters.press("3");
        letters
    }

    pub(crate) fn news(&mut self, whole: bool, rows: Vec<DeadLetterRow>) {
        self.stage
            .tell(Message::DeadLetters(LettersNews { whole, rows }));
        self.answer();
    }

    /// Changes or adds a letter in the store and tells the console, as the follower does.
    pub(crate) fn put(&mut self, read: LetterRead) {
        let row = read.detail.row.clone();
        let own = |other: &LetterRead| other.detail.row.dead_letter != row.dead_letter;
        self.reads.retain(own);
        self.reads.push(read);
        self.news(false, vec![row]);
    }

    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for key in keys.split_whitespace() {
            self.stage.press(key);
            self.answer();
        }
        self.stage.draw();
        self
    }

    pub(crate) fn write(&mut self, text: &str) -> &mut Self {
        self.stage.wait(1_000);
        self.stage.write(text);
        self.answer();
        self
    }

    /// Answers what was asked, as store and engine would.
    pub(crate) fn answer(&mut self) {
        let asked = std::mem::take(&mut self.stage.asked);
        for request in asked {
            match request {
                Request::ReadLetter(letter) => {
                    let mut found = self.reads.iter();
                    let found = found.find(|read| read.detail.row.dead_letter == letter);
                    let found = found.cloned().map(Box::new).ok_or_else(|| Refusal {
                        code: "runtime".to_owned(),
                        message: format!("there is no dead letter {letter}"),
                    });
                    self.stage.tell(Message::DeadLetter { letter, found });
                }
                Request::PreviewRedrive {
                    ticket,
                    letter,
                    output,
                    ..
                } => {
                    self.previewed.push(output);
                    let outcome = Ok(Box::new(preview(letter, self.would)));
                    self.stage.tell(Message::Previewed { ticket, outcome });
                }
                Request::ReadDefinition(digest) => {
                    let found = Ok(definition());
                    self.stage.tell(Message::Definition { digest, found });
                }
                other => self.stage.asked.push(other),
            }
        }
    }

    pub(crate) fn picture(&self) -> String {
        self.stage.picture()
    }

    pub(crate) fn says(&self, words: &str) {
        let picture = self.picture();
        assert!(picture.contains(words), "{words}: {picture}");
    }

    /// What was told to the engine.
    pub(crate) fn told(&self) -> Vec<&Request> {
        let told = self.stage.asked.iter();
        told.filter(|request| matches!(request, Request::Redrive { .. } | Request::Discard { .. }))
            .collect()
    }

    pub(crate) fn ticket(&self) -> Ticket {
        match self.told().last() {
            Some(Request::Redrive { ticket, .. } | Request::Discard { ticket, .. }) => *ticket,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) fn selected(&self) -> Option<DeadLetterId> {
        self.stage.model.dead_letters.rows.list.selected
    }

    /// The line of the screen on which the cursor stands.
    pub(crate) fn line(&self) -> usize {
        let picture = self.picture();
        picture.lines().position(|line| line.contains('▌')).unwrap()
    }
}

pub(crate) fn letter_id(n: u128) -> DeadLetterId {
    DeadLetterId(Uuid::from_u128(
        0x0195_0000_0000_7000_8000_0000_0000_0000 + n,
    ))
}

/// An order that the ERP put off, parked `n` minutes ago.
pub(crate) fn letter(n: u128) -> LetterRead {
    let packet = editable(n);
    let at = NOW.plus_ms(-i64::try_from(n).unwrap() * MINUTE_MS);
    let effect = &packet.effects[0];
    let told = |kind, second: i64, words: Option<&str>| Told {
        at: at.plus_ms(second * 1_000),
        step: "commit".into(),
        key: Some(effect.key),
        kind,
        what: Some("erp.commit_order".to_owned()),
        words: words.map(str::to_owned),
        by: None,
    };
    let answered = "POST 127.0.0.1:4000/erp/orders was answered 503";
    LetterRead {
        detail: DeadLetterDetail {
            row: DeadLetterRow {
                dead_letter: letter_id(n),
                run: run_id(n),
                workflow: "purchase-order".into(),
                key: Some(format!("PO-{}", 9_900 + n)),
                step: "commit".into(),
                status: DeadLetterStatus::Open,
                code: "status_503".to_owned(),
                message: answered.to_owned(),
                at,
                attempts: 4,
                stuck: StuckAt::NotDone,
                closed_by: None,
                closed_at: None,
                reason: None,
            },
            input: packet.state.clone(),
            state: packet.state.clone(),
            definition: packet.definition,
            last_call: Some(LastCall {
                tool: "erp.commit_order".into(),
                at: at.plus_ms(-1_000),
                request: effect.request.clone(),
                answer: None,
                failure: Some(answered.to_owned()),
            }),
            last_probe: None,
        },
        history: vec![
            told(ToldKind::Sent, -8, None),
            told(ToldKind::NotDone, -7, Some(answered)),
            told(ToldKind::SentAgain, -1, None),
            told(ToldKind::NotDone, -1, Some(answered)),
            told(ToldKind::Parked, 0, Some(answered)),
        ],
        answer: None,
    }
}

/// The letter as somebody else left it.
pub(crate) fn closed(read: &LetterRead, status: DeadLetterStatus, by: &str) -> LetterRead {
    let mut closed = read.clone();
    closed.detail.row.status = status;
    closed.detail.row.closed_by = Some(by.to_owned());
    closed.detail.row.closed_at = Some(NOW);
    closed.detail.row.reason = Some("the vendor is gone".to_owned());
    closed
}

pub(crate) fn preview(letter: DeadLetterId, would: Would) -> RedrivePreview {
    let packet = order(1, Tier::Routine, "7850.00");
    RedrivePreview {
        dead_letter: letter,
        run: run_id(1),
        run_status: RunStatus::Running,
        would,
        held: false,
        effect: packet.effects.first().cloned(),
        approval: Approval::StillBinds,
        definition: Digest::of(b"definition"),
        newer_definition: true,
        probe: Some(ProbeSaid {
            found: Some(false),
            message: "The target does not know of it.".to_owned(),
            at: Timestamp(NOW.0 + 1_000),
        }),
    }
}
