use countersign::expr::{Program, Scope, Template};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Pieces of CEL that, strung together, reach the parser's corners.
fn fragments() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[a-z]{1,3}",
        "[0-9]{1,4}",
        Just("state".to_owned()),
        Just("\"é\"".to_owned()),
        Just("'''".to_owned()),
        prop::sample::select(vec![
            "(", ")", "[", "]", "{", "}", ".", ",", ":", "?", "!", "-", "+", "*", "/", "%", "==",
            "!=", "<", ">=", "&&", "||", " in ", "\"", "'", "\\", "r'", "b\"", "//", "\n", "`",
            ".map(x, ", ".all(x, ", "has(", "1e9", "0x", "u", "@", "$", "é", "\u{0}", "\u{202e}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..60).prop_map(|pieces| pieces.concat())
}

fn exercise(source: &str) {
    let state = json!({"a": 1, "x": [1, 2], "state": {}});
    let scope = Scope::new().value("state", &state).value("a", &state);
    match Program::compile(source) {
        Ok(program) => drop(program.evaluate(&scope)),
        Err(error) => {
            let end = error.offset + error.len;
            assert!(
                source.is_char_boundary(error.offset),
                "{source:?} {error:?}"
            );
            assert!(
                end <= source.len() && source.is_char_boundary(end),
                "{source:?} {error:?}"
            );
        }
    }
    match Template::parse(&Value::from(source)) {
        Ok(template) => drop(template.render(&scope)),
        Err(errors) => assert!(
            errors
                .iter()
                .all(|error| source.is_char_boundary(error.offset))
        ),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_text_never_panics(source in ".{0,200}") {
        exercise(&source);
    }

    #[test]
    fn random_expressions_never_panic(source in fragments()) {
        exercise(&source);
    }

    #[test]
    fn a_value_passed_through_is_unchanged(number in any::<i64>(), text in ".{0,40}", truth: bool) {
        let value = json!({"n": number, "t": text, "b": [truth, null, {"k": text}]});
        let scope = Scope::new().value("v", &value);
        let program = Program::compile("[v][0]").unwrap();
        prop_assert_eq!(program.evaluate(&scope), Ok(value.clone()));
    }
}

/// Each of these would run for minutes to hours, or take gigabytes, without an account.
#[test]
fn work_is_bounded_whatever_the_expression_does() {
    let list: Value = (0..10_000).collect();
    let state = json!({"text": "x".repeat(500_000), "list": list, "parts": list});
    let scope = Scope::new().value("list", &list).value("state", &state);
    let scans = vec!["x in big"; 300].join(" || ");
    for source in [
        "list.all(x, list.all(y, x + y >= 0))",
        "list.map(x, list)",
        "list.map(x, list[0])",
        "[list.map(y, y)].map(big, list.map(x, big))",
        "list.map(x, list.filter(y, true))",
        "list.all(x, hash(state) != \"\")",
        "list.all(x, state == state)",
        "list.all(x, state.text.contains(\"y\") || true)",
        "list.all(x, size(state.text + state.text) > 0)",
        "[state.text].all(t, list.all(x, t != \"\"))",
        "[{\"a\": list}].all(o, list.all(x, size(o.a) > 0))",
        "group_by([{\"k\": 1, \"a\": list}], \"k\").all(g, list.all(x, g.items[0].a[0] == 0))",
        "list.all(x, list.all(y, \"a\".matches(\"b*a\")))",
        &format!("[list].all(big, list.all(x, {scans}))"),
    ] {
        let error = Program::compile(source)
            .unwrap()
            .evaluate(&scope)
            .map_or_else(|error| error, |value| panic!("{source} gave {value}"));
        assert!(
            error.message.contains("1000000 elements"),
            "{source}: {error}"
        );
    }
}

/// Corners of the standard library; an answer or an error, never a panic.
#[test]
fn corners_of_the_standard_library_do_not_panic() {
    for source in [
        "timestamp(9223372036854775807)",
        "timestamp(-9223372036854775807)",
        "timestamp(\"9999-12-31T23:59:59Z\") + duration(\"9999999h\")",
        "timestamp(\"0001-01-01T00:00:00Z\") - duration(\"9999999h\")",
        "timestamp(\"9999-12-31T23:59:59Z\") - timestamp(\"0001-01-01T00:00:00Z\")",
        "timestamp(\"2026-11-21T00:00:00Z\").getHours(\"No/Where\")",
        "timestamp(\"9999-12-31T23:59:59Z\").getHours(\"Pacific/Kiritimati\")",
        "timestamp(\"0001-01-01T00:00:00Z\").getDate(\"-23:59\")",
        "timestamp(\"\")",
        "duration(\"1e300h\")",
        "duration(\"-\")",
        "duration(\"9223372036854775807s\") + duration(\"9223372036854775807s\")",
        "-duration(\"-9223372036s\")",
        "(-9223372036854775807 - 1) / -1",
        "(-9223372036854775807 - 1) % -1",
        "-(-9223372036854775807 - 1)",
        "(-9223372036854775807 - 1) * -1",
        "int(1e300)",
        "int(0.0 / 0.0)",
        "uint(-1)",
        "uint(-1.5)",
        "1u - 2u",
        "double(\"nan\") < 1.0",
        "[1][0.5]",
        "[1][-1]",
        "[1][9223372036854775807]",
        "string(b\"\\xff\")",
        "\"a\".matches(\"(?i)A{1,1000}\")",
        "size(\"\\U0010ffff\")",
        "\"\" in \"text\"",
        "1 in {}",
        "{}[null]",
        "null.a",
        "has(null.a)",
        "bool(\"perhaps\")",
        "[1, \"a\"] == [1, 2]",
        "[[1]] == [[1.0]]",
        "dyn(1) + dyn(\"a\")",
        "true > false",
    ] {
        if let Ok(program) = Program::compile(source) {
            drop(program.evaluate(&Scope::new()));
        }
    }
}

#[test]
fn results_are_bounded_in_bytes() {
    let text = Value::from("x".repeat(100_000));
    let scope = Scope::new().value("text", &text);
    let all = (0..20).map(|_| "text").collect::<Vec<_>>().join(", ");
    let program = Program::compile(&format!("[{all}]")).unwrap();
    assert!(
        program
            .evaluate(&scope)
            .unwrap_err()
            .message
            .contains("larger than")
    );
    let template = Template::parse(&Value::from("${ text }".repeat(20))).unwrap();
    assert!(
        template
            .render(&scope)
            .unwrap_err()
            .message
            .contains("grows past")
    );
}
