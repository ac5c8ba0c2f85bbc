use countersign::expr::{Scope, Template};
use serde_json::{Value, json};

fn render(template: &Value) -> Result<Value, String> {
    let state = json!({
        "name": "Acme & Sons", "count": 7, "rate": 2.5, "flag": true, "nothing": null,
        "list": [1, 2], "map": {"a": 1},
    });
    Template::parse(template)
        .unwrap_or_else(|errors| panic!("{template}: {errors:?}"))
        .render(&Scope::new().value("state", &state))
        .map_err(|error| error.to_string())
}

#[test]
fn one_expression_alone_keeps_its_type() {
    for (source, expected) in [
        ("${ state.count }", json!(7)),
        ("${state.flag}", json!(true)),
        ("${ state.nothing }", json!(null)),
        ("${ state.list }", json!([1, 2])),
        ("${ {\"a\": {\"b\": \"}\"}} }", json!({"a": {"b": "}"}})),
        ("${ \"${ }\" }", json!("${ }")),
        ("${ '}' + \"'}\" }", json!("}'}")),
        ("${ r'\\' + '}' }", json!("\\}")),
    ] {
        assert_eq!(render(&json!(source)), Ok(expected), "{source}");
    }
}

#[test]
fn amid_text_everything_becomes_text() {
    for (source, expected) in [
        (
            "${ state.name }: ${ state.count } × ${ state.rate }",
            "Acme & Sons: 7 × 2.5",
        ),
        (" ${ state.flag }", " true"),
        ("plain", "plain"),
        ("", ""),
        ("costs $5 {x} }", "costs $5 {x} }"),
        ("$${ state.name }", "${ state.name }"),
        ("a $${x} ${ state.count } $${y}", "a ${x} 7 ${y}"),
        ("$$ ${ state.count }", "$$ 7"),
    ] {
        assert_eq!(render(&json!(source)), Ok(json!(expected)), "{source}");
    }
    for name in ["nothing", "list", "map"] {
        let error = render(&json!(format!("x ${{ state.{name} }}"))).unwrap_err();
        assert!(error.contains("cannot stand amid text"), "{error}");
    }
}

#[test]
fn objects_and_lists_hold_templates() {
    assert_eq!(
        render(
            &json!({"a": ["${ state.count }", 1, null, "x${ state.count }"], "b": {"c": "${ state.map }"}})
        ),
        Ok(json!({"a": [7, 1, null, "x7"], "b": {"c": {"a": 1}}}))
    );
}

#[test]
fn every_error_is_reported_with_its_place() {
    let template =
        json!({"a/b": ["ok ${ 1 }", "x ${  1 + }"], "c": "${ nope( }", "d": "${ 1", "e": "${ }"});
    let errors = Template::parse(&template).unwrap_err();
    let places: Vec<_> = errors
        .iter()
        .map(|e| (e.pointer.as_str(), e.offset))
        .collect();
    assert_eq!(places, [("/a~1b/1", 6), ("/c", 3), ("/d", 2), ("/e", 3)]);
    assert!(errors[2].error.message.contains("no closing `}`"));
    assert!(errors[3].error.message.contains("empty"));
}

#[test]
fn programs_are_listed_in_order() {
    let template = json!(["${ a }", {"x": "${ b } ${ c.d }"}]);
    let template = Template::parse(&template).unwrap();
    let sources: Vec<_> = template.programs().iter().map(|p| p.source()).collect();
    assert_eq!(sources, ["a", "b", "c.d"]);
}

#[test]
fn escaping_touches_only_what_is_put_in() {
    fn escape(text: &str) -> String {
        text.replace('/', "%2F")
    }
    let state = json!({"id": "a/b", "n": 5, "list": []});
    let scope = Scope::new().value("state", &state);
    let escaped = |template: Value| {
        Template::parse(&template)
            .unwrap()
            .render_escaped(&scope, escape)
    };
    assert_eq!(
        escaped(json!("/x/${ state.id }/${ state.n }")).unwrap(),
        "/x/a%2Fb/5"
    );
    assert_eq!(escaped(json!("${ state.id }")).unwrap(), "a%2Fb");
    assert_eq!(escaped(json!("/plain")).unwrap(), "/plain");
    assert!(escaped(json!("/${ state.list }")).is_err());
    assert!(escaped(json!(["/x"])).is_err());
    assert!(escaped(json!(5)).is_err());
}
