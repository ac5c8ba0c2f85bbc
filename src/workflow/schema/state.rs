//! The schema of a run's state.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::coerce::{At, Given, Leniency, coerce, coerce_given};
use super::shape::{Shape, read_state};
use super::wording::Names;
use super::{Problem, Schema};
use crate::domain::Fields;
use crate::domain::limits::{PROBLEMS_MAX, STATE_BYTES_MAX};

/// The schema of a run's state: JSON Schema, `x-money: USD` and `x-aliases: [..]` on properties.
#[derive(Debug)]
pub struct StateSchema {
    source: Value,
    schema: Schema,
    /// The same without what the state as a whole requires: for one field alone.
    alone: Schema,
    shape: Shape,
}

impl StateSchema {
    /// Compiles a state's schema.
    ///
    /// # Errors
    /// All that is wrong with its properties, money and aliases; else the first fault of the JSON
    /// Schema; pointers lead into the schema.
    pub fn compile(source: &Value) -> Result<Self, Vec<Problem>> {
        let mut plain = source.clone();
        let mut problems = Vec::new();
        let fields = read_state(&mut plain, &mut problems);
        if !problems.is_empty() {
            return Err(problems);
        }
        let compile = |schema: &Value| Schema::compile(schema).map_err(|problem| vec![problem]);
        let schema = compile(&plain)?;
        if let Value::Object(keywords) = &mut plain {
            keywords.remove("required");
        }
        let mut compiled = Self {
            source: source.clone(),
            schema,
            alone: compile(&plain)?,
            shape: Shape::Object(fields),
        };
        compiled.check_defaults()?;
        Ok(compiled)
    }

    /// The JSON Schema as written.
    pub fn source(&self) -> &Value {
        &self.source
    }

    pub(super) fn shape(&self) -> &Shape {
        &self.shape
    }

    /// Makes a run's first state of one input row: aliases resolved, text coerced by the schema
    /// (a CSV cell `"7850.00"` of an `x-money` or number property), money made
    /// `{"minor","currency"}`, defaults applied. Unknown fields are kept out of the state and
    /// are no error (an input row may carry more columns); required fields absent or empty are problems.
    ///
    /// # Errors
    /// All problems, at most [`PROBLEMS_MAX`], called by the names the row uses.
    pub fn admit(&self, row: &Fields) -> Result<Fields, Vec<Problem>> {
        let mut names = Names::of(&self.shape);
        let mut problems = Vec::new();
        let mut empty = BTreeSet::new();
        let mut state = Fields::new();
        for (field, columns) in self.columns(row) {
            let name = columns.first().map_or(field, |(name, _)| *name);
            names.call(field, name);
            match self.one_of(field, &columns) {
                Ok(Given::Value(value)) => drop(state.insert(field.to_owned(), value)),
                Ok(Given::Nothing) => drop(empty.insert(field)),
                Err(more) => problems.extend(more),
            }
        }
        self.apply_defaults(&mut state);
        empty.retain(|field| !state.contains_key(*field));
        self.finish(state, &names, &empty, problems)
    }

    /// Coerces one edited value for the property that starts `path` (`amount`, or `address.city`) and
    /// answers the whole state with it set, validated. Null is stored where the schema allows it.
    /// Elsewhere null, and blank text for what is no text, is no value: an edit records the values
    /// it sets, so a field that is there cannot be taken away.
    ///
    /// # Errors
    /// No such field; no value for a field that has one or needs one; all problems of the state
    /// after the edit.
    pub fn edit(&self, state: &Fields, path: &str, value: &Value) -> Result<Fields, Vec<Problem>> {
        let mut segments = path.split('.');
        let first = segments.next().unwrap_or_default();
        let Some(field) = self.field_of(first) else {
            return Err(vec![no_field(first)]);
        };
        let mut edited = Value::Object(state.clone());
        let mut at = At::field(field, first);
        let mut shape = &self.shape;
        let mut parent = &mut edited;
        let mut name = field;
        for next in segments {
            shape = shape.below(name).ok_or_else(|| vec![no_field(path)])?;
            parent = enter(parent, name).ok_or_else(|| vec![no_field(path)])?;
            at = at.member(next);
            name = next;
        }
        let Shape::Object(fields) = shape else {
            return Err(vec![no_field(path)]);
        };
        let Some(target) = fields.shapes.get(name) else {
            return Err(vec![no_field(path)]);
        };
        let given = coerce_given(value, target, fields.nullable.contains(name), &at)?;
        let Value::Object(members) = parent else {
            return Err(vec![no_field(path)]);
        };
        match given {
            Given::Value(value) => drop(members.insert(name.to_owned(), value)),
            Given::Nothing if fields.required.contains(name) => {
                return Err(vec![at.problem("is empty")]);
            }
            Given::Nothing if members.contains_key(name) => {
                return Err(vec![at.problem("cannot be removed: set another value")]);
            }
            // Nothing for an absent field: the state as it was, without what was made on the way.
            Given::Nothing => edited = Value::Object(state.clone()),
        }
        match edited {
            Value::Object(state) => {
                self.finish(state, &Names::of(&self.shape), &BTreeSet::new(), Vec::new())
            }
            _ => Err(vec![no_field(path)]),
        }
    }

