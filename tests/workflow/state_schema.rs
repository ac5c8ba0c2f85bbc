//! Schemas: of a run's state, with money, aliases and coercion.

use serde_json::{Value, json};

use countersign::domain::Fields;
use countersign::domain::limits::PROBLEMS_MAX;
use countersign::workflow::schema::{Problem, Schema, StateSchema};

fn purchase() -> StateSchema {
    let schema = json!({
        "type": "object",
        "required": ["po_id", "vendor", "amount"],
        "properties": {
            "po_id": {"type": "string", "x-aliases": ["po_number", "PO"]},
            "vendor": {"type": "string", "maxLength": 12},
            "amount": {"x-money": "USD", "exclusiveMinimum": 0, "maximum": "1000000.00"},
            "fee": {"x-money": "USD", "type": ["object", "null"], "default": "1.50"},
            "count": {"type": "integer", "minimum": 1},
            "rate": {"type": ["number", "null"]},
            "urgent": {"type": "boolean", "default": false},
            "status": {"enum": ["Open", "Approved"]},
            "address": {
                "type": "object",
                "required": ["city"],
                "properties": {"city": {"type": "string"}, "deposit": {"x-money": "EUR"}},
            },
            "lines": {
                "type": "array",
                "maxItems": 3,
                "items": {
                    "type": "object",
                    "required": ["price"],
                    "properties": {"price": {"x-money": "USD", "minimum": "0.01"}, "quantity": {"type": "integer"}},
                },
            },
        },
    });
    StateSchema::compile(&schema).unwrap()
}

fn fields(value: Value) -> Fields {
    match value {
        Value::Object(fields) => fields,
        other => panic!("{other} is no object"),
    }
}

fn admit(row: Value) -> Result<Value, Vec<String>> {
    purchase()
        .admit(&fields(row))
        .map(Value::Object)
        .map_err(|problems| {
            problems
                .into_iter()
                .map(|problem| problem.message)
                .collect()
        })
}

/// The one message with which a minimal row is refused once `more` is put over it.
fn refusal(more: Value) -> String {
    let mut row = fields(json!({"po_id": "PO-1", "vendor": "Acme", "amount": "5.00"}));
    row.extend(fields(more));
    let messages = admit(Value::Object(row)).unwrap_err();
    assert_eq!(messages.len(), 1, "{messages:?}");
    messages.concat()
}

#[test]
fn a_row_of_text_becomes_a_state() {
    assert_eq!(
        admit(json!({
            "po_number": "  PO-1 ", "vendor": "Acme", "amount": "7850.00", "count": "3",
            "rate": " 2.5 ", "urgent": "true", "further column": "ignored", "fee": "",
        })),
        Ok(json!({
            "po_id": "  PO-1 ", "vendor": "Acme",
            "amount": {"minor": 785_000, "currency": "USD"},
            "fee": {"minor": 150, "currency": "USD"},
            "count": 3, "rate": 2.5, "urgent": true,
        }))
    );
}

#[test]
fn money_is_read_from_text_numbers_and_objects() {
    for (given, minor) in [
        (json!("7850"), 785_000),
        (json!("7850.5"), 785_050),
        (json!("7850.00 USD"), 785_000),
        (json!(7850), 785_000),
        (json!(7850.0), 785_000),
        (json!(0.1), 10),
        (json!(4999.99), 499_999),
        (json!({"minor": 1, "currency": "USD"}), 1),
    ] {
        let state = admit(json!({"po_id": "1", "vendor": "A", "amount": given})).unwrap();
        assert_eq!(
            state["amount"],
            json!({"minor": minor, "currency": "USD"}),
            "{given}"
        );
    }
}

