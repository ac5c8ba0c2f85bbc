use countersign::expr::{Program, Scope};
use serde_json::{Map, json};

use crate::{evaluate, failure};

#[test]
fn conditions_of_the_shipped_workflows_hold() {
    for (source, expected) in [
        (r#"at_least(effect.amount, "5000.00 USD")"#, true),
        (r#"at_least(effect.amount, "7850.00 USD")"#, true),
        (r#"more_than(effect.amount, "7850.00 USD")"#, false),
        ("!state.vendor_validated", true),
        (r#"state.status in ["Approved", "Rejected"]"#, true),
        (r#"state.status == "Rejected""#, false),
        ("true", true),
        ("has(state.vendor) && !has(state.missing)", true),
        ("state.nothing == null", true),
        ("state.count > 6 && state.rate < 3.0", true),
        ("state.lines.exists(line, line.quantity == 5)", true),
        (
            "state.lines.all(line, line.price.currency == \"USD\")",
            true,
        ),
        ("state.vendor.matches(\"^[A-Z][a-z]+$\")", true),
        ("type(state.count) == int", true),
        (r#""city" in state.address"#, true),
        (
            r#"timestamp("2026-11-21T14:38:18Z").getFullYear() == 2026"#,
            true,
        ),
    ] {
        assert_eq!(evaluate(source), Ok(json!(expected)), "{source}");
    }
}

#[test]
fn values_keep_their_json_types() {
    for (source, expected) in [
        ("state.vendor", json!("Acme")),
        ("state.count", json!(7)),
        ("state.count * 2", json!(14)),
        ("state.rate * 2.0", json!(5)),
        ("state.rate", json!(2.5)),
        ("3u", json!(3)),
        ("state.nothing", json!(null)),
        ("state.address", json!({"city": "Oslo", "tags": ["x", "y"]})),
        (r#"state.address["city"]"#, json!("Oslo")),
        ("state.address.tags[1]", json!("y")),
        (
            r#"{"b": state.count, "a": [1, "x"]}"#,
            json!({"a": [1, "x"], "b": 7}),
        ),
        (r#"{"a": {"b": 1}}.a.b"#, json!(1)),
        (
            "state.lines.map(line, line.quantity * 2)",
            json!([4, 6, 10]),
        ),
        (
            "state.lines.filter(line, line.quantity > 4).map(line, line.sku)",
            json!(["b"]),
        ),
        (
            "size(state.lines) + size(state.address) + state.vendor.size()",
            json!(9),
        ),
        ("state.address.tags + [\"z\"]", json!(["x", "y", "z"])),
        ("state.count > 5 ? \"many\" : \"few\"", json!("many")),
    ] {
        assert_eq!(evaluate(source), Ok(expected), "{source}");
    }
}

#[test]
fn equality_is_the_same_from_both_sides() {
    for source in [
        r#"state.address.tags == ["x", "y"]"#,
        r#"["x", "y"] == state.address.tags"#,
        r#"state.amount == {"minor": 785000, "currency": "USD"}"#,
        r#"{"minor": 785000, "currency": "USD"} == state.amount"#,
        r#"state.amount != {"minor": 785001, "currency": "USD"}"#,
        r#"state.amount != {"minor": 785000, "currency": "USD", "more": 1}"#,
        r#"{"minor": 785000, "curency": "USD"} != state.amount"#,
        r#"state.amount in [{"minor": 785000, "currency": "USD"}]"#,
        "state.address == state.address",
        r#"["x", "y"] in [state.address.tags]"#,
        r#"money("7850.00 USD") == state.amount"#,
    ] {
        assert_eq!(evaluate(source), Ok(json!(true)), "{source}");
    }
}

#[test]
fn what_is_missing_or_wrong_is_an_error_and_never_a_default() {
    for (source, told) in [
        ("state.missing", "`missing` is missing"),
        ("state.address.missing.deeper", "`missing` is missing"),
        ("unknown == 1", "`unknown` is not known here"),
        ("state.count / 0", "division by zero"),
        ("state.count % 0", "division by zero"),
        ("9223372036854775807 + state.count", "too large"),
        ("-(-9223372036854775807 - 1)", "too large"),
        ("1.0 / 0.0", "not a finite number"),
        ("b\"bytes\"", "no JSON form"),
        ("type(1)", "no JSON form"),
        ("duration(\"1h\")", "no JSON form"),
        ("state.vendor > 1", "`>` does not take text and an integer"),
        ("state.vendor + 1", "`+` does not take text and an integer"),
        (
            "state.count + 1.0",
            "does not take an integer and a decimal number",
        ),
        (
            "state.amount + state.amount",
            "`+` does not take an object or null and an object or null",
        ),
        (
            "state.amount >= state.amount",
            "`>=` does not take an object and an object",
        ),
        ("!state.vendor", "`!` does not take text"),
        ("state.vendor && true", "does not take text"),
        ("state.address.tags[9]", "no element at that place"),
        ("state.address.tags.name", "does not take a list and text"),
        ("[1][\"a\"]", "does not take a list and text"),
        ("{\"a\": 1, \"a\": 2}", "twice"),
        ("{1: 2}", "a key of an object is text"),
        ("18446744073709551615u", "too large for an integer"),
        ("int(\"x\")", "int"),
    ] {
        let message = failure(source);
        assert!(message.contains(told), "{source}: {message}");
    }
}

#[test]
fn a_condition_is_true_or_false_and_nothing_else() {
    let state = json!({"flag": true, "text": "true"});
    let scope = Scope::new().value("state", &state);
    let holds = |source: &str| Program::compile(source).unwrap().holds(&scope);
    assert_eq!(holds("state.flag"), Ok(true));
    assert_eq!(
        holds("state.text").unwrap_err().message,
        "a condition is true or false; this is text"
    );
    assert!(holds("state.missing").is_err());
}

#[test]
fn a_scope_reads_maps_and_values_and_the_later_name_wins() {
    let (first, second) = (json!(1), json!(2));
    let map: Map<_, _> = [("a".to_owned(), json!(3))].into_iter().collect();
    let scope = Scope::new()
        .value("x", &first)
        .value("x", &second)
        .object("m", &map);
    let program = Program::compile("x + m.a").unwrap();
    assert_eq!(program.evaluate(&scope), Ok(json!(5)));
}

#[test]
fn integers_past_64_bits_are_refused_where_they_are_read() {
    let big = json!(u64::MAX);
    let state = json!({"big": big, "list": [1, u64::MAX], "small": 1});
    let scope = Scope::new().value("big", &big).value("state", &state);
    for source in [
        "big",
        "big > 1",
        "state.big",
        "state.list",
        "size(state.list)",
        "state == state",
        "state != state || true",
        "[state] == [state]",
    ] {
        let error = Program::compile(source).unwrap().evaluate(&scope);
        let message = error.unwrap_err().message;
        assert!(
            message.contains("18446744073709551615 is too large"),
            "{source}: {message}"
        );
    }
    let program = Program::compile("state.small").unwrap();
    assert_eq!(program.evaluate(&scope), Ok(json!(1)));
}

#[test]
fn references_name_free_variables_with_their_paths() {
    let references = |source: &str| Program::compile(source).unwrap().references().to_vec();
    assert_eq!(
        references("state.vendor == steps.assess.output.match && has(state.flag)"),
        ["state.flag", "state.vendor", "steps.assess.output.match"]
    );
    assert_eq!(
        references("state.lines.exists(line, line.sku == input.sku)"),
        ["input.sku", "state.lines"]
    );
    assert_eq!(
        references(r#"state["a b"].c + state.list[item].d"#),
        ["item", "state.a b.c", "state.list"]
    );
    assert_eq!(
        references(r#"[{"k": flags}].map(x, x.k + [y])"#),
        ["flags", "y"]
    );
    assert_eq!(references("type(1) == int"), [""; 0]);
    // Outside its comprehension the same name is free.
    assert_eq!(references("[1].all(x, x > 0) && x"), ["x"]);
}

#[test]
fn a_program_is_shared_between_threads() {
    fn shared<T: Send + Sync + 'static>(_: &T) {}
    let program = Program::compile("state.count + 1").unwrap();
    shared(&program);
    assert_eq!(program.source(), "state.count + 1");
}

#[test]
fn nothing_knows_the_time() {
    for source in ["now()", "timestamp.now()", "today()", "state.now()"] {
        assert!(Program::compile(source).is_err(), "{source}");
    }
}
