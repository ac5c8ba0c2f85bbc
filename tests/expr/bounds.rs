use std::thread;

use countersign::domain::limits::{
    EXPRESSION_BYTES_MAX, EXPRESSION_CHAIN_MAX, EXPRESSION_LIST_MAX, EXPRESSION_NESTING_MAX,
};
use countersign::expr::{Program, Scope};
use serde_json::{Value, json};

/// Half of what the standard library gives a thread by default would already do; the runtime's
/// workers have this much.
const STACK_BYTES: usize = 2 * 1024 * 1024;

/// Compiles and, where that succeeds, evaluates on a small stack; an overflow aborts the test.
fn on_small_stack(source: String) -> Result<Result<Value, String>, String> {
    thread::Builder::new()
        .stack_size(STACK_BYTES)
        .spawn(move || {
            let state = json!({"a": 1, "flag": true, "list": [1, 2, 3]});
            let scope = Scope::new().value("state", &state);
            let program = Program::compile(&source).map_err(|error| error.message)?;
            Ok(program.evaluate(&scope).map_err(|error| error.message))
        })
        .unwrap()
        .join()
        .unwrap()
}

#[test]
fn the_deepest_allowed_nesting_runs_and_one_more_is_refused() {
    for (open, core, close) in [
        ("(", "1", ")"),
        ("[", "1", "]"),
        ("false ? 2 : ", "1", ""),
        ("{\"k\": ", "1", "}"),
        ("-(", "1", ")"),
        ("!(", "true", ")"),
        ("size([", "1", "])"),
        ("(1 + 2 + ", "1", ")"),
    ] {
        let depth = if open.contains("size") {
            EXPRESSION_NESTING_MAX / 2
        } else {
            EXPRESSION_NESTING_MAX
        };
        let source = |depth: usize| format!("{}{core}{}", open.repeat(depth), close.repeat(depth));
        let deepest = on_small_stack(source(depth));
        assert!(deepest.is_ok(), "{open}: {deepest:?}");
        let error = on_small_stack(source(depth + 1)).unwrap_err();
        assert!(error.contains("nests more than"), "{open}: {error}");
    }
}

#[test]
fn the_longest_allowed_chain_runs_and_one_more_is_refused() {
    for (start, link) in [
        ("1", " + 1"),
        ("state.list", ".list"),
        ("state.list", "[0]"),
        ("1", " - 1"),
        ("\"a\"", ".size()"),
    ] {
        let per_link = link.matches(['+', '.', '[', '-', '(']).count();
        let room = EXPRESSION_CHAIN_MAX - start.matches('.').count();
        let longest = format!("{start}{}", link.repeat(room / per_link));
        let answer = on_small_stack(longest.clone());
        assert!(answer.is_ok(), "{link}: {answer:?}");
        let error = on_small_stack(format!("{longest}{link}")).unwrap_err();
        assert!(error.contains("follow one another"), "{link}: {error}");
    }
    for unary in ["!", "-"] {
        let longest = unary.repeat(EXPRESSION_CHAIN_MAX);
        assert!(on_small_stack(format!("{longest}true")).is_ok());
        assert!(on_small_stack(format!("{longest}{unary}true")).is_err());
    }
}

#[test]
fn chain_and_nesting_together_run() {
    let links = EXPRESSION_CHAIN_MAX - EXPRESSION_NESTING_MAX;
    let nested = format!(
        "{}1{}{}",
        "(".repeat(EXPRESSION_NESTING_MAX),
        " + 1".repeat(links),
        ")".repeat(EXPRESSION_NESTING_MAX)
    );
    assert_eq!(on_small_stack(nested), Ok(Ok(json!(links + 1))));
    let conditions = vec!["state.flag"; EXPRESSION_BYTES_MAX / 14 - 1].join(" && ");
    assert_eq!(on_small_stack(conditions), Ok(Ok(json!(true))));
}

