use serde_json::{Value, json};

use crate::{evaluate, failure};

#[test]
fn money_reads_and_shows() {
    for (source, expected) in [
        (
            r#"money("5000.00 USD")"#,
            json!({"minor": 500_000, "currency": "USD"}),
        ),
        (
            "money(state.amount)",
            json!({"minor": 785_000, "currency": "USD"}),
        ),
        ("decimal(state.amount)", json!("7850.00")),
        ("currency(state.amount)", json!("USD")),
        ("minor(state.amount)", json!(785_000)),
        (
            r#"abs_money("-12.05 EUR")"#,
            json!({"minor": 1_205, "currency": "EUR"}),
        ),
        (r#"decimal("-0.05 EUR")"#, json!("-0.05")),
        (r#"at_least("1.00 USD", "1.00 USD")"#, json!(true)),
        (r#"more_than("1.00 USD", "1.00 USD")"#, json!(false)),
    ] {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
}

#[test]
fn what_is_no_money_is_an_error() {
    for (source, told) in [
        (
            r#"at_least(state.amount, "5000.00 EUR")"#,
            "different currencies",
        ),
        ("decimal(state.count)", "this is an integer"),
        ("decimal(state.rate)", "this is a decimal number"),
        ("decimal(state.nothing)", "this is null"),
        ("decimal(state.vendor)", "is not an amount"),
        ("decimal(state.address)", "no money"),
        (r#"decimal({"minor": 1.0, "currency": "USD"})"#, "no money"),
        (
            r#"decimal({"minor": 1, "currency": "USD", "x": 1})"#,
            "no money",
        ),
        (
            r#"decimal({"minor": 9007199254740992, "currency": "USD"})"#,
            "no money",
        ),
        (
            "at_least(effect.missing, \"1.00 USD\")",
            "`missing` is missing",
        ),
    ] {
        let message = failure(source);
        assert!(message.contains(told), "{source}: {message}");
    }
}

#[test]
fn sums_and_counts() {
    for (source, expected) in [
        ("sum(state.lines.map(l, l.quantity))", json!(10)),
        (
            "sum(state.lines.map(l, l.price))",
            json!({"minor": 400, "currency": "USD"}),
        ),
        (
            r#"sum(["1.00 USD", "0.50 USD"])"#,
            json!({"minor": 150, "currency": "USD"}),
        ),
        ("sum([1, 2.5])", json!(3.5)),
        ("sum([])", json!(0)),
        ("count(state.lines)", json!(3)),
        ("count(state.lines.filter(l, l.sku == \"b\"))", json!(2)),
    ] {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
    for (source, told) in [
        (r#"sum(["1.00 USD", "1.00 EUR"])"#, "different currencies"),
        (r#"sum([1, "1.00 USD"])"#, "text stands among numbers"),
        (r#"sum(["1.00 USD", 1])"#, "this is an integer"),
        ("sum([9223372036854775807, 1])", "too large"),
        ("sum(state.vendor)", "only a list can be walked"),
        ("count(state.address)", "an object cannot be walked"),
    ] {
        let message = failure(source);
        assert!(message.contains(told), "{source}: {message}");
    }
}

#[test]
fn groups_are_sorted_by_key() {
    assert_eq!(
        evaluate("group_by(state.lines, \"sku\").map(g, [g.key, sum(g.items.map(l, l.quantity))])"),
        Ok(json!([["a", 3], ["b", 7]]))
    );
    assert_eq!(
        evaluate("group_by(state.lines, \"quantity\").map(g, g.key)"),
        Ok(json!([2, 3, 5]))
    );
    let groups = evaluate("group_by(state.lines, \"sku\")").unwrap();
    assert_eq!(groups[1]["items"].as_array().map(Vec::len), Some(2));
    assert!(failure("group_by(state.lines, \"missing\")").contains("`missing` is missing"));
    assert!(failure("group_by([1], \"a\")").contains("must hold objects"));
    assert!(failure("group_by(state.lines, \"price\")").contains("no key to group by"));
}

#[test]
fn dates_become_calendar_dates() {
    for (text, expected) in [
        ("2026-11-21", Some("2026-11-21")),
        ("2026-11-21T14:38:18Z", Some("2026-11-21")),
        ("2026-11-21T23:38:18.5-05:00", Some("2026-11-21")),
        ("2024-02-29", Some("2024-02-29")),
        ("2026-02-29", None),
        ("2026-13-01", None),
        ("20261121", None),
        ("2026-11-21T14:38:18", None),
        ("2026-11-21 and more", None),
        ("21.11.2026", None),
        ("", None),
    ] {
        let source = format!("date({} + \"\")", Value::from(text));
        assert_eq!(evaluate(&source).ok(), expected.map(Value::from), "{text}");
    }
    assert!(failure("date(state.count)").contains("this is an integer"));
}

#[test]
fn a_hash_is_that_of_the_canonical_form() {
    let empty = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";
    assert_eq!(evaluate("hash({})"), Ok(json!(empty)));
    assert_eq!(
        evaluate(r#"hash(state.amount) == hash({"currency": "USD", "minor": 785000})"#),
        Ok(json!(true))
    );
    assert_eq!(evaluate("hash([1]) == hash([2])"), Ok(json!(false)));
}

/// The tables of known names and the environment agree: each name that compiles also runs.
#[test]
fn every_standard_function_runs() {
    for source in [
        "size(\"a\")",
        "matches(\"a\", \"a\")",
        "bool(\"true\")",
        "double(\"1.5\")",
        "dyn(1)",
        "int(\"1\")",
        "string(1)",
        "uint(1)",
        "string(bytes(\"a\"))",
        "type(1) == type(2)",
        "duration(\"1h\") == duration(\"60m\")",
        "timestamp(0) == timestamp(0)",
        "\"ab\".contains(\"a\")",
        "\"ab\".endsWith(\"b\")",
        "\"ab\".startsWith(\"a\")",
        "\"ab\".matches(\"a\")",
        "\"ab\".size()",
        "timestamp(0).getDate()",
        "timestamp(0).getDayOfMonth()",
        "timestamp(0).getDayOfWeek()",
        "timestamp(0).getDayOfYear()",
        "timestamp(0).getFullYear()",
        "timestamp(0).getHours()",
        "timestamp(0).getMilliseconds()",
        "timestamp(0).getMinutes()",
        "timestamp(0).getMonth()",
        "timestamp(0).getSeconds()",
        "timestamp(0).getHours(\"Europe/Oslo\")",
    ] {
        assert!(evaluate(source).is_ok(), "{source}: {:?}", evaluate(source));
    }
}
