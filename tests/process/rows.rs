//! `start`: formats, bad rows by line, keys, order of the output.

use std::fs;

use serde_json::json;

use crate::world::{Told, World, text};

/// Starts what is fed on stdin and answers everything told.
fn fed(world: &World, input: &str) -> Told {
    world.fed(
        &["start", "purchase-order", "--input", "-"],
        input.as_bytes(),
    )
}

#[test]
fn every_format_starts_the_same_runs() {
    let world = World::new();
    let object = r#"{"po_number":"A-1","vendor":"Alpha Tech Systems","amount_usd":"7850.00"}"#;
    let pretty = object.replace(',', ",\n  ").replace('{', "{\n  ");
    for input in [
        object.to_owned(),
        format!("{object}\n"),
        format!("{pretty}\n"),
        format!("[{object}]"),
        format!("\u{feff}{object}"),
        "po_number,vendor,amount_usd\nA-1,Alpha Tech Systems,7850.00\n".to_owned(),
        "amount,po_id,vendor,more\r\n7850,A-1,\"Alpha Tech Systems\",x\r\n".to_owned(),
    ] {
        let told = fed(&world, &input);
        assert_eq!(told.status, 0, "{input}: {}{}", told.stdout, told.stderr);
        let lines = told.lines();
        assert_eq!(lines.len(), 2, "{input}");
        assert_eq!(lines[0]["status"], "waiting");
        let shown = world.one(&["runs", "show", &text(&lines[0]["run"])]);
        assert_eq!(shown["state"]["po_id"], "A-1", "{input}");
        assert_eq!(
            shown["state"]["amount"],
            json!({"minor": 785_000, "currency": "USD"})
        );
    }
}

#[test]
fn the_extension_decides_where_there_is_one() {
    let world = World::new();
    let path = world.dir.path().join("rows.jsonl");
    let row = |id: &str| format!("{{\"po_id\":\"{id}\",\"vendor\":\"V\",\"amount\":1}}");
    fs::write(&path, format!("{}\n\nnot json\n{}\n", row("a"), row("b"))).unwrap();
    let told = world.cs(&["start", "purchase-order", "--input", path.to_str().unwrap()]);
    assert_eq!(told.status, 2, "a row was invalid");
    let lines = told.lines();
    assert_eq!(lines[1]["line"], 3, "{lines:?}");
    assert_eq!(told.summary()["started"], 2);
    assert_eq!(told.summary()["invalid"], 1);
}

#[test]
fn bad_rows_are_told_by_line_and_the_others_start() {
    let world = World::new();
    let told = fed(
        &world,
        "po_number,vendor,amount_usd\n\
         B-1,Alpha Tech Systems,10.00\n\
         B-2,Alpha Tech Systems,0.00\n\
         ,Alpha Tech Systems,1.00\n\
         B-4,,1.00\n\
         B-5,Alpha Tech Systems,1.005\n\
         B-6,Alpha Tech Systems,ten\n\
         B-7,Alpha Tech Systems\n\
         B-8,\"Alpha Tech Systems\"x,1.00\n\
         B-9,Alpha Tech Systems,11.00\n",
    );
    assert_eq!(told.status, 2);
    let lines = told.lines();
    let bad: Vec<u64> = lines
        .iter()
        .filter_map(|line| line["line"].as_u64())
        .collect();
    assert_eq!(bad, [3, 4, 5, 6, 7, 8, 9]);
    assert!(
        lines
            .iter()
            .all(|line| line["line"].is_null() || line["error"].is_string())
    );
    assert_eq!(told.summary()["started"], 2);
    assert_eq!(told.summary()["invalid"], 7);
    assert_eq!(
        world.orders().len(),
        2,
        "only the sound rows were committed"
    );
    assert_eq!(
        lines.first().unwrap()["status"],
        "succeeded",
        "output is in input order"
    );
}

#[test]
fn an_ambiguous_row_is_never_guessed() {
    let world = World::new();
    for row in [
        r#"{"po_id":"C-1","vendor":"V","amount":10,"amount":9000}"#,
        r#"{"po_id":"C-1","po_number":"C-2","vendor":"V","amount":10}"#,
        r#"["po_id"]"#,
        r#"{"po_id":"C-1","vendor":"V","amount":4999.99999999999999999}"#,
        r#"{"po_id":99999999999999999999,"vendor":"V","amount":10}"#,
    ] {
        let told = fed(&world, row);
        assert_eq!(
            (told.status, &told.summary()["started"]),
            (2, &json!(0)),
            "{row}"
        );
    }
    let told = fed(&world, "po_id,vendor,amount,amount\nC-1,V,10,9000\n");
    assert_eq!((told.status, told.code().as_str()), (2, "bad_header"));
    assert_eq!(world.cs(&["runs", "list"]).json(), json!([]));
}

#[test]
fn a_key_never_starts_twice() {
    let world = World::new();
    let rows = "po_number,vendor,amount_usd\nD-1,V,10.00\nD-2,V,20.00\nD-1,V,30.00\n";
    let keyed = |key: &str| {
        let args = ["start", "purchase-order", "--input", "-", "--key", key];
        world.fed(&args, rows.as_bytes())
    };
    let first = keyed("po_number");
    assert_eq!(first.status, 0, "{}", first.stderr);
    let lines = first.lines();
    assert_eq!(
        lines[0]["run"], lines[2]["run"],
        "the third row is the first one's duplicate"
    );
    assert_eq!(lines[0]["key"], "D-1");
    assert_eq!(first.summary()["started"], 2);
    assert_eq!(first.summary()["duplicates"], 1);
    let second = keyed("po_id");
    assert_eq!(second.summary()["started"], 0);
    assert_eq!(second.summary()["duplicates"], 3);
    assert_eq!(
        second.lines()[0]["status"],
        "waiting",
        "a duplicate shows how its run stands"
    );
    let unknown = keyed("nonsense");
    assert_eq!(
        (unknown.status, unknown.code().as_str()),
        (2, "unknown_field")
    );
}

