//! A room uses rooms to its left, never one to its right.

use std::collections::BTreeSet;
use std::fs;

use crate::sources::{Source, sources, twin};

/// Left to right. Rooms on one line do not use each other.
const ORDER: [&[&str]; 11] = [
    &["domain"],
    &["expr"],
    &["workflow"],
    &["govern"],
    &["engine"],
    &["views"],
    &["store", "tools"],
    &["runtime"],
    &["config"],
    &["console"],
    &["cli"],
];

/// Stands beside them: uses `domain` alone, and only the command line uses it.
const BESIDE: &str = "sandbox";

/// Fewer edges than this means that they are not recognised.
const EDGES_MIN: usize = 300;

#[test]
fn every_edge_points_left() {
    let (mut edges, mut wrong) = (0, Vec::new());
    for source in sources() {
        let (seen, bad) = edges_of(&source);
        edges += seen;
        wrong.extend(bad);
    }
    assert!(edges >= EDGES_MIN, "only {edges} edges were seen");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_wrong_edge_is_found_however_it_is_written() {
    for (room, text) in [
        ("engine", "use crate::runtime::Handle;"),
        ("engine", "use crate::{domain::Money, store::Store};"),
        ("domain", "fn f() -> crate::expr::Program { todo!() }"),
        ("store", "use crate::tools::Tools;"),
        ("sandbox", "use crate::engine::Event;"),
        ("runtime", "use crate::sandbox::Sandbox;"),
        ("expr", "use countersign::workflow::check;"),
    ] {
        assert_eq!(edges_of(&twin(room, text)).1.len(), 1, "{room}: {text}");
    }
    let fine = "//! See [`crate::cli`].\nuse crate::{domain::Money, expr::{Program, Scope}};";
    assert_eq!(edges_of(&twin("workflow", fine)), (2, Vec::new()));
}

#[test]
fn the_rooms_of_lib_rs_are_the_folders() {
    let lib = fs::read_to_string("src/lib.rs").unwrap();
    let declared: BTreeSet<String> = lib
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';'))
        .map(str::to_owned)
        .collect();
    let ordered = ORDER.iter().flat_map(|rooms| rooms.iter()).chain([&BESIDE]);
    let ordered: BTreeSet<String> = ordered.map(|room| (*room).to_owned()).collect();
    assert_eq!(declared, ordered);
    let rooms: BTreeSet<String> = sources()
        .into_iter()
        .map(|source| source.room)
        .filter(|room| room != "lib" && room != "main")
        .collect();
    assert_eq!(declared, rooms);
    for room in &declared {
        assert!(
            lib.contains(&format!("//! | [`{room}`] |")),
            "the map lists {room}"
        );
    }
}

/// How many edges a file has, and those that point the wrong way.
fn edges_of(source: &Source) -> (usize, Vec<String>) {
    let (mut seen, mut wrong) = (0, Vec::new());
    for (number, line) in source.code() {
        for used in rooms_used(line) {
            seen += 1;
            if !may_use(&source.room, &used) {
                wrong.push(format!(
                    "{}:{number}: {} uses {used}",
                    source.path, source.room
                ));
            }
        }
    }
    (seen, wrong)
}

fn may_use(room: &str, used: &str) -> bool {
    let place = |name: &str| ORDER.iter().position(|rooms| rooms.contains(&name));
    match (room, used) {
        _ if room == used => true,
        ("lib" | "main", _) | ("cli", "sandbox") => true,
        ("sandbox", _) => used == "domain",
        _ => matches!((place(room), place(used)), (Some(at), Some(left)) if left < at),
    }
}

/// The rooms named after `crate::` (in the binary and in doc tests after the crate's name). A
/// word that is no room is an item of the crate's root, such as an exported macro.
fn rooms_used(line: &str) -> Vec<String> {
    let mut used = Vec::new();
    for root in ["crate::", "countersign::"] {
        for (at, _) in line.match_indices(root) {
            let rest = &line[at + root.len()..];
            match rest.strip_prefix('{') {
                Some(list) => used.extend(top_level_names(list)),
                None => used.extend(leading_name(rest)),
            }
        }
    }
    used.retain(|name| name == BESIDE || ORDER.iter().any(|rooms| rooms.contains(&name.as_str())));
    used
}

fn leading_name(text: &str) -> Option<String> {
    let name: String = text
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!name.is_empty()).then_some(name)
}

fn top_level_names(list: &str) -> Vec<String> {
    let (mut depth, mut start, mut names) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                names.extend(leading_name(list[start..at].trim()));
                start = at + 1;
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}
