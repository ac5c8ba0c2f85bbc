//! The JSON Schema for editors agrees with the check.

use countersign::workflow::{Code, Level, check, json_schema, shipped, tool_json_schema};
use serde_json::Value;

use crate::files::{tools, yaml_files};

fn as_json(text: &str) -> Value {
    serde_saphyr::from_str(text).unwrap()
}

#[test]
fn right_files_fit_the_schema() {
    let schema = jsonschema::validator_for(&json_schema()).unwrap();
    let mut files = yaml_files("right");
    files.extend(shipped().workflows.iter().cloned());
    for file in files {
        let found: Vec<String> = schema
            .iter_errors(&as_json(&file.text))
            .map(|error| error.to_string())
            .collect();
        assert!(found.is_empty(), "{}: {found:?}", file.name);
    }
}

#[test]
fn tool_files_fit_the_schema() {
    let schema = jsonschema::validator_for(&tool_json_schema()).unwrap();
    for file in &shipped().tools {
        assert!(schema.is_valid(&as_json(&file.text)), "{}", file.name);
    }
}

/// Files whose mistakes are of form, though no key in them is unknown.
const FORMS: [&str; 3] = [
    "everything_missing.yaml",
    "no_steps.yaml",
    "wrong_sorts_of_values.yaml",
];

/// Mistakes of form are seen by an editor too.
#[test]
fn wrong_forms_do_not_fit_the_schema() {
    let schema = jsonschema::validator_for(&json_schema()).unwrap();
    let known = tools();
    let mut seen = 0;
    for file in yaml_files("wrong") {
        let diagnostics = check(&file, known).diagnostics;
        let is_of_form = diagnostics
            .iter()
            .any(|found| found.severity == Level::Error && found.code == Code::UnknownKey);
        if is_of_form || FORMS.contains(&file.name.as_str()) {
            assert!(!schema.is_valid(&as_json(&file.text)), "{}", file.name);
            seen += 1;
        }
    }
    assert!(seen >= 2, "only {seen} files");
}

#[test]
fn every_key_is_described() {
    let schema = json_schema();
    assert_eq!(schema["title"], "Countersign workflow");
    let step = &schema["$defs"]["Step"]["properties"];
    let keys = step.as_object().unwrap();
    assert_eq!(keys.len(), 15);
    for (key, property) in keys {
        let is_described = property.get("description").is_some()
            || property.get("$ref").is_some()
            || property.get("anyOf").is_some();
        assert!(is_described, "{key}: {property}");
    }
}