#[test]
fn nothing_to_start_is_nothing_wrong() {
    let world = World::new();
    for input in ["po_id,vendor,amount\n", "more,amount_usd\n", "[]"] {
        let told = fed(&world, input);
        assert_eq!(
            (told.status, &told.summary()["started"]),
            (0, &json!(0)),
            "{input:?}"
        );
    }
}

#[test]
fn an_input_of_which_no_row_can_be_used_is_refused() {
    let world = World::new();
    for input in [
        "",
        "\n\n",
        "\u{feff}",
        "order,firm\nA-1,Alpha\n",
        "A-1,Alpha Tech,10\n",
    ] {
        let told = fed(&world, input);
        assert_eq!(
            (told.status, told.code().as_str()),
            (2, "no_usable_row"),
            "{input:?}"
        );
        for field in ["po_id (or po_number)", "vendor", "amount (or amount_usd)"] {
            assert!(told.stderr.contains(field), "{input:?}: {}", told.stderr);
        }
    }
    let mac = fed(&world, "po_id,vendor,amount\rA-1,Alpha,10\rA-2,Alpha,10\r");
    assert_eq!((mac.status, mac.code().as_str()), (2, "bad_header"));
    assert!(
        mac.stderr.contains("lines end in CR alone"),
        "{}",
        mac.stderr
    );
    let mixed = fed(&world, "po_id,vendor,amount\nA-1,Alpha,10\rA-2,Alpha,10\n");
    assert_eq!(
        (mixed.status, mixed.summary()["started"].clone()),
        (2, json!(0))
    );
    assert_eq!(world.one(&["runs", "list"]), json!([]));
}

#[test]
fn a_detached_start_leaves_the_runs_to_a_later_one() {
    let world = World::new();
    let row = r#"{"po_id":"E-1","vendor":"Alpha Tech Systems","amount":10}"#;
    let args = [
        "start",
        "purchase-order",
        "--input",
        "-",
        "--key",
        "po_id",
        "--detach",
    ];
    let told = world.fed(&args, row.as_bytes());
    assert_eq!(told.lines()[0]["status"], "ready", "{}", told.stdout);
    assert_eq!(world.orders().len(), 0);
    let again = world.fed(&args[..6], row.as_bytes());
    assert_eq!(again.lines()[0]["status"], "succeeded", "{}", again.stdout);
    assert_eq!(world.orders().len(), 1);
}

#[test]
fn doctor_tells_of_runs_that_nobody_drives_and_a_start_of_no_rows_drives_them() {
    let world = World::new();
    let rows: Vec<String> = (0..100)
        .map(|n| format!(r#"{{"po_id":"W-{n}","vendor":"Alpha Tech Systems","amount":10}}"#))
        .collect();
    let executor = || {
        let told = world.cs(&["doctor"]);
        let findings = told.json();
        let mut findings = findings.as_array().unwrap().iter();
        let found = findings
            .find(|found| found["check"] == "executor")
            .unwrap()
            .clone();
        (told.status, found)
    };
    let args = ["start", "purchase-order", "--input", "-", "--detach"];
    let told = world.fed(&args, rows.join("\n").as_bytes());
    assert_eq!(told.summary()["unfinished"], 100, "{}", told.stderr);
    let (status, found) = executor();
    assert_eq!((status, &found["ok"]), (0, &json!(true)));
    assert_eq!(found["level"], "warning");
    let detail = text(&found["detail"]);
    assert!(detail.starts_with("100 runs have work to do"), "{detail}");
    assert!(detail.contains("echo '[]' | countersign start purchase-order --input -"));
    let told = world.fed(&args[..4], b"[]");
    assert_eq!(
        (told.status, told.summary()["started"].clone()),
        (0, json!(0))
    );
    assert_eq!(world.orders().len(), 100, "all are driven when it ends");
    assert_eq!(executor().1["level"], "ok");
}

#[test]
fn an_odd_vendor_goes_through_byte_for_byte() {
    let world = World::new();
    let vendor = "Ev\u{202e}il \"Inc\"\u{1b}[2J, \u{e0041}<U+202E>\u{200b}'; DROP TABLE runs;--";
    let line = world.order("F-1", vendor, 10.0);
    let shown = world.one(&["runs", "show", &text(&line["run"])]);
    assert_eq!(shown["state"]["vendor"], vendor);
    let packet = text(&line["packet"]);
    let human = world.human(&["packets", "show", &packet]).output().unwrap();
    let human = String::from_utf8(human.stdout).unwrap();
    assert!(human.contains("Ev<U+202E>il \"Inc\"<U+001B>[2J"), "{human}");
    let hidden = |c: char| c.is_control() && c != '\n' || ('\u{200b}'..='\u{202e}').contains(&c);
    assert_eq!(human.chars().find(|c| hidden(*c)), None);
}