#[test]
fn what_is_no_money_is_said_plainly() {
    for (given, told) in [
        (json!("0"), "amount must be more than 0.00 USD"),
        (json!(-5), "amount must be more than 0.00 USD"),
        (json!("1000000.01"), "amount must be at most 1000000.00 USD"),
        (
            json!("5.001"),
            "amount is no amount: `5.001` has more than two decimals",
        ),
        (
            json!(5.001),
            "amount is no amount: `5.001` has more than two decimals",
        ),
        (
            json!("1e3"),
            "amount is no amount: `1e3` is not an amount: write digits with at most two decimals, as in 5000.00",
        ),
        (json!("5.00 EUR"), "amount is in EUR, but must be in USD"),
        (
            json!({"minor": 5, "currency": "EUR"}),
            "amount is in EUR, but must be in USD",
        ),
        (
            json!({"minor": 5.5, "currency": "USD"}),
            "amount must be an amount in USD, such as 5000.00",
        ),
        (
            json!({"minor": 5, "currency": "USD", "x": 1}),
            "amount must be an amount in USD, such as 5000.00",
        ),
        (
            json!(true),
            "amount must be an amount in USD, such as 5000.00",
        ),
        (
            json!(["5.00"]),
            "amount must be an amount in USD, such as 5000.00",
        ),
        (json!(""), "amount is empty"),
        (json!(null), "amount is empty"),
    ] {
        assert_eq!(refusal(json!({"amount": given})), told, "{given}");
    }
    let huge = refusal(json!({"amount": 1e21}));
    assert!(huge.starts_with("amount is no amount"), "{huge}");
}

#[test]
fn other_problems_are_sentences_too() {
    for (more, told) in [
        (json!({"vendor": "  "}), "vendor is empty"),
        (json!({"vendor": 7}), "vendor must be text"),
        (
            json!({"vendor": "much too long a name"}),
            "vendor must have at most 12 characters",
        ),
        (json!({"count": "0"}), "count must be at least 1"),
        (json!({"count": "three"}), "count must be a whole number"),
        (json!({"count": "1.5"}), "count must be a whole number"),
        (json!({"rate": "x"}), "rate must be null or a number"),
        (json!({"urgent": "yes"}), "urgent must be true or false"),
        (
            json!({"status": "Lost"}),
            "status must be one of Open, Approved",
        ),
        (
            json!({"address": {"deposit": "1.00"}}),
            "address.city is required",
        ),
        (
            json!({"address": {"city": "Oslo", "deposit": "x"}}),
            "address.deposit is no amount: `x` is not an amount: write digits with at most two decimals, as in 5000.00",
        ),
        (
            json!({"lines": [{"price": 1}, {"price": 0}]}),
            "lines[1].price must be at least 0.01 USD",
        ),
        (json!({"lines": [{}]}), "lines[0].price is required"),
        (
            json!({"lines": [{"price": 1}, {"price": 1}, {"price": 1}, {"price": 1}]}),
            "lines must have at most 3 entries",
        ),
        (json!({"lines": "none"}), "lines must be a list"),
    ] {
        assert_eq!(refusal(more.clone()), told, "{more}");
    }
}

#[test]
fn all_problems_come_at_once_under_the_names_of_the_row() {
    assert_eq!(
        admit(json!({"po_number": " ", "amount": "x", "count": -1})),
        Err(vec![
            "amount is no amount: `x` is not an amount: write digits with at most two decimals, as in 5000.00".to_owned(),
            "count must be at least 1".to_owned(),
            "po_number is empty".to_owned(),
            "vendor is required".to_owned(),
        ])
    );
    let problems = purchase().admit(&fields(json!({"PO": "", "vendor": "A", "amount": 1})));
    assert_eq!(problems, Err(vec![problem("/po_id", "PO is empty")]));
}

#[test]
fn a_field_and_its_alias_must_agree() {
    let row = |po_id: &str, alias: &str| {
        admit(json!({"po_id": po_id, "po_number": alias, "vendor": "A", "amount": 1}))
    };
    assert_eq!(row("PO-1", "PO-1").unwrap()["po_id"], "PO-1");
    assert_eq!(
        row("PO-1", "PO-2"),
        Err(vec![
            "po_id and po_number mean the same and differ".to_owned()
        ])
    );
    let schema = purchase();
    assert_eq!(schema.field_of("PO"), Some("po_id"));
    assert_eq!(schema.field_of("po_id"), Some("po_id"));
    assert_eq!(schema.field_of("nothing"), None);
}

#[test]
fn the_order_of_columns_does_not_matter() {
    let names = ["vendor", "po_id", "amount", "count"];
    let mut forward = Fields::new();
    let mut backward = Fields::new();
    for name in names {
        forward.insert(name.to_owned(), json!("4"));
    }
    for name in names.iter().rev() {
        backward.insert((*name).to_owned(), json!("4"));
    }
    let schema = purchase();
    assert_eq!(schema.admit(&forward), schema.admit(&backward));
    assert!(schema.admit(&forward).is_ok());
}