    /// Checks a state that a step saved to (no coercion except money given as text or number).
    ///
    /// # Errors
    /// No such field; all problems of the value.
    pub fn coerce_saved(&self, field: &str, value: Value) -> Result<Value, Vec<Problem>> {
        let Some(shape) = self.shape.below(field) else {
            return Err(vec![no_field(field)]);
        };
        let value = coerce(value, shape, Leniency::MoneyAlone, &At::field(field, field))?;
        let mut state = Value::Object([(field.to_owned(), value)].into_iter().collect());
        let problems = self.problems_of(&state, field);
        match state.get_mut(field) {
            Some(value) if problems.is_empty() => Ok(value.take()),
            _ => Err(problems),
        }
    }

    /// Checks a whole state: required fields that are absent or blank, then the schema.
    pub fn problems(&self, state: &Fields) -> Vec<Problem> {
        self.all_problems(state, &Names::of(&self.shape), &BTreeSet::new())
    }

    /// The state field that `name` means: itself or the field it is an alias of.
    pub fn field_of<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        let Shape::Object(fields) = &self.shape else {
            return None;
        };
        fields
            .shapes
            .get_key_value(name)
            .map(|(field, _)| field)
            .or_else(|| fields.aliases.get(name))
            .map(String::as_str)
    }

    /// Every state field, as in `po_id`, with its aliases, as in `amount (or amount_usd)`.
    pub fn names(&self) -> Vec<String> {
        let Shape::Object(fields) = &self.shape else {
            return Vec::new();
        };
        let name = |field: &String| {
            let aliases = fields.aliases.iter().filter(|(_, of)| *of == field);
            let aliases: Vec<&str> = aliases.map(|(alias, _)| alias.as_str()).collect();
            if aliases.is_empty() {
                field.clone()
            } else {
                format!("{field} (or {})", aliases.join(", "))
            }
        };
        fields.shapes.keys().map(name).collect()
    }

    /// The row's columns by the field they mean; the field's own name comes first.
    fn columns<'r>(&'r self, row: &'r Fields) -> BTreeMap<&'r str, Vec<(&'r str, &'r Value)>> {
        let mut columns: BTreeMap<&str, Vec<(&str, &Value)>> = BTreeMap::new();
        for (name, value) in row {
            if let Some(field) = self.field_of(name) {
                columns.entry(field).or_default().push((name, value));
            }
        }
        for (field, given) in &mut columns {
            given.sort_by_key(|(name, _)| (name != field, *name));
        }
        columns
    }

    /// The value that all columns of one field agree on.
    fn one_of(&self, field: &str, columns: &[(&str, &Value)]) -> Result<Given, Vec<Problem>> {
        let Shape::Object(fields) = &self.shape else {
            return Ok(Given::Nothing);
        };
        let Some(shape) = fields.shapes.get(field) else {
            return Ok(Given::Nothing);
        };
        let nullable = fields.nullable.contains(field);
        let mut agreed: Option<(&str, Given)> = None;
        for (name, value) in columns {
            let given = coerce_given(value, shape, nullable, &At::field(field, name))?;
            match &agreed {
                Some((other, before)) if *before != given => {
                    let message = format!("{other} and {name} mean the same and differ");
                    return Err(vec![Problem::new(At::field(field, field).pointer, message)]);
                }
                Some(_) => {}
                None => agreed = Some((name, given)),
            }
        }
        Ok(agreed.map_or(Given::Nothing, |(_, given)| given))
    }

    fn apply_defaults(&self, state: &mut Fields) {
        if let Shape::Object(fields) = &self.shape {
            super::coerce::defaults(fields, state);
        }
    }

    /// Coerces the defaults once, so that they are values of the state from then on.
    fn check_defaults(&mut self) -> Result<(), Vec<Problem>> {
        let Shape::Object(fields) = &self.shape else {
            return Ok(());
        };
        let mut coerced = BTreeMap::new();
        let mut problems = Vec::new();
        for (name, default) in &fields.defaults {
            match self.coerce_saved(name, default.clone()) {
                Ok(value) => drop(coerced.insert(name.clone(), value)),
                Err(more) => problems.extend(more.into_iter().map(|problem| {
                    let message = format!("the default is wrong: {}", problem.message);
                    Problem::new(format!("/properties{}", problem.pointer), message)
                })),
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        if let Shape::Object(fields) = &mut self.shape {
            fields.defaults = coerced;
        }
        Ok(())
    }

    fn finish(
        &self,
        state: Fields,
        names: &Names<'_>,
        empty: &BTreeSet<&str>,
        mut problems: Vec<Problem>,
    ) -> Result<Fields, Vec<Problem>> {
        let told: BTreeSet<String> = problems
            .iter()
            .map(|problem| problem.pointer.clone())
            .collect();
        let more = self.all_problems(&state, names, empty);
        problems.extend(
            more.into_iter()
                .filter(|problem| !told.contains(&problem.pointer)),
        );
        if problems.is_empty() {
            return Ok(state);
        }
        problems.sort();
        problems.truncate(PROBLEMS_MAX);
        Err(problems)
    }

    /// `empty` names fields that were given, but given as nothing.
    fn all_problems(
        &self,
        state: &Fields,
        names: &Names<'_>,
        empty: &BTreeSet<&str>,
    ) -> Vec<Problem> {
        let mut problems: Vec<Problem> = Vec::new();
        if let Shape::Object(fields) = &self.shape {
            let blank = |field: &str| match state.get(field) {
                Some(Value::String(text)) => text.trim().is_empty(),
                Some(_) => false,
                None => empty.contains(field),
            };
            for field in fields.required.iter().filter(|field| blank(field)) {
                let at = At::field(field, names.field(field));
                problems.push(Problem::new(at.pointer, format!("{} is empty", at.name)));
            }
        }
        let told: BTreeSet<String> = problems
            .iter()
            .map(|problem| problem.pointer.clone())
            .collect();
        let value = Value::Object(state.clone());
        let more = self.schema.problems_named(&value, names, PROBLEMS_MAX);
        problems.extend(
            more.into_iter()
                .filter(|problem| !told.contains(&problem.pointer)),
        );
        if value.to_string().len() > STATE_BYTES_MAX {
            let message = format!("the state is larger than {STATE_BYTES_MAX} bytes");
            problems.push(Problem::new("", message));
        }
        problems.sort();
        problems.dedup();
        problems.truncate(PROBLEMS_MAX);
        problems
    }

    /// The problems at or below one field; what other fields miss is not asked.
    fn problems_of(&self, state: &Value, field: &str) -> Vec<Problem> {
        let own = At::field(field, field).pointer;
        let below = format!("{own}/");
        self.alone
            .problems_named(state, &Names::of(&self.shape), usize::MAX)
            .into_iter()
            .filter(|problem| problem.pointer == own || problem.pointer.starts_with(&below))
            .collect()
    }
}

/// The member or element `name`, made an empty object where it is absent.
fn enter<'v>(parent: &'v mut Value, name: &str) -> Option<&'v mut Value> {
    match parent {
        Value::Object(members) => Some(
            members
                .entry(name)
                .or_insert_with(|| Value::Object(Fields::new())),
        ),
        Value::Array(items) => items.get_mut(name.parse::<usize>().ok()?),
        _ => None,
    }
}

fn no_field(name: &str) -> Problem {
    Problem::new("", format!("the state has no field `{name}`"))
}
