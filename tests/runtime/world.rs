//! A store in a temporary directory, a clock that stands still, and handles on them.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use countersign::domain::{Actor, ConnectorUrls, Packet, PacketStatus, RunId, Timestamp, Verdict};
use countersign::runtime::{
    Clock, Drive, Handle, Options, RuntimeError, StartRow, Started, SystemEntropy, TargetLimits,
    TargetSettings, VerdictRequest, VerdictTaken,
};
use countersign::store::{
    EventFilter, OpenOptions, PacketFilter, SharedStore, SqliteStore, StoredEvent,
};
use countersign::workflow::{Definition, SourceFile, ToolBox, check, shipped};
use serde_json::{Value, json};

use crate::target::Target;

/// How long a condition may take to come true before the test gives up.
const PATIENCE: Duration = Duration::from_secs(30);

/// The wall clock and the time that has passed.
pub(crate) struct FakeClock(Mutex<(i64, i64)>);

impl FakeClock {
    /// Time passes.
    pub(crate) fn later(&self, ms: i64) {
        let mut hands = self.0.lock().unwrap();
        hands.0 += ms;
        hands.1 += ms;
    }

    pub(crate) fn elapsed(&self) -> i64 {
        self.0.lock().unwrap().1
    }

    /// Somebody sets the wall clock.
    pub(crate) fn set(&self, ms: i64) {
        self.0.lock().unwrap().0 += ms;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.lock().unwrap().0)
    }

    fn elapsed_ms(&self) -> i64 {
        self.0.lock().unwrap().1
    }

    fn jitters(&self) -> bool {
        false
    }

    fn both(&self) -> (Timestamp, i64) {
        let hands = self.0.lock().unwrap();
        (Timestamp(hands.0), hands.1)
    }
}

/// Everything outside the process under test: it survives a crash.
pub(crate) struct World {
    directory: tempfile::TempDir,
    pub(crate) target: Arc<Target>,
    pub(crate) clock: Arc<FakeClock>,
    /// How targets are treated by the processes that open.
    pub(crate) targets: TargetSettings,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(Target::default())
    }

    pub(crate) fn with(target: Target) -> Self {
        Self {
            directory: tempfile::tempdir().unwrap(),
            target: Arc::new(target),
            clock: Arc::new(FakeClock(Mutex::new((1_795_271_898_007, 0)))),
            targets: TargetSettings::default(),
        }
    }

    /// The store's file, opened by other means than the program's.
    #[expect(
        clippy::disallowed_methods,
        reason = "a stranger knows nothing of the program's own connections"
    )]
    pub(crate) fn stranger(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.store_path()).unwrap()
    }

    /// How many failures in a row the ERP may have, and how long it is left alone then.
    pub(crate) fn treat_erp(&mut self, breaker_failures: u32, breaker_open_ms: i64) {
        let limits = TargetLimits {
            breaker_failures,
            breaker_open_ms,
            ..TargetLimits::default()
        };
        self.targets = [("erp", limits)].into_iter().collect();
    }

    pub(crate) fn store_path(&self) -> PathBuf {
        self.directory.path().join("store.db")
    }

    /// A handle with a connection of its own to the store.
    pub(crate) async fn open(&self, drive: Drive) -> Handle {
        let options = OpenOptions {
            create: true,
            ..OpenOptions::default()
        };
        let store = SqliteStore::open(&self.store_path(), options).unwrap();
        self.open_on(Arc::new(store), drive).await
    }

    /// A handle on a store that is open already.
    pub(crate) async fn open_on(&self, store: SharedStore, drive: Drive) -> Handle {
        Handle::open(Options {
            store,
            tools: Arc::clone(&self.target) as _,
            connectors: connectors(),
            clock: Arc::clone(&self.clock) as _,
            entropy: Arc::new(SystemEntropy),
            drive,
            runs_driven: 16,
            targets: self.targets.clone(),
        })
        .await
        .unwrap()
    }
}

/// The shipped purchase order.
pub(crate) fn purchase_order() -> Arc<Definition> {
    let tools = shipped().tool_box();
    let file = shipped().workflow("purchase-order").unwrap();
    check(file, &tools).definition.unwrap()
}

/// A mail that can be neither repeated nor asked about.
pub(crate) fn mail() -> Arc<Definition> {
    mail_with("'${ state.to }'")
}

