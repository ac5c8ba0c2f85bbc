//! Secrets: configured as handles, read at the moment a request leaves, never shown.

mod base64;

use std::fmt;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::domain::limits::SECRET_BYTES_MAX;

/// Stands where a target echoed a secret.
const HIDDEN: &str = "[secret]";

/// Secrets shorter than this are not looked for in answers: they would be found in innocent text.
const SOUGHT_BYTES_MIN: usize = 6;

/// Where a credential is read from. Names the place, holds nothing secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    /// An environment variable.
    Env(String),
    /// A file; white space at its end is left out.
    File(PathBuf),
}

impl SecretSource {
    /// Reads the secret. The error is a sentence that names the place alone.
    pub(super) fn resolve(&self) -> Result<Secret, String> {
        let text = match self {
            Self::Env(name) => std::env::var(name).map_err(|error| {
                format!("the environment variable {name} is of no use: {error}")
            })?,
            Self::File(path) => read_bounded(path)
                .map_err(|why| format!("cannot read {}: {why}", path.display()))?,
        };
        let text = text.trim_end();
        if text.is_empty() {
            return Err(format!("{self} is empty"));
        }
        if text.len() > SECRET_BYTES_MAX {
            return Err(format!("{self} is longer than {SECRET_BYTES_MAX} bytes"));
        }
        Ok(Secret(text.to_owned()))
    }
}

impl fmt::Display for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "the environment variable {name}"),
            Self::File(path) => write!(f, "the file {}", path.display()),
        }
    }
}

/// A secret in memory, for the length of one call.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl Secret {
    /// The value of a header that carries the secret.
    pub(super) fn after(&self, prefix: &str) -> String {
        format!("{prefix}{}", self.0)
    }

    /// Takes the secret out of a text that came from outside.
    pub(super) fn hide(&self, text: &mut String) {
        replace(text, &self.forms());
    }

    /// Takes the secret out of every text and member name of an answer.
    pub(super) fn hide_in(&self, value: &mut Value) {
        replace_in(value, &self.forms());
    }

    /// As it stands, as JSON text would carry it, and in base64.
    fn forms(&self) -> Vec<String> {
        if self.0.len() < SOUGHT_BYTES_MIN {
            return Vec::new();
        }
        let quoted = Value::from(self.0.as_str()).to_string();
        let unquoted = quoted
            .strip_prefix('"')
            .and_then(|text| text.strip_suffix('"'));
        let mut forms = vec![self.0.clone()];
        forms.extend(unquoted.map(str::to_owned));
        forms.extend(base64::forms(self.0.as_bytes()));
        forms
    }
}

fn replace(text: &mut String, forms: &[String]) {
    for form in forms {
        if text.contains(form) {
            *text = text.replace(form, HIDDEN);
        }
    }
}

fn replace_in(value: &mut Value, forms: &[String]) {
    match value {
        Value::String(text) => replace(text, forms),
        Value::Array(items) => items.iter_mut().for_each(|item| replace_in(item, forms)),
        Value::Object(members) => {
            let renamed = std::mem::take(members)
                .into_iter()
                .map(|(mut name, mut member)| {
                    replace(&mut name, forms);
                    replace_in(&mut member, forms);
                    (name, member)
                });
            *members = renamed.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(HIDDEN)
    }
}

/// Reads a little past the limit at most. Pipes and devices are refused: they may never answer,
/// and a secret is read anew for every call.
fn read_bounded(path: &Path) -> Result<String, std::io::Error> {
    if !fs::metadata(path)?.is_file() {
        return Err(std::io::Error::other("it is no regular file"));
    }
    let limit = u64::try_from(SECRET_BYTES_MAX).unwrap_or(u64::MAX);
    let mut text = String::new();
    File::open(path)?
        .take(limit.saturating_add(2))
        .read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use serde_json::json;

    use super::*;

    fn secret_file(text: &str) -> (tempfile::NamedTempFile, SecretSource) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        let source = SecretSource::File(file.path().to_owned());
        (file, source)
    }

    #[test]
    fn the_newline_at_the_end_of_a_file_is_no_part_of_the_secret() {
        let (_file, source) = secret_file("s3cr3t-token\n");
        assert_eq!(
            source.resolve().unwrap().after("Bearer "),
            "Bearer s3cr3t-token"
        );
    }

    #[test]
    fn what_cannot_be_a_secret_is_refused_by_its_place() {
        let (_file, empty) = secret_file(" \n");
        let (_file, long) = secret_file(&"x".repeat(SECRET_BYTES_MAX + 1));
        let missing = SecretSource::Env("COUNTERSIGN_TEST_NO_SUCH_VARIABLE".to_owned());
        assert!(
            missing
                .resolve()
                .unwrap_err()
                .contains("COUNTERSIGN_TEST_NO_SUCH_VARIABLE")
        );
        assert!(empty.resolve().unwrap_err().contains("empty"));
        let why = long.resolve().unwrap_err();
        assert!(why.contains("longer") && !why.contains("xxx"), "{why}");
    }

    #[test]
    fn an_echoed_secret_is_taken_out_everywhere() {
        let (_file, source) = secret_file("s3cr3t-token");
        let secret = source.resolve().unwrap();
        let mut answer = json!({"you sent s3cr3t-token": ["Bearer s3cr3t-token", 1, null]});
        secret.hide_in(&mut answer);
        assert_eq!(
            answer,
            json!({"you sent [secret]": ["Bearer [secret]", 1, null]})
        );
        assert_eq!(format!("{secret:?}"), "[secret]");
        // Basic authorization, RFC 7617: "user:s3cr3t-token".
        let mut text = "Authorization: Basic dXNlcjpzM2NyM3QtdG9rZW4=".to_owned();
        secret.hide(&mut text);
        assert!(!text.contains("zM2NyM3QtdG9r"), "{text}");
        let (_file, source) = secret_file("pass\"word\"");
        let mut text = r#"{"sent": "pass\"word\""}"#.to_owned();
        source.resolve().unwrap().hide(&mut text);
        assert_eq!(text, r#"{"sent": "[secret]"}"#);
    }
}
