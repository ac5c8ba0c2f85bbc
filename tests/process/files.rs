//! Files named on the command line: a pipe, a device or a directory is refused at once, and what
//! does not exist is not found.

use std::path::Path;
use std::process::Command;

use crate::world::{World, bare};

/// Where the path under test stands in the command lines below.
const HERE: &str = "HERE";

/// Each way to name a file, with the exit status for what is no regular file.
const NAMED: [(&[&str], i32); 8] = [
    (&["--store", HERE, "runs", "list"], 5),
    (
        &[
            "--store",
            HERE,
            "start",
            "purchase-order",
            "--input",
            "/dev/stdin",
        ],
        5,
    ),
    (&["--config", HERE, "runs", "list"], 2),
    (&["start", "purchase-order", "--input", HERE], 2),
    (&["workflow", "check", HERE], 2),
    (&["start", HERE, "--input", "-"], 2),
    (&["audit", "verify", "--head", HERE], 2),
    (&["sandbox", "--faults", HERE], 2),
];

fn naming(args: &[&str], path: &Path) -> Vec<String> {
    let path = path.to_str().unwrap();
    let args = args.iter().map(|arg| arg.replace(HERE, path));
    std::iter::once("--json".to_owned()).chain(args).collect()
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let fifo = dir.path().join("pipe");
    pipe(&fifo);
    for path in [&fifo, Path::new("/dev/zero"), dir.path()] {
        for (args, status) in NAMED {
            let told = bare(&naming(args, path));
            let line = format!("{args:?} {}: {}", path.display(), told.stderr);
            assert_eq!(told.status, status, "{line}");
            assert_eq!(told.stderr.lines().count(), 1, "{line}");
        }
    }
}

#[test]
fn a_pipe_beside_the_workflow_is_no_tool() {
    let dir = tempfile::tempdir().unwrap();
    let workflow = dir.path().join("w.yaml");
    std::fs::copy("assets/workflows/purchase-order.yaml", &workflow).unwrap();
    std::fs::create_dir(dir.path().join("tools")).unwrap();
    pipe(&dir.path().join("tools/t.yaml"));
    let told = bare(&naming(&["workflow", "check", HERE], &workflow));
    assert_eq!((told.status, told.code().as_str()), (2, "no_regular_file"));
}

#[test]
fn a_file_that_does_not_exist_is_not_found() {
    for (args, _) in NAMED {
        let dir = tempfile::tempdir().unwrap();
        let none = dir.path().join("none.yaml");
        let status = match args {
            // The store would be made, but the input is empty.
            ["--store", _, "start", ..] | ["--config", ..] => 2,
            _ => 3,
        };
        let told = bare(&naming(args, &none));
        assert_eq!(told.status, status, "{args:?}: {}", told.stderr);
    }
}

#[test]
fn what_is_larger_than_its_limit_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let large = dir.path().join("large.yaml");
    std::fs::write(&large, vec![b'#'; 1024 * 1024 + 1]).unwrap();
    for (args, status) in NAMED {
        if args.contains(&"--input") && args.last() == Some(&HERE) {
            continue;
        }
        let told = bare(&naming(args, &large));
        assert_eq!(told.status, status, "{args:?}: {}", told.stderr);
    }
}

#[test]
fn rows_come_through_a_pipe_that_stands_open() {
    let world = World::new();
    let row = r#"{"po_id":"P-1","vendor":"V","amount":1}"#;
    for path in ["-", "/dev/stdin", "/dev/fd/0"] {
        let told = world.fed(
            &["start", "purchase-order", "--input", path],
            row.as_bytes(),
        );
        assert_eq!(told.status, 0, "{path}: {}", told.stderr);
        assert_eq!(told.summary()["started"], 1, "{path}");
    }
}