/// The same workflow by name, with other words for whom the mail goes to.
pub(crate) fn mail_with(to: &str) -> Arc<Definition> {
    let tool = SourceFile::new(
        "mail.send.yaml",
        "{ tool: mail.send, connector: mail, effect: write, method: POST, path: /send,
           body: { json: '${ args }' }, output: { type: object }, unverifiable: true,
           args: { type: object, properties: { to: { type: string } } } }",
    );
    let text = "workflow: mail
intent: { purpose: Send one mail., owner: desk, done_when: 'true' }
authority: { decide: [desk] }
policy: [{ id: people, when: 'true', then: ask }]
scope: { agent: desk-agent, tools: [mail.send] }
meaning: { state: { type: object, required: [to], properties: { to: { type: string } } } }
effects: { mail.send: {} }
budget: { steps: 5 }
steps:
  send: { tool: mail.send, args: { to: TO }, next: end }
";
    let workflow = SourceFile::new("mail.yaml", text.replace("TO", to));
    let (tools, mistakes) = ToolBox::load(&[tool]);
    assert_eq!(mistakes, []);
    let checked = check(&workflow, &tools);
    assert_eq!(checked.diagnostics, []);
    checked.definition.unwrap()
}

/// A row of the purchase order.
pub(crate) fn order(number: &str, amount: &str) -> StartRow {
    let row = json!({ "po_id": number, "vendor": "Alpha", "amount": amount });
    row_of(&purchase_order(), row, Some(number))
}

pub(crate) fn row_of(definition: &Definition, row: Value, key: Option<&str>) -> StartRow {
    let Value::Object(input) = row else {
        panic!("{row} is no object");
    };
    StartRow {
        fields: definition.meaning.state.admit(&input).unwrap(),
        input,
        key: key.map(str::to_owned),
    }
}

pub(crate) async fn start(handle: &Handle, rows: Vec<StartRow>) -> Vec<Started> {
    handle
        .start(&purchase_order(), rows, &person("STARTER"))
        .await
        .unwrap()
}

/// Starts one order and waits until it has settled.
pub(crate) async fn settled_order(handle: &Handle, number: &str, amount: &str) -> RunId {
    let run = start(handle, vec![order(number, amount)]).await[0].run;
    handle.settled(run).await.unwrap();
    run
}

pub(crate) fn open_packet(handle: &Handle, run: RunId) -> Packet {
    let filter = PacketFilter {
        run: Some(run),
        status: Some(PacketStatus::Open),
        ..PacketFilter::default()
    };
    handle.packets(&filter).unwrap().remove(0)
}

pub(crate) async fn give(
    handle: &Handle,
    packet: &Packet,
    verdict: Verdict,
    by: &str,
) -> Result<VerdictTaken, RuntimeError> {
    let request = VerdictRequest {
        packet: packet.packet,
        digest: packet.digest.to_string(),
        verdict,
        item: None,
        reason: None,
    };
    handle.verdict(request, &person(by)).await
}

pub(crate) fn person(name: &str) -> Actor {
    Actor::claimed(name, "someone")
}

/// The kinds of a run's events, in order.
pub(crate) fn kinds(handle: &Handle, run: RunId) -> Vec<String> {
    journal(handle, run)
        .into_iter()
        .map(|event| event.kind)
        .collect()
}

pub(crate) fn journal(handle: &Handle, run: RunId) -> Vec<StoredEvent> {
    let filter = EventFilter {
        run: Some(run),
        ..EventFilter::default()
    };
    handle.events(&filter).unwrap()
}

/// Checks the whole chain and every state row.
pub(crate) fn verified(handle: &Handle) {
    let report = handle.verify(&mut |_, _| {}).unwrap();
    assert!(report.ok, "{report:?}");
}

/// Waits for a condition.
pub(crate) async fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let wait = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    assert!(
        tokio::time::timeout(PATIENCE, wait).await.is_ok(),
        "never: {what}"
    );
}

/// A process that may be killed: everything it runs stops where it stands.
pub(crate) fn process<T>(life: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let lived = runtime.block_on(life);
    runtime.shutdown_timeout(PATIENCE);
    lived
}

fn connectors() -> ConnectorUrls {
    ["erp", "register", "mail"]
        .into_iter()
        .map(|name| (name, format!("http://{name}.test")))
        .collect()
}