#[test]
fn absent_optional_fields_stay_absent() {
    let state =
        admit(json!({"po_id": "1", "vendor": "A", "amount": 1, "count": " ", "rate": null}))
            .unwrap();
    assert_eq!(state.get("count"), None);
    assert_eq!(state["rate"], Value::Null);
    assert_eq!(state.get("lines"), None);
}

#[test]
fn defaults_apply_inside_objects_too() {
    let schema = StateSchema::compile(&json!({"properties": {"address": {
        "type": "object",
        "properties": {
            "country": {"type": "string", "default": "NO"},
            "deposit": {"x-money": "EUR", "default": "2.50"},
        },
    }}}))
    .unwrap();
    let admitted = schema.admit(&fields(json!({"address": {"country": "SE"}})));
    assert_eq!(
        admitted.map(Value::Object),
        Ok(json!({"address": {"country": "SE", "deposit": {"minor": 250, "currency": "EUR"}}}))
    );
    assert_eq!(schema.admit(&Fields::new()), Ok(Fields::new()));
}

fn state() -> Fields {
    fields(
        admit(json!({"po_id": "1", "vendor": "A", "amount": 1, "address": {"city": "Oslo"}}))
            .unwrap(),
    )
}

#[test]
fn an_edit_is_coerced_and_validated() {
    let schema = purchase();
    let edit = |path: &str, value: Value| {
        schema
            .edit(&state(), path, &value)
            .map(Value::Object)
            .map_err(|problems| {
                problems
                    .into_iter()
                    .map(|problem| problem.message)
                    .collect::<Vec<_>>()
                    .join("; ")
            })
    };
    assert_eq!(
        edit("amount", json!("12.5")).unwrap()["amount"]["minor"],
        1250
    );
    assert_eq!(edit("po_number", json!("x")).unwrap()["po_id"], "x");
    assert_eq!(
        edit("address.city", json!("Bergen")).unwrap()["address"]["city"],
        "Bergen"
    );
    assert_eq!(
        edit("address.deposit", json!("3")).unwrap()["address"]["deposit"]["currency"],
        "EUR"
    );
    assert_eq!(edit("count", json!("9")).unwrap()["count"], 9);
    assert_eq!(edit("fee", json!(null)).unwrap()["fee"], Value::Null);
    for absent in ["count", "lines", "address.deposit"] {
        let unchanged = edit(absent, json!(null)).unwrap();
        assert_eq!(unchanged, Value::Object(state()), "{absent}");
    }
    assert_eq!(edit("vendor", json!("A")).unwrap(), Value::Object(state()));
    for (path, value, told) in [
        ("amount", json!("0"), "amount must be more than 0.00 USD"),
        ("amount", json!(""), "amount is empty"),
        ("vendor", json!(" "), "vendor is empty"),
        ("address.city", json!(5), "address.city must be text"),
        ("address.city", json!(null), "address.city is empty"),
        (
            "urgent",
            json!(""),
            "urgent cannot be removed: set another value",
        ),
        (
            "urgent",
            json!(null),
            "urgent cannot be removed: set another value",
        ),
        (
            "address",
            json!(null),
            "address cannot be removed: set another value",
        ),
        (
            "address.zip",
            json!("1"),
            "the state has no field `address.zip`",
        ),
        (
            "amount.minor",
            json!(5),
            "the state has no field `amount.minor`",
        ),
        ("vendor.x", json!(5), "the state has no field `vendor.x`"),
        ("nothing", json!(5), "the state has no field `nothing`"),
        ("", json!(5), "the state has no field ``"),
    ] {
        assert_eq!(edit(path, value), Err(told.to_owned()), "{path}");
    }
}

