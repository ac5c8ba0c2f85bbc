//! A stage for the console: a model, keys typed by their names, and the picture as text.

use countersign::console::key::Key;
use countersign::console::message::{Beside, Message, PacketRead, QueueNews};
use countersign::console::model::{Model, Session};
use countersign::console::request::Request;
use countersign::console::theme::Theme;
use countersign::console::{update, view};
use countersign::domain::{
    Actor, Digest, Evidence, Flag, IdempotencyKey, Money, Packet, PacketId, PacketStatus,
    PlannedEffect, PolicyResult, PolicyVerdict, Question, Reason, RunId, Severity, Tier, Timestamp,
};
use countersign::views::QueueRow;
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use serde_json::json;
use uuid::Uuid;

/// The wall clock when a stage opens: 2026-11-21T14:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp(1_795_269_600_000);
const HOUR_MS: i64 = 3_600_000;

/// A model and what it asked for.
pub(crate) struct Stage {
    pub(crate) model: Model,
    pub(crate) asked: Vec<Request>,
    /// Packets as a store would hold them.
    pub(crate) packets: Vec<Packet>,
    /// What the store knows about each of them elsewhere.
    pub(crate) beside: Beside,
    at_ms: u64,
}

impl Stage {
    /// A console of this size on an empty store.
    pub(crate) fn empty(columns: u16, rows: u16) -> Self {
        let session = Session {
            actor: Actor::claimed("MGR_JANE_DOE", "jane"),
            store: "demo/store.db".to_owned(),
        };
        let theme = Theme {
            colour: true,
            ascii: false,
        };
        let mut stage = Self {
            model: Model::new(session, theme, (columns, rows), NOW),
            asked: Vec::new(),
            packets: Vec::new(),
            beside: Beside::Nothing,
            at_ms: 0,
        };
        stage.tell(Message::Link(countersign::console::message::Link::Executes));
        stage
    }

    /// The same with these packets in the store.
    pub(crate) fn with(columns: u16, rows: u16, packets: Vec<Packet>) -> Self {
        let mut stage = Self::empty(columns, rows);
        let rows = packets.iter().map(QueueRow::of).collect();
        stage.packets = packets;
        stage.tell(Message::Queue(QueueNews { whole: true, rows }));
        stage.draw();
        stage
    }

    /// Gives a message to the model and answers the reads it asks for, as the store would.
    pub(crate) fn tell(&mut self, message: Message) {
        let asked = update(&mut self.model, message);
        for request in asked {
            if let Request::ReadPacket(packet) = request {
                let found = self.packets.iter().find(|other| other.packet == packet);
                if let Some(found) = found.cloned() {
                    let beside = self.beside.clone();
                    let found = Ok(Box::new(PacketRead {
                        packet: found,
                        beside,
                    }));
                    self.tell(Message::Packet { packet, found });
                }
            } else {
                self.asked.push(request);
            }
        }
    }

    /// Presses keys by name, `j j enter`, a second apart, drawing after each.
    pub(crate) fn press(&mut self, keys: &str) -> &mut Self {
        for name in keys.split_whitespace() {
            self.wait(1_001);
            self.press_now(name);
            self.draw();
            // What must stand alone for a moment does.
            self.wait(310);
        }
        self
    }

    /// Presses one key without waiting or drawing.
    pub(crate) fn press_now(&mut self, name: &str) {
        let key = Key::named(name).unwrap_or_else(|| panic!("{name} is no key"));
        let at_ms = self.at_ms;
        self.tell(Message::Key { key, at_ms });
    }

    /// Types a text, key by key, at the speed of a person.
    pub(crate) fn write(&mut self, text: &str) -> &mut Self {
        for c in text.chars() {
            self.wait(80);
            let name = if c == ' ' {
                "space".to_owned()
            } else {
                c.to_string()
            };
            self.press_now(&name);
        }
        self.draw();
        self
    }

    /// Milliseconds since the console opened.
    pub(crate) fn at_ms(&self) -> u64 {
        self.at_ms
    }

