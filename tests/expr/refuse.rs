use countersign::expr::{CompileError, Program};

fn refused(source: &str) -> CompileError {
    match Program::compile(source) {
        Ok(_) => panic!("{source} compiles"),
        Err(error) => error,
    }
}

/// The part of `source` that the error points at.
fn pointed<'s>(source: &'s str, error: &CompileError) -> &'s str {
    source.get(error.offset..error.offset + error.len).unwrap()
}

#[test]
fn syntax_errors_point_and_hint() {
    for (source, place, told, hint) in [
        (
            "state.count = 1",
            "=",
            "no comparison",
            Some("compare with `==`"),
        ),
        (
            "a and b",
            "and",
            "`and` is not expected",
            Some("write `&&` for `and`"),
        ),
        ("a or b", "or", "not expected", Some("write `||` for `or`")),
        ("not a", "a", "not expected", Some("write `!` for `not`")),
        ("a & b", "&", "", Some("write `&&`")),
        (
            "state.status == In review",
            "review",
            "not expected",
            Some("text stands in quotes"),
        ),
        (
            "state.status == \"Open",
            "\"Open",
            "no closing quote",
            Some("same quote"),
        ),
        ("(state.a", "", "ends too early", None),
        ("state.a)", ")", "`)` is not expected", None),
        ("1 +", "", "ends too early", None),
        ("é == ", "é", "", None),
        ("\"é\" + + 1", "+", "`+` is not expected", None),
        ("true &&\n  a b", "b", "not expected", Some("quotes")),
        ("a ? b ? 1 : 2 : 3", "?", "not expected", Some("brackets")),
        ("a ? b", "", "ends too early", None),
        ("has(a)", "a", "names a member", None),
        ("[1].map(1, 2)", "1", "must be a plain name", None),
        (
            "99999999999999999999",
            "99999999999999999999",
            "too large",
            None,
        ),
        ("let", "let", "reserved", None),
        ("", "", "empty", None),
        ("  // nothing", "", "", None),
    ] {
        let error = refused(source);
        assert_eq!(pointed(source, &error), place, "{source}: {error:?}");
        assert!(error.message.contains(told), "{source}: {error:?}");
        match hint {
            Some(hint) => {
                let given = error.hint.clone().unwrap_or_default();
                assert!(given.contains(hint), "{source}: {error:?}");
            }
            None => assert_eq!(error.hint, None, "{source}"),
        }
    }
}

#[test]
fn unknown_functions_get_a_suggestion() {
    for (source, hint) in [
        (
            "at_leest(state.a, \"1.00 USD\")",
            Some("did you mean `at_least`?"),
        ),
        (
            "state.name.startswith(\"a\")",
            Some("did you mean `startsWith`?"),
        ),
        ("state.list.sum()", Some("write sum(…)")),
        (
            "startsWith(state.a, \"x\")",
            Some("write value.startsWith(…)"),
        ),
        ("state.list.map(x)", Some("write list.map(x, value)")),
        (
            "state.list.exists(x)",
            Some("write list.exists(x, condition)"),
        ),
        ("frobnicate(1)", None),
        ("optional.of(1)", None),
    ] {
        assert_eq!(refused(source).hint.as_deref(), hint, "{source}");
    }
}

#[test]
fn wrong_calls_are_found_before_they_run() {
    for (source, place, told) in [
        ("at_least(\"1.00 USD\")", "", "takes 2 arguments, not 1"),
        ("count(a, b)", "", "takes 1 argument, not 2"),
        (
            "at_least(a, \"5000 dollars\")",
            "\"5000 dollars\"",
            "not a currency",
        ),
        (
            "at_least(a, \"5000.001 USD\")",
            "\"5000.001 USD\"",
            "more than two decimals",
        ),
        ("at_least(a, 5000)", "5000", "takes money"),
        ("at_least(a, 5000.0)", "5000.0", "takes money"),
        (
            "at_least(\"1.00 USD\", \"1.00 EUR\")",
            "\"1.00 EUR\"",
            "different currencies",
        ),
        ("date(\"21.11.2026\")", "\"21.11.2026\"", "no date"),
        ("a.matches(b)", "", "written out"),
        ("a.matches(\"(\")", "\"(\"", "pattern cannot be read"),
        (
            "a >= \"5000.00 USD\"",
            "\"5000.00 USD\"",
            "money is not compared",
        ),
        ("\"1 USD\" == a", "\"1 USD\"", "money is not compared"),
        ("{\"a\": 1}.map(k, k)", "{", "cannot be walked"),
        ("Money{units: 1}", "", "no message types"),
    ] {
        let error = refused(source);
        assert!(error.message.contains(told), "{source}: {error:?}");
        if !place.is_empty() {
            assert_eq!(pointed(source, &error), place, "{source}: {error:?}");
        }
    }
}

#[test]
fn places_are_bytes_even_after_letters_of_several_bytes() {
    let source = "\"Ærø €\" == a && at_least(b, \"x USD\")";
    assert_eq!(pointed(source, &refused(source)), "\"x USD\"");
}

#[test]
fn the_names_of_the_guard_cannot_be_spelled() {
    for source in [
        "@walk([1])",
        "@evaluation",
        "a.@keep(1)",
        "`@evaluation`",
        "a.`@evaluation`",
        "_foo(1)",
    ] {
        assert!(Program::compile(source).is_err(), "{source}");
    }
}

#[test]
fn optional_syntax_is_off() {
    for source in ["a.?b", "a[?0]", "[?a]"] {
        assert!(Program::compile(source).is_err(), "{source}");
    }
}
