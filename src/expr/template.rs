//! Values with `${ … }` in them.

mod scan;

use serde_json::{Map, Value};

use crate::domain::limits::STATE_BYTES_MAX;
use crate::expr::{CompileError, EvalError, Program, Scope};
use scan::{Piece, pieces};

/// A JSON value whose texts may hold expressions. One `${ … }` alone keeps its type; mixed with
/// other text, every part becomes text. Objects and arrays hold templates. `$${` is a literal `${`.
#[derive(Debug)]
pub struct Template {
    node: Node,
}

/// An expression inside a template that does not compile.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{error}")]
pub struct TemplateError {
    /// JSON pointer of the text inside the template's value.
    pub pointer: String,
    /// Byte offset of the expression inside that text.
    pub offset: usize,
    pub error: CompileError,
}

#[derive(Debug)]
enum Node {
    /// No expression inside.
    Literal(Value),
    /// One expression alone.
    Whole(Program),
    Text(Vec<Part>),
    Array(Vec<Node>),
    Object(Vec<(String, Node)>),
}

#[derive(Debug)]
enum Part {
    Literal(String),
    Program(Program),
}

impl Template {
    /// Compiles every expression; reports all that fail.
    ///
    /// # Errors
    /// One error for each `${` that is not closed or holds no expression.
    pub fn parse(value: &Value) -> Result<Self, Vec<TemplateError>> {
        let mut errors = Vec::new();
        let node = parse_node(value, &mut String::new(), &mut errors);
        if errors.is_empty() {
            Ok(Self { node })
        } else {
            Err(errors)
        }
    }

    /// Puts the values in.
    ///
    /// # Errors
    /// An expression that gives no value; null, a list or an object amid other text; a text longer
    /// than a state may be.
    pub fn render(&self, scope: &Scope<'_>) -> Result<Value, EvalError> {
        render_node(&self.node, scope)
    }

    /// Every expression inside, in order.
    pub fn programs(&self) -> Vec<&Program> {
        let mut found = Vec::new();
        collect(&self.node, &mut found);
        found
    }

    /// Renders to text with every interpolated part passed through `escape` (the literal text is not):
    /// for URLs.
    ///
    /// # Errors
    /// As [`Template::render`]; the template is no single text.
    pub fn render_escaped(
        &self,
        scope: &Scope<'_>,
        escape: fn(&str) -> String,
    ) -> Result<String, EvalError> {
        match &self.node {
            Node::Literal(Value::String(text)) => Ok(text.clone()),
            Node::Whole(program) => Ok(escape(&as_text(program, scope)?)),
            Node::Text(parts) => join(parts, scope, escape),
            Node::Literal(_) | Node::Array(_) | Node::Object(_) => Err(EvalError {
                expression: "${ … }".to_owned(),
                message: "this value must be one text".to_owned(),
            }),
        }
    }
}

fn parse_node(value: &Value, pointer: &mut String, errors: &mut Vec<TemplateError>) -> Node {
    let below = |pointer: &mut String, name: &str| {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
        length
    };
    match value {
        Value::String(text) => parse_text(text, pointer, errors),
        Value::Array(items) => {
            let mut nodes = Vec::with_capacity(items.len());
            for (index, item) in items.iter().enumerate() {
                let length = below(pointer, &index.to_string());
                nodes.push(parse_node(item, pointer, errors));
                pointer.truncate(length);
            }
            Node::Array(nodes)
        }
        Value::Object(members) => {
            let mut nodes = Vec::with_capacity(members.len());
            for (name, member) in members {
                let length = below(pointer, name);
                nodes.push((name.clone(), parse_node(member, pointer, errors)));
                pointer.truncate(length);
            }
            Node::Object(nodes)
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => Node::Literal(value.clone()),
    }
}

fn parse_text(text: &str, pointer: &str, errors: &mut Vec<TemplateError>) -> Node {
    let mut parts = Vec::new();
    for piece in pieces(text) {
        let compiled = match piece {
            Piece::Literal(literal) => Ok(Part::Literal(literal)),
            Piece::Source { offset, source } => Program::compile(source)
                .map(Part::Program)
                .map_err(|error| (offset, error)),
            Piece::Unclosed { offset, error } => Err((offset, error)),
        };
        match compiled {
            Ok(part) => parts.push(part),
            Err((offset, error)) => errors.push(TemplateError {
                pointer: pointer.to_owned(),
                offset,
                error,
            }),
        }
    }
    match parts.len() {
        0 => Node::Literal(Value::String(String::new())),
        1 => match parts.swap_remove(0) {
            Part::Literal(literal) => Node::Literal(Value::String(literal)),
            Part::Program(program) => Node::Whole(program),
        },
        _ => Node::Text(parts),
    }
}

fn render_node(node: &Node, scope: &Scope<'_>) -> Result<Value, EvalError> {
    match node {
        Node::Literal(value) => Ok(value.clone()),
        Node::Whole(program) => program.evaluate(scope),
        Node::Text(parts) => join(parts, scope, str::to_owned).map(Value::String),
        Node::Array(nodes) => nodes
            .iter()
            .map(|node| render_node(node, scope))
            .collect::<Result<Vec<_>, _>>()
            .map(Value::Array),
        Node::Object(members) => members
            .iter()
            .map(|(name, node)| Ok((name.clone(), render_node(node, scope)?)))
            .collect::<Result<Map<_, _>, _>>()
            .map(Value::Object),
    }
}

fn join(
    parts: &[Part],
    scope: &Scope<'_>,
    escape: fn(&str) -> String,
) -> Result<String, EvalError> {
    let mut text = String::new();
    for part in parts {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Program(program) => {
                text.push_str(&escape(&as_text(program, scope)?));
                if text.len() > STATE_BYTES_MAX {
                    return Err(EvalError {
                        expression: program.source().to_owned(),
                        message: format!("the text grows past {STATE_BYTES_MAX} bytes"),
                    });
                }
            }
        }
    }
    Ok(text)
}

fn as_text(program: &Program, scope: &Scope<'_>) -> Result<String, EvalError> {
    let word = match program.evaluate(scope)? {
        Value::String(text) => return Ok(text),
        Value::Number(number) => return Ok(number.to_string()),
        Value::Bool(truth) => return Ok(truth.to_string()),
        Value::Null => "null",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Err(EvalError {
        expression: program.source().to_owned(),
        message: format!("{word} cannot stand amid text; name a text, a number or a truth value"),
    })
}

fn collect<'t>(node: &'t Node, found: &mut Vec<&'t Program>) {
    match node {
        Node::Literal(_) => {}
        Node::Whole(program) => found.push(program),
        Node::Text(parts) => found.extend(parts.iter().filter_map(|part| match part {
            Part::Literal(_) => None,
            Part::Program(program) => Some(program),
        })),
        Node::Array(nodes) => nodes.iter().for_each(|node| collect(node, found)),
        Node::Object(members) => members.iter().for_each(|(_, node)| collect(node, found)),
    }
}
