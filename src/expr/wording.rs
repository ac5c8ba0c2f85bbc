//! CEL's errors and types in plain words.

use cel::ExecutionError;

/// Bytes of an evaluation error's message.
const MESSAGE_BYTES_MAX: usize = 400;

/// What went wrong, as a sentence without a full stop. It may quote a text of the scope that was
/// read as money or a number, so it is as trusted as the scope is.
pub(super) fn plain(error: &ExecutionError) -> String {
    let message = match error {
        ExecutionError::NoSuchKey(key) => {
            format!("`{key}` is missing; where that may be, ask has(…) first")
        }
        ExecutionError::UndeclaredReference(name) => format!("`{name}` is not known here"),
        ExecutionError::DivisionByZero(_) | ExecutionError::RemainderByZero(_) => {
            "division by zero".to_owned()
        }
        ExecutionError::Overflow(..) => "a result is too large for an integer".to_owned(),
        ExecutionError::IndexOutOfBounds(_) => "the list has no element at that place".to_owned(),
        ExecutionError::NoSuchOverload(overload) => {
            let types: Vec<&str> = overload
                .argument_types()
                .iter()
                .map(|name| type_word(name))
                .collect();
            format!(
                "`{}` does not take {}",
                operator_word(overload.function()),
                types.join(" and ")
            )
        }
        ExecutionError::UnsupportedBinaryOperator(operator, left, right) => format!(
            "`{}` does not take {} and {}",
            operator_word(operator),
            operand_word(left),
            operand_word(right)
        ),
        ExecutionError::UnexpectedType { got, want } => format!(
            "{} stands where {} is needed",
            type_word(got),
            type_word(want)
        ),
        ExecutionError::ValuesNotComparable(..) => "the two values have no order".to_owned(),
        ExecutionError::UnsupportedKeyType(_) | ExecutionError::UnsupportedIndex(..) => {
            "a key must be text, an index an integer".to_owned()
        }
        ExecutionError::DuplicateKey(_) => "a map names one key twice".to_owned(),
        ExecutionError::FunctionError { function, message } if function.is_empty() => {
            message.clone()
        }
        ExecutionError::FunctionError { function, message } => format!("{function}: {message}"),
        // The enum is open: what a later version adds is told in its own words.
        other => other.to_string(),
    };
    shortened(message)
}

/// CEL's name of a type as people say it.
pub(super) fn type_word(name: &str) -> &str {
    match name {
        "string" => "text",
        "int" | "uint" => "an integer",
        "double" | "float" => "a decimal number",
        "bool" => "true or false",
        "list" | "iterable" => "a list",
        "map" => "an object",
        "null" | "null_type" => "null",
        "bytes" => "bytes",
        "google.protobuf.Timestamp" | "timestamp" => "a time",
        "google.protobuf.Duration" | "duration" => "a duration",
        other => other,
    }
}

/// The interpreter reports an operand it cannot show, such as our objects, as null.
fn operand_word(operand: &cel::Value) -> String {
    match operand {
        cel::Value::Null => "an object or null".to_owned(),
        shown => type_word(&shown.type_of().to_string()).to_owned(),
    }
}

fn operator_word(name: &str) -> &str {
    match name {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        "rem" => "%",
        "_?_:_" => "? :",
        "_[_]" => "[…]",
        "_._" => ".",
        other => other.trim_matches(['_', '@']),
    }
}

fn shortened(mut message: String) -> String {
    if message.len() > MESSAGE_BYTES_MAX {
        message.truncate(message.floor_char_boundary(MESSAGE_BYTES_MAX));
        message.push('…');
    }
    message
}