    /// Lets time pass.
    pub(crate) fn wait(&mut self, ms: u64) {
        self.at_ms += ms;
        let now = NOW.plus_ms(self.at_ms.cast_signed());
        let at_ms = self.at_ms;
        self.tell(Message::Time { now, at_ms });
    }

    /// Changes or adds a packet in the store and tells the console, as the follower does.
    pub(crate) fn put(&mut self, packet: Packet) {
        let row = QueueRow::of(&packet);
        self.packets.retain(|other| other.packet != packet.packet);
        self.packets.push(packet);
        self.tell(Message::Queue(QueueNews {
            whole: false,
            rows: vec![row],
        }));
    }

    /// Draws, and tells the model that it was drawn.
    pub(crate) fn draw(&mut self) -> String {
        loop {
            let picture = self.picture();
            let at_ms = self.at_ms;
            self.tell(Message::Drawn { at_ms });
            if !self.model.dirty {
                return picture;
            }
        }
    }

    /// The picture as text, lines without their trailing spaces.
    pub(crate) fn picture(&self) -> String {
        let backend = TestBackend::new(self.model.columns, self.model.rows);
        let mut terminal = Terminal::new(backend).unwrap();
        terminal.draw(|frame| view(&self.model, frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let width = usize::from(buffer.area.width);
        let mut lines = Vec::new();
        for row in buffer.content().chunks(width) {
            let mut line = String::new();
            let mut skip = 0;
            for cell in row {
                if skip > 0 {
                    skip -= 1;
                    continue;
                }
                line.push_str(cell.symbol());
                skip = unicode_width::UnicodeWidthStr::width(cell.symbol()).saturating_sub(1);
            }
            lines.push(line.trim_end().to_owned());
        }
        // What keeps an amount on one line looks like any other space.
        lines.join("\n").replace('\u{a0}', " ")
    }

    /// The picture cell by cell.
    pub(crate) fn grid(&self) -> Vec<Vec<String>> {
        let backend = TestBackend::new(self.model.columns, self.model.rows);
        let mut terminal = Terminal::new(backend).unwrap();
        terminal.draw(|frame| view(&self.model, frame)).unwrap();
        let buffer = terminal.backend().buffer();
        let rows = buffer.content().chunks(usize::from(buffer.area.width));
        let texts = |row: &[Cell]| row.iter().map(|cell| cell.symbol().to_owned()).collect();
        rows.map(texts).collect()
    }

    /// The packet under the cursor.
    pub(crate) fn selected(&self) -> Option<PacketId> {
        self.model.queue.list.selected
    }

    /// Verdicts that were sent.
    pub(crate) fn verdicts(&self) -> Vec<countersign::runtime::VerdictRequest> {
        let verdicts = self.asked.iter().filter_map(|request| match request {
            Request::Decide { verdict, .. } => Some(verdict.clone()),
            _ => None,
        });
        verdicts.collect()
    }
}

pub(crate) fn packet_id(n: u128) -> PacketId {
    PacketId(Uuid::from_u128(
        0x0193_0000_0000_7000_8000_0000_0000_0000 + n,
    ))
}

pub(crate) fn run_id(n: u128) -> RunId {
    RunId(Uuid::from_u128(
        0x0194_0000_0000_7000_8000_0000_0000_0000 + n,
    ))
}

/// An open purchase order over `amount`, due in `n` hours.
pub(crate) fn order(n: u128, tier: Tier, amount: &str) -> Packet {
    let money: Money = format!("{amount} USD").parse().unwrap();
    let vendor = "Alpha Tech Systems";
    let po_id = format!("PO-{}", 9_900 + n);
    let body = json!({"amount": amount, "currency": "USD", "po_id": po_id, "vendor": vendor});
    let mut packet = Packet {
        packet: packet_id(n),
        version: 1,
        digest: Digest::ZERO,
        status: PacketStatus::Open,
        run: run_id(n),
        workflow: "purchase-order".into(),
        definition: Digest::of(b"definition"),
        step: "review".into(),
        title: format!("{po_id} {vendor}"),
        question: Question::Effects,
        tier,
        flags: vec![Flag {
            code: "over_limit".to_owned(),
            severity: Severity::Danger,
            message: "Requested amount reaches the autonomous limit.".to_owned(),
        }],
        reasons: vec![Reason {
            rule: "amount.limit".to_owned(),
            text: "Requested amount reaches the autonomous limit.".to_owned(),
        }],
        policy: vec![
            rule("routine", PolicyVerdict::Allow, true),
            rule("amount.limit", PolicyVerdict::Ask, true),
            rule("vendor.known", PolicyVerdict::Ask, false),
        ],
        confidence: Some(0.97),
        amount: Some(money),
        effects: vec![commit(&po_id, &body, money)],
        duplicates: Vec::new(),
        evidence: vec![Evidence {
            id: "registration".to_owned(),
            title: "Vendor registration".to_owned(),
            value: json!({"number": "REG-0001", "status": "active"}),
            source: "register.lookup".to_owned(),
            required: true,
            missing: false,
            digest: Digest::of(b"evidence"),
        }],
        agent_note: Some("The vendor is known.\nApproving is safe.".to_owned()),
        state: json!({"po_id": po_id, "vendor": vendor, "status": "Draft"})
            .as_object()
            .cloned()
            .unwrap(),
        state_version: 2,
        path: vec!["assess".into()],
        opened_at: NOW.plus_ms(-21 * 60_000),
        due_at: NOW.plus_ms(i64::try_from(n).unwrap() * HOUR_MS),
        valid_ms: 24 * HOUR_MS,
        escalated_at: None,
        approvals: 1,
        votes: Vec::new(),
        returned: None,
        edited_by: None,
        closed_by: None,
        closed_at: None,
    };
    seal(&mut packet);
    packet
}

/// The write that commits an order.
fn commit(po_id: &str, body: &serde_json::Value, money: Money) -> PlannedEffect {
    PlannedEffect {
        step: "commit".into(),
        tool: "erp.commit_order".into(),
        pin: Digest::of(b"pin"),
        ordinal: 1,
        operation: po_id.to_owned(),
        arguments: body.clone(),
        amount: Some(money),
        key: IdempotencyKey(Digest::of(po_id.as_bytes())),
        request: serde_json::from_value(json!({
            "method": "POST",
            "url": "http://127.0.0.1:4000/erp/orders",
            "headers": [{"name": "content-type", "value": {"text": "application/json"}}],
            "body": body.to_string(),
        }))
        .unwrap(),
        identity: None,
        undoes: None,
        digest: Digest::ZERO,
    }
}

/// Gives a packet the digests of what it holds.
pub(crate) fn seal(packet: &mut Packet) {
    for effect in &mut packet.effects {
        effect.digest = effect.digest_of_parts().unwrap();
    }
    packet.digest = packet.digest_of_parts();
}

/// The next version of a packet, with another amount.
pub(crate) fn amended(packet: &Packet, amount: &str) -> Packet {
    let mut next = packet.clone();
    next.version += 1;
    next.state_version += 1;
    let money = format!("{amount} USD").parse().unwrap();
    next.amount = Some(money);
    next.effects[0].amount = Some(money);
    next.effects[0].arguments["amount"] = json!(amount);
    seal(&mut next);
    next
}

/// The packet as somebody else left it.
pub(crate) fn closed(packet: &Packet, status: PacketStatus, by: &str) -> Packet {
    let mut closed = packet.clone();
    closed.status = status;
    closed.closed_by = Some(by.to_owned());
    closed.closed_at = Some(NOW);
    closed
}

fn rule(name: &str, then: PolicyVerdict, matched: bool) -> PolicyResult {
    PolicyResult {
        effect: 0,
        rule: name.to_owned(),
        matched: Some(matched),
        then,
        error: None,
    }
}
