//! The three jobs, each with one effect that a person decides.

use serde_json::{Value, json};

use crate::faults::scene::{Scene, Told};
use crate::support::Outcome;

pub(super) struct Job {
    pub(super) name: &'static str,
    workflow: &'static str,
    key: &'static str,
    row: fn(&str) -> Value,
}

/// How a job stands once a process that nobody disturbs has driven it.
#[derive(Debug)]
pub(super) enum Ended {
    Succeeded,
    /// A packet asks what became of the effect.
    Parked,
    Otherwise(String),
}

pub(super) const JOBS: [Job; 3] = [
    Job {
        name: "order",
        workflow: "purchase-order",
        key: "po_id",
        row: |subject| json!({"po_id": subject, "vendor": "Alpha Tech Systems", "amount": 7850}),
    },
    Job {
        name: "refund",
        workflow: "refund",
        key: "transaction_id",
        row: |subject| {
            json!({
                "customer_id": "cust_usr_8829", "transaction_id": subject,
                "amount_cents": 12_500, "max_steps": 5,
            })
        },
    },
    Job {
        name: "deal",
        workflow: "crm-update",
        key: "deal_id",
        // More than twenty properties are a person's to decide.
        row: |subject| {
            let fields: serde_json::Map<String, Value> = (0..21)
                .map(|field| (format!("field_{field}"), json!(field)))
                .collect();
            json!({"deal_id": subject, "fields": fields})
        },
    },
];

/// A packet that waits for a verdict, and what it was shown as.
pub(super) struct Waiting {
    pub(super) packet: String,
    pub(super) digest: String,
    asks_outcome: bool,
}

impl Job {
    /// Writes the row of a subject down and answers how its run is started.
    pub(super) fn start(&self, scene: &Scene, subject: &str) -> Outcome<Vec<String>> {
        let row = (self.row)(subject).to_string();
        let path = scene.file(&format!("{subject}.json"), &row)?;
        let words = ["start", self.workflow, "--key", self.key, "--input"];
        let mut call: Vec<String> = words.map(str::to_owned).to_vec();
        call.push(path.display().to_string());
        Ok(call)
    }

    /// The subject's run and its status; none where it was not started.
    pub(super) fn run(scene: &Scene, subject: &str) -> Outcome<Option<(String, String)>> {
        let list = scene.call(&["runs", "list", "--key", subject])?;
        let list = match list.status {
            // The process died before there was a store.
            Some(3) => return Ok(None),
            _ => list.document()?,
        };
        let Some(run) = list.get(0) else {
            return Ok(None);
        };
        Ok(Some((text(run, "run")?, text(run, "status")?)))
    }

    /// The open packet of the subject's run.
    pub(super) fn waiting(scene: &Scene, subject: &str) -> Outcome<Option<Waiting>> {
        let Some((run, _)) = Self::run(scene, subject)? else {
            return Ok(None);
        };
        let list = scene.call(&["packets", "list", "--status", "open"])?;
        let list = list.document()?;
        let packets = list.as_array().ok_or("no list of packets")?;
        let mine = packets
            .iter()
            .find(|packet| packet.get("run").is_some_and(|of| of == &run));
        let Some(packet) = mine else {
            return Ok(None);
        };
        let flags = packet.get("flags").map(Value::to_string);
        Ok(Some(Waiting {
            packet: text(packet, "packet")?,
            digest: text(packet, "digest")?,
            asks_outcome: flags.is_some_and(|flags| flags.contains("outcome_unknown")),
        }))
    }

    /// Starts the subject's run again, gives the verdict it waits for, and tells how it ends.
    pub(super) fn finish(&self, scene: &Scene, subject: &str) -> Outcome<Ended> {
        well(&scene.call(&self.start(scene, subject)?)?)?;
        if let Some(waiting) = Self::waiting(scene, subject)? {
            if waiting.asks_outcome {
                return Ok(Ended::Parked);
            }
            well(&scene.call(&waiting.approve())?)?;
        }
        let (_, status) = Self::run(scene, subject)?.ok_or("the run is gone")?;
        Ok(match status.as_str() {
            "succeeded" => Ended::Succeeded,
            _ => Ended::Otherwise(status),
        })
    }
}

impl Waiting {
    pub(super) fn approve(&self) -> [&str; 5] {
        ["packets", "approve", &self.packet, "--digest", &self.digest]
    }
}

pub(super) fn well(told: &Told) -> Outcome<()> {
    match told.status {
        Some(0) => Ok(()),
        status => Err(format!("exit status {status:?}: {}", told.stderr.trim()).into()),
    }
}

fn text(value: &Value, name: &str) -> Outcome<String> {
    let text = value.get(name).and_then(Value::as_str);
    Ok(text
        .ok_or_else(|| format!("no `{name}` in {value}"))?
        .to_owned())
}
