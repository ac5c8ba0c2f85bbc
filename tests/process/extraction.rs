//! A document is read, and the reading fails: what a plain HTTP tool stands for here is a model.
//! Time-outs end in a dead letter, an unusable answer in one without a retry, and the same letter's
//! run goes through once the document was edited and a person agreed. The ERP is paid once.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};

use crate::outside::command;
use crate::world::{World, text};

const WORKFLOW: &str = include_str!("extract.yaml");
const TOOL: &str = include_str!("extract.tool.yaml");

/// What the model does with one question.
enum Turn {
    /// It takes the question and never answers.
    Hangs,
    Says(Value),
}

/// The questions that came, oldest first.
type Asked = Arc<Mutex<Vec<String>>>;

/// A model that does what it is told to, one question after the other.
fn model(turns: Vec<Turn>) -> (String, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let asked = Asked::default();
    let noted = Arc::clone(&asked);
    std::thread::spawn(move || {
        let mut unanswered = Vec::new();
        for turn in turns {
            let Some((stream, question)) = question(&listener) else {
                return;
            };
            noted.lock().unwrap().push(question);
            match turn {
                Turn::Hangs => unanswered.push(stream),
                Turn::Says(answer) => say(stream, &answer.to_string()),
            }
        }
    });
    (url, asked)
}

/// The next question's body, on a connection of its own.
fn question(listener: &TcpListener) -> Option<(TcpStream, String)> {
    let (mut stream, _) = listener.accept().ok()?;
    let mut bytes = Vec::new();
    let mut byte = [0];
    while !bytes.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).ok()?;
        bytes.push(byte[0]);
    }
    let head = String::from_utf8(bytes).unwrap().to_lowercase();
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.trim().parse().unwrap());
    let mut body = vec![0; length];
    stream.read_exact(&mut body).ok()?;
    Some((stream, String::from_utf8(body).unwrap()))
}

fn say(mut stream: TcpStream, body: &str) {
    let length = body.len();
    // Whoever gave up waiting reads no more.
    drop(write!(
        stream,
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\
         content-length: {length}\r\n\r\n{body}"
    ));
}

fn reading(amount: &str, due_date: &str, confidence: f64) -> Turn {
    Turn::Says(json!({
        "vendor": "Alpha Tech Systems", "amount": amount, "due_date": due_date,
        "confidence": confidence, "missing_fields": [], "risk_flags": [],
    }))
}

/// A sandbox for the payment, this model, and the files of the job.
struct Job {
    world: World,
    asked: Asked,
    workflow: String,
    config: String,
}

impl Job {
    fn new(turns: Vec<Turn>) -> Self {
        let world = World::new();
        let (url, asked) = model(turns);
        let folder = world.dir.path().join("job");
        fs::create_dir_all(folder.join("tools")).unwrap();
        fs::write(folder.join("tools/model.extract.yaml"), TOOL).unwrap();
        let workflow = folder.join("extract.yaml");
        fs::write(&workflow, WORKFLOW).unwrap();
        let offered = fs::read_to_string(&world.sandbox.config).unwrap();
        let config = folder.join("countersign.toml");
        let model = format!("\n[connectors.reader]\nbase_url = \"{url}\"\n");
        fs::write(&config, offered + &model).unwrap();
        Self {
            workflow: workflow.to_str().unwrap().to_owned(),
            config: config.to_str().unwrap().to_owned(),
            world,
            asked,
        }
    }

    /// A call that must succeed; its last document.
    fn one(&self, args: &[&str]) -> Value {
        let mut command = command(self.world.dir.path());
        command.args(["--json", "--config", &self.config, "--store"]);
        let output = command.arg(self.world.store()).args(args).output().unwrap();
        let (out, err) = (
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        );
        assert!(output.status.success(), "{args:?}: {out}{err}");
        let first = out.lines().next().unwrap_or_default();
        serde_json::from_str(first).unwrap_or_else(|error| panic!("{error}: {out}"))
    }

    fn start(&self, document: &str) -> Value {
        let input = self.world.dir.path().join("document.json");
        fs::write(&input, json!({ "document": document }).to_string()).unwrap();
        self.one(&["start", &self.workflow, "--input", input.to_str().unwrap()])
    }

    /// The one open dead letter.
    fn letter(&self) -> Value {
        let letters = self.one(&["dead-letters", "list", "--status", "open"]);
        let [letter] = letters.as_array().unwrap().as_slice() else {
            panic!("{letters}");
        };
        letter.clone()
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }

    /// What people are to be told of, oldest first.
    fn notifications(&self) -> Vec<(String, String)> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let store = Connection::open_with_flags(self.world.store(), flags).unwrap();
        let mut rows = store
            .prepare("SELECT kind, subject FROM notifications ORDER BY id")
            .unwrap();
        let rows = rows.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        rows.unwrap().map(Result::unwrap).collect()
    }
}

#[test]
fn a_document_that_cannot_be_read_is_parked_edited_and_paid_for_once() {
    let job = Job::new(vec![
        Turn::Hangs,
        Turn::Hangs,
        Turn::Hangs,
        Turn::Hangs,
        // After the redrive: words where numbers belong.
        reading("five hundred dollars", "next Tuesday", 0.92),
        // After the edit, first for a person's eyes.
        reading("15000.00", "2026-12-01", 0.82),
    ]);
    let line = job.start("scan 033, unreadable");
    assert_eq!(line["status"], "dead_lettered", "{line}");
    assert_eq!(job.asked(), 4, "the first try and three retries");
    let first = job.letter();
    assert_eq!(first["error"]["code"], "timeout", "{first}");
    assert_eq!(first["attempts"], 4);
    assert_eq!(first["input"]["document"], "scan 033, unreadable");
    assert!(text(&first["at"]).ends_with('Z'), "{first}");
    let first = text(&first["dead_letter"]);
    let told = job.notifications();
    assert_eq!(told, [("dead_letter".to_owned(), first.clone())]);

    // What comes back is unusable: no retry, and the run is there again.
    let moved = job.one(&["dead-letters", "redrive", &first]);
    assert_eq!(moved["run_status"], "dead_lettered", "{moved}");
    assert_eq!(
        job.asked(),
        5,
        "an answer that is no use is not asked for again"
    );
    let second = job.letter();
    assert_eq!(second["run"], line["run"]);
    assert_eq!(second["error"]["code"], "answer_schema", "{second}");
    assert!(job.world.orders().is_empty(), "nothing was paid");
    let second = text(&second["dead_letter"]);
    assert_ne!(second, first);
    assert_eq!(job.notifications().len(), 2);

    edited_and_read(&job, &second);
    reviewed_and_paid(&job, &text(&line["run"]));
}

/// Tried out, and then read from what a person typed.
fn edited_and_read(job: &Job, second: &str) {
    let typed = "Invoice of Alpha Tech Systems: 15,000.00 USD by 2026-12-01";
    let edit = format!("document=\"{typed}\"");
    let redrive = ["dead-letters", "redrive", second, "--set", &edit];
    let reason = ["--reason", "typed from the paper"];
    let preview = job.one(&[&redrive[..], &reason, &["--dry-run"]].concat());
    assert_eq!(preview["would"], "read", "{preview}");
    assert_eq!(job.asked(), 5, "a dry run asks nobody");
    let moved = job.one(&[&redrive[..], &reason].concat());
    assert_eq!(moved["run_status"], "waiting", "{moved}");
    let asked = job.asked.lock().unwrap().last().unwrap().clone();
    assert!(asked.contains("15,000.00"), "{asked}");
    assert!(job.world.orders().is_empty());
}

/// 0.82 is below 0.85, so that a person looks; then it is paid once.
fn reviewed_and_paid(job: &Job, run: &str) {
    let packets = job.one(&["packets", "list"]);
    let packet = text(&packets[0]["packet"]);
    let digest = text(&packets[0]["digest"]);
    assert_eq!(packets[0]["confidence"], 0.82);
    let approved = job.one(&[
        "packets", "approve", &packet, "--digest", &digest, "--reason", "seen",
    ]);
    assert_eq!(approved["run_status"], "succeeded", "{approved}");
    let orders = job.world.orders();
    assert_eq!(orders.len(), 1, "{orders:?}");
    assert_eq!(orders[0]["minor"], 1_500_000);
    let shown = job.one(&["runs", "show", run]);
    assert_eq!(shown["state"]["status"], "Paid", "{shown}");
    assert_eq!(job.one(&["audit", "verify"])["ok"], true);
}

#[test]
fn a_reading_that_is_sure_enough_passes_alone_and_one_below_waits() {
    let job = Job::new(vec![
        reading("10.00", "2026-12-01", 0.85),
        reading("10.00", "2026-12-01", 0.8499),
    ]);
    assert_eq!(job.start("one")["status"], "succeeded");
    assert_eq!(job.world.orders().len(), 1);
    assert_eq!(job.start("two")["status"], "waiting");
    assert_eq!(job.world.orders().len(), 1);
}