/// Whatever the mixture, it compiles or is refused; a debug build needs most stack of all.
#[test]
fn deep_mixtures_do_not_overflow() {
    let openers = [
        ("[1].all(x, ", ")"),
        ("[1].map(x, ", ")"),
        ("has(a.b) || (", ")"),
        ("state.list.filter(x, x > ", ")"),
        ("[{\"k\": ", "}]"),
        ("sum([", "])"),
        ("string(-", ")"),
        ("false ? 1 : state.list[", "]"),
        ("at_least(money(", "), money(\"1 USD\"))"),
        ("group_by([{\"k\": ", "}], \"k\")"),
        ("1 in [", "]"),
    ];
    let mut compiled = 0;
    for (first, first_end) in openers {
        for (second, second_end) in openers {
            for pairs in 1..=EXPRESSION_NESTING_MAX {
                let source = format!(
                    "{}1{}",
                    format!("{first}{second}").repeat(pairs),
                    format!("{second_end}{first_end}").repeat(pairs)
                );
                compiled += usize::from(on_small_stack(source).is_ok());
            }
        }
    }
    assert!(compiled > 100, "{compiled}");
}

#[test]
fn a_source_has_at_most_its_bytes() {
    let longest = format!("\"{}\"", "x".repeat(EXPRESSION_BYTES_MAX - 2));
    assert!(Program::compile(&longest).is_ok());
    let error = Program::compile(&format!("{longest} ")).unwrap_err();
    assert!(error.message.contains("4097 bytes long"), "{error}");
}

#[test]
fn comprehensions_nest_twice_and_no_deeper() {
    assert!(Program::compile("a.all(x, x.all(y, y > 0))").is_ok());
    assert!(Program::compile("a.map(x, x).filter(x, x > 0).exists(x, x > 1)").is_ok());
    let error = Program::compile("a.all(x, x.all(y, y.all(z, z > 0)))").unwrap_err();
    assert!(error.message.contains("inside one another"), "{error}");
}

#[test]
fn maps_are_not_walked_at_run_time_either() {
    let state = json!({"map": {"a": 1}, "list": [{"a": 1}]});
    let scope = Scope::new().value("state", &state);
    for source in [
        "state.map.all(k, k == \"a\")",
        "state.list.map(m, m.map(k, k))",
        "[{\"a\": 1}].map(m, m.map(k, k))",
        "(true ? {\"a\": 1} : {}).exists(k, true)",
    ] {
        let error = Program::compile(source)
            .unwrap()
            .evaluate(&scope)
            .unwrap_err();
        assert!(
            error.message.contains("an object cannot be walked"),
            "{source}: {error}"
        );
    }
    for source in [
        "state.list.map(x, x).exists(x, state.text.all(y, true))",
        "(1).all(x, true)",
    ] {
        assert!(
            Program::compile(source).unwrap().evaluate(&scope).is_err(),
            "{source}"
        );
    }
}

#[test]
fn lists_are_walked_up_to_their_limit() {
    let list = |length: usize| Value::from(vec![1; length]);
    let all = Program::compile("list.all(x, x == 1)").unwrap();
    let longest = list(EXPRESSION_LIST_MAX);
    assert_eq!(all.holds(&Scope::new().value("list", &longest)), Ok(true));
    let longer = list(EXPRESSION_LIST_MAX + 1);
    let scope = Scope::new().value("list", &longer);
    for source in [
        "list.all(x, x == 1)",
        "sum(list)",
        "count(list)",
        "group_by(list, \"a\")",
    ] {
        let error = Program::compile(source)
            .unwrap()
            .evaluate(&scope)
            .unwrap_err();
        assert!(
            error.message.contains("10001 elements"),
            "{source}: {error}"
        );
    }
    // Passing a long list on walks nothing.
    assert_eq!(
        Program::compile("list").unwrap().evaluate(&scope),
        Ok(longer.clone())
    );
}
