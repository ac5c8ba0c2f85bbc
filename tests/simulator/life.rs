//! One seed: processes live and die over one disk and one world, and then all is calm until every
//! run has ended.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use countersign::domain::{ConnectorUrls, Timestamp};
use countersign::runtime::{Clock, Drive, Handle, Options, TargetLimits, TargetSettings};
use countersign::workflow::{Definition, SourceFile, check, shipped};
use serde_json::json;

use crate::checks;
use crate::clock::SimClock;
use crate::dice::Dice;
use crate::disk::Disk;
use crate::people::{Job, People};
use crate::store::{SimStore, Weather};
use crate::twin::Twin;
use crate::world::World;

/// How long the calm at the end may take, in seconds of the fake clock.
const CALM_S: u64 = 900;
/// Longer than the windows of the shipped workflows; keys are kept for 24 hours.
const AWAY_MS: i64 = 25 * 3_600_000;

/// What came of one seed that broke nothing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Report {
    pub(crate) runs: usize,
    /// Effects done.
    pub(crate) done: usize,
    /// Faults of the targets, by tool.
    pub(crate) faults: BTreeMap<String, u64>,
    /// Events by kind.
    pub(crate) kinds: BTreeMap<String, u64>,
    /// The whole journal and the ledger, for comparison.
    pub(crate) trace: String,
}

pub(crate) struct Simulation {
    pub(crate) dice: Dice,
    pub(crate) disk: Disk,
    pub(crate) world: Arc<World>,
    pub(crate) people: People,
    twin: Option<Twin>,
    pub(crate) now: Timestamp,
    processes: u64,
}

/// Lives one seed through.
///
/// # Errors
/// What was broken.
pub(crate) fn live(seed: u64, twin: Option<Twin>) -> Result<Report, String> {
    let dice = Dice::new(seed);
    let disk = Disk::new(twin);
    let faults = *dice.pick(&[10, 30, 50, 75]);
    let world = World::new(&disk, dice.split(), faults, twin);
    let mut simulation = Simulation::of(dice, (disk, world), jobs(seed), twin);
    for _ in 0..2 + simulation.dice.below(3) {
        simulation.stormy_life();
        simulation.nobody_comes();
        checks::kept(&simulation.disk, &simulation.people)?;
        checks::always(&simulation.disk, &simulation.world)?;
    }
    simulation.calm_life();
    checks::kept(&simulation.disk, &simulation.people)?;
    checks::always(&simulation.disk, &simulation.world)?;
    checks::at_the_end(&simulation.disk, &simulation.world)?;
    let journal = simulation.disk.journal();
    let done = simulation.world.done();
    Ok(Report {
        runs: simulation.people.jobs.len(),
        done: done.len(),
        faults: simulation.world.faults_by_tool(),
        kinds: checks::kinds(&journal),
        trace: format!("{journal:?}{done:?}"),
    })
}

impl Simulation {
    pub(crate) fn of(
        dice: Dice,
        (disk, world): (Disk, Arc<World>),
        jobs: Vec<Job>,
        twin: Option<Twin>,
    ) -> Self {
        let people = People {
            jobs,
            dice: dice.split(),
            told: std::sync::Mutex::default(),
        };
        Self {
            dice,
            disk,
            world,
            people,
            twin,
            now: Timestamp(1_795_271_898_007),
            processes: 0,
        }
    }

    /// A process under faults, until it is killed somewhere.
    fn stormy_life(&mut self) {
        let weather = Weather {
            faults: *self.dice.pick(&[0, 2, 6]),
            late: *self.dice.pick(&[0, 0, 10, 30]),
            late_ms: *self.dice.pick(&[500, 3_000, 20_000]),
        };
        let span = Duration::from_millis(200 + self.dice.below(30_000));
        // Its lock is lost while it lives, best while it waits for an INTENT's acknowledgement:
        // another process takes over, and neither knows.
        let usurped = self.dice.chance(40);
        let late = if usurped { 40 } else { weather.late };
        let weather = Weather { late, ..weather };
        self.process(async |simulation, clock| {
            let deadline = tokio::time::Instant::now() + span;
            let handle = simulation.open(clock, weather).await;
            let life = simulation.people_at_work(&handle, clock, usurped);
            drop(tokio::time::timeout_at(deadline, life).await);
        });
    }