#[test]
fn an_edit_takes_no_value_away_at_any_depth() {
    let schema = purchase();
    let given = schema.edit(&state(), "address.deposit", &json!("3"));
    let mut given = given.unwrap();
    assert_eq!(
        schema.edit(&given, "address.deposit", &json!(null)),
        Err(vec![problem(
            "/address/deposit",
            "address.deposit cannot be removed: set another value"
        )])
    );
    given = schema.edit(&given, "rate", &json!(2.5)).unwrap();
    assert_eq!(
        schema.edit(&given, "rate", &json!(" ")),
        Err(vec![problem(
            "/rate",
            "rate cannot be removed: set another value"
        )])
    );
    given = schema.edit(&given, "rate", &json!(null)).unwrap();
    assert_eq!(given["rate"], Value::Null, "the schema allows null here");
}

#[test]
fn a_saved_value_is_checked_and_only_money_is_coerced() {
    let schema = purchase();
    let saved = |field: &str, value: Value| {
        schema.coerce_saved(field, value).map_err(|problems| {
            problems
                .into_iter()
                .map(|problem| problem.message)
                .collect::<Vec<_>>()
                .join("; ")
        })
    };
    let usd = |minor: i64| json!({"minor": minor, "currency": "USD"});
    assert_eq!(saved("amount", json!(7850.0)), Ok(usd(785_000)));
    assert_eq!(saved("amount", usd(5)), Ok(usd(5)));
    assert_eq!(
        saved("lines", json!([{"price": "1.00"}])),
        Ok(json!([{"price": usd(100)}]))
    );
    assert_eq!(saved("count", json!(5)), Ok(json!(5)));
    assert_eq!(
        saved("count", json!("5")),
        Err("count must be a whole number".to_owned())
    );
    assert_eq!(
        saved("urgent", json!("true")),
        Err("urgent must be true or false".to_owned())
    );
    assert_eq!(
        saved("amount", json!(0)),
        Err("amount must be more than 0.00 USD".to_owned())
    );
    assert_eq!(
        saved("po_number", json!("x")),
        Err("the state has no field `po_number`".to_owned())
    );
}

#[test]
fn a_whole_state_is_checked() {
    let schema = purchase();
    assert_eq!(schema.problems(&state()), []);
    let mut broken = state();
    broken.remove("vendor");
    broken.insert("po_id".to_owned(), json!(" "));
    assert_eq!(
        schema.problems(&broken),
        [
            problem("/po_id", "po_id is empty"),
            problem("/vendor", "vendor is required"),
        ]
    );
}

#[test]
fn a_state_has_limits() {
    let schema = StateSchema::compile(&json!({"properties": {"a": {}}})).unwrap();
    let long = fields(json!({"a": "x".repeat(1024 * 1024)}));
    assert!(
        schema.admit(&long).unwrap_err()[0]
            .message
            .contains("larger than")
    );
    let mut deep = json!(1);
    for _ in 0..70 {
        deep = json!([deep]);
    }
    assert!(
        schema.admit(&fields(json!({"a": deep}))).unwrap_err()[0]
            .message
            .contains("deep")
    );
}

#[test]
#[expect(clippy::too_many_lines, reason = "one table")]
fn mistakes_in_the_schema_are_found_when_it_is_compiled() {
    for (schema, pointer, told) in [
        (json!([]), "", "must be an object"),
        (json!({"type": "array"}), "/type", "`object`"),
        (
            json!({"properties": {"a": {"x-money": "dollars"}}}),
            "/properties/a/x-money",
            "not a currency",
        ),
        (
            json!({"properties": {"a": {"x-money": 5}}}),
            "/properties/a/x-money",
            "not a currency",
        ),
        (
            json!({"properties": {"a": {"x-money": "USD", "multipleOf": 5}}}),
            "/properties/a/multipleOf",
            "no meaning",
        ),
        (
            json!({"properties": {"a": {"x-money": "USD", "minimum": 0.001}}}),
            "/properties/a/minimum",
            "amount such as",
        ),
        (
            json!({"properties": {"a": {"anyOf": [{"x-money": "USD"}]}}}),
            "/properties/a/anyOf",
            "nowhere else",
        ),
        (
            json!({"$defs": {"m": {"x-money": "USD"}}}),
            "/$defs",
            "nowhere else",
        ),
        (
            json!({"properties": {"a": {}, "b": {"x-aliases": ["a"]}}}),
            "/properties/b/x-aliases",
            "itself a field",
        ),
        (
            json!({"properties": {"a": {"x-aliases": ["c"]}, "b": {"x-aliases": ["c"]}}}),
            "/properties/b/x-aliases",
            "also means `a`",
        ),
        (
            json!({"properties": {"a": {"x-aliases": "c"}}}),
            "/properties/a/x-aliases",
            "list of names",
        ),
        (
            json!({"properties": {"a": {"type": "object", "properties": {"b": {"x-aliases": ["c"]}}}}}),
            "/properties/a/properties/b/x-aliases",
            "own fields",
        ),
        (json!({"required": ["a"]}), "/required", "no property"),
        (
            json!({"properties": {"a": {"type": "integer", "default": "x"}}}),
            "/properties/a",
            "the default is wrong",
        ),
        (
            json!({"properties": {"a": {"x-money": "USD", "default": "x"}}}),
            "/properties/a",
            "the default is wrong",
        ),
        (
            json!({"properties": {"a": {"type": "txet"}}}),
            "/properties/a/type",
            "no JSON Schema",
        ),
        (
            json!({"properties": {"a": {"pattern": "("}}}),
            "/properties/a/pattern",
            "no JSON Schema",
        ),
    ] {
        let problems = StateSchema::compile(&schema).unwrap_err();
        assert_eq!(problems.len(), 1, "{schema}: {problems:?}");
        assert_eq!(problems[0].pointer, pointer, "{schema}: {problems:?}");
        assert!(problems[0].message.contains(told), "{schema}: {problems:?}");
    }
}

#[test]
fn a_plain_schema_tells_all_problems() {
    let schema = Schema::compile(&json!({
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": {"id": {"type": "string", "pattern": "^[a-z]+$"}, "on": {"type": "string", "format": "date"}},
    }))
    .unwrap();
    assert_eq!(schema.problems(&json!({"id": "a", "on": "2026-11-21"})), []);
    let told: Vec<String> = schema
        .problems(&json!({"id": "A", "on": "soon", "more": 1}))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(told.len(), 3, "{told:?}");
    for expected in [
        "/id: id must match the pattern ^[a-z]+$",
        "/on: on must have the form `date`",
        "the value must not have more",
    ] {
        assert!(told.iter().any(|told| told == expected), "{told:?}");
    }
    assert_eq!(
        schema.problems(&json!({})),
        [problem("/id", "id is required")]
    );
    assert_eq!(
        schema.problems(&json!(5)),
        [problem("", "the value must be an object")]
    );
    let many = Schema::compile(&json!({"items": {"type": "string"}})).unwrap();
    let values: Value = (0..1000).collect();
    assert_eq!(many.problems(&values).len(), PROBLEMS_MAX);
}

#[test]
fn references_reach_no_further_than_the_schema() {
    for reference in [
        "https://localhost/schema",
        "file:///etc/hostname",
        "other.json",
        "#/$defs/none",
    ] {
        let error = Schema::compile(&json!({"$ref": reference})).unwrap_err();
        assert!(error.message.contains("no JSON Schema"), "{error}");
    }
    let own =
        json!({"$defs": {"id": {"type": "string"}}, "properties": {"a": {"$ref": "#/$defs/id"}}});
    let schema = Schema::compile(&own).unwrap();
    assert_eq!(
        schema.problems(&json!({"a": 5})),
        [problem("/a", "a must be text")]
    );
}

#[test]
fn references_that_lead_to_themselves_do_not_run_away() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}),
        json!({"properties": {"next": {"$ref": "#"}}, "required": ["id"]}),
    ] {
        if let Ok(schema) = Schema::compile(&schema) {
            drop(schema.problems(&json!({"id": 1, "next": {"id": 2}})));
        }
    }
}

/// A pattern that takes a backtracking engine longer than the universe has.
#[test]
fn patterns_run_in_linear_time() {
    let schema = Schema::compile(&json!({"pattern": "^(a+)+$"})).unwrap();
    assert_eq!(
        schema
            .problems(&Value::from("a".repeat(100_000) + "!"))
            .len(),
        1
    );
    assert!(Schema::compile(&json!({"pattern": "(a)\\1"})).is_err());
}

fn problem(pointer: &str, message: &str) -> Problem {
    Problem {
        pointer: pointer.to_owned(),
        message: message.to_owned(),
    }
}