    /// Sometimes nothing happens for longer than a window lasts, an approval holds and a target keeps
    /// a key.
    fn nobody_comes(&mut self) {
        if self.dice.chance(25) {
            self.now.0 += AWAY_MS;
            self.world.forget_keys();
        }
    }

    /// No faults any more, and people answer everything, until all runs have ended.
    pub(crate) fn calm_life(&mut self) {
        self.world.behave();
        self.process(async |simulation, clock| {
            let handle = simulation.open(clock, Weather::CALM).await;
            for _ in 0..CALM_S {
                simulation
                    .people
                    .answer_all(&handle, &simulation.world)
                    .await;
                tokio::time::sleep(Duration::from_secs(1)).await;
                if simulation.disk.ended_runs() == simulation.people.jobs.len() {
                    break;
                }
            }
        });
    }

    /// A process waits for the acknowledgement of its INTENT while another takes its place, recovers
    /// the run and ends it; then the first one goes on.
    pub(crate) fn stalled_life(&mut self) {
        let weather = Weather {
            faults: 0,
            late: 100,
            // Longer than a probe waits before it looks again, shorter than an INTENT is good for.
            late_ms: 25_000,
        };
        self.process(async |simulation, clock| {
            let stalled = simulation.open(clock, weather).await;
            let replaced = async {
                while !simulation.disk.takes_its_time() {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                simulation.disk.lock().holder = None;
                simulation.open_as(clock, Weather::CALM, u64::MAX).await
            };
            let start = simulation
                .people
                .start(&stalled, &simulation.people.jobs[0]);
            let (started, _usurper) = tokio::join!(start, replaced);
            started.unwrap();
            tokio::time::sleep(Duration::from_mins(1)).await;
        });
    }

    async fn people_at_work(&self, handle: &Handle, clock: &Arc<SimClock>, usurped: bool) {
        let second = OnceCell::new();
        // Some give their commands to a process that executes nothing, and wait for nobody's disk.
        let aside = self
            .open_to(clock, (Weather::CALM, Drive::Nothing), u64::MAX - 1)
            .await;
        let reviews = self.people.dice.chance(70);
        let people = async {
            loop {
                let pause = 50 + self.people.dice.below(1_500);
                tokio::time::sleep(Duration::from_millis(pause)).await;
                let through = if self.people.dice.chance(40) {
                    &aside
                } else {
                    second.get().unwrap_or(handle)
                };
                let intended = self.disk.lock().held_back;
                match intended.filter(|_| self.people.dice.chance(15)) {
                    // Between its INTENT and its first byte.
                    Some(run) => drop(self.people.stop(&aside, run).await),
                    None => self.people.act(through, &self.world, reviews).await,
                }
            }
        };
        let replaced = async {
            while !(usurped && self.disk.takes_its_time()) {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
            self.disk.lock().holder = None;
            let taker = self.open_as(clock, Weather::CALM, u64::MAX).await;
            drop(second.set(taker));
        };
        tokio::join!(people, replaced);
    }

    async fn open(&self, clock: &Arc<SimClock>, weather: Weather) -> Handle {
        self.open_as(clock, weather, self.processes).await
    }

    async fn open_as(&self, clock: &Arc<SimClock>, weather: Weather, process: u64) -> Handle {
        self.open_to(clock, (weather, Drive::Everything), process)
            .await
    }

    async fn open_to(
        &self,
        clock: &Arc<SimClock>,
        (weather, drive): (Weather, Drive),
        process: u64,
    ) -> Handle {
        loop {
            let store = SimStore::open(&self.disk, process, self.dice.split(), weather, self.twin);
            let opened = Handle::open(Options {
                store: Arc::new(store),
                tools: Arc::clone(&self.world) as _,
                connectors: connectors(),
                clock: Arc::clone(clock) as _,
                entropy: Arc::new(self.dice.split()),
                drive,
                runs_driven: 16,
                targets: targets(),
            });
            if let Ok(handle) = opened.await {
                return handle;
            }
        }
    }

    /// A process that ends with everything it runs, wherever that stands.
    fn process(&mut self, life: impl AsyncFnOnce(&Self, &Arc<SimClock>)) {
        self.processes += 1;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let now = runtime.block_on(async {
            let clock = Arc::new(SimClock::starting(self.now));
            life(self, &clock).await;
            clock.now()
        });
        drop(runtime);
        self.disk.crash();
        self.now = Timestamp(now.0 + 1_000);
    }
}

/// Some of everything: routine, over the limit, of an unknown vendor, with keys and without.
pub(crate) fn jobs(seed: u64) -> Vec<Job> {
    let order = |number: &str, vendor: &str, amount: &str| Job {
        definition: shipped_named("purchase-order"),
        key: format!("{number}-{seed}"),
        row: json!({ "po_id": number, "vendor": vendor, "amount": amount }),
    };
    let refund = |charge: &str| Job {
        definition: shipped_named("refund"),
        key: format!("{charge}-{seed}"),
        row: json!({ "customer_id": "cus_1", "transaction_id": charge, "amount_cents": 1_250 }),
    };
    let update = |deal: &str| Job {
        definition: shipped_named("crm-update"),
        key: format!("{deal}-{seed}"),
        row: json!({ "deal_id": deal, "fields": { "stage": "won" } }),
    };
    let saga = |number: &str, passes: u32| Job {
        definition: two_orders(),
        key: format!("{number}-{seed}"),
        row: json!({ "po_id": number, "passes": passes }),
    };
    vec![
        order("PO-1", "Alpha", "10.00"),
        order("PO-2", "Alpha", "7850.00"),
        order("PO-3", "Stranger", "20.00"),
        refund("ch_1"),
        update("d-1"),
        update("d-2"),
        saga("S-1", 10),
        // One pass too few: it fails after both orders.
        saga("S-2", 2),
    ]
}

fn two_orders() -> Arc<Definition> {
    static KNOWN: OnceLock<Arc<Definition>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let file = SourceFile::new("two-orders.yaml", include_str!("two-orders.yaml"));
        let checked = check(&file, &shipped().tool_box());
        assert_eq!(checked.diagnostics, []);
        checked.definition.unwrap()
    });
    Arc::clone(known)
}

fn shipped_named(name: &str) -> Arc<Definition> {
    static KNOWN: OnceLock<Vec<Arc<Definition>>> = OnceLock::new();
    let known = KNOWN.get_or_init(|| {
        let tools = shipped().tool_box();
        ["purchase-order", "refund", "crm-update"]
            .into_iter()
            .map(|name| {
                let file = shipped().workflow(name).unwrap();
                check(file, &tools).definition.unwrap()
            })
            .collect()
    });
    let named = known.iter().find(|known| known.name.as_str() == name);
    Arc::clone(named.unwrap())
}

/// So few failures in a row that they happen, and so short a time that they happen again.
fn targets() -> TargetSettings {
    let limits = TargetLimits {
        breaker_failures: 2,
        breaker_open_ms: 2_000,
        // Six runs must wait for each other.
        in_flight: 1,
        ..TargetLimits::default()
    };
    let named = ["erp", "register", "payments", "crm"].into_iter();
    named.map(|name| (name, limits)).collect()
}

fn connectors() -> ConnectorUrls {
    ["erp", "register", "payments", "crm"]
        .into_iter()
        .map(|name| (name, format!("http://{name}.test")))
        .collect()
}
