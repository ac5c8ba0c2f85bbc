//! The person's own editor on a text of ours.

use std::io::{Read as _, Write as _};
use std::process::Command;

use crate::domain::limits::EVENT_BYTES_MAX;

/// Opens `VISUAL` or `EDITOR` on a file that nobody else can read. None where it was left with an
/// error, or without saving anything else than what was given.
pub(super) fn edit(text: &str) -> std::io::Result<Option<String>> {
    let wish = std::env::var_os("VISUAL").or_else(|| std::env::var_os("EDITOR"));
    let Some(wish) = wish.filter(|wish| !wish.is_empty()) else {
        return Err(std::io::Error::other(
            "no editor is set: set EDITOR, as in EDITOR=vi",
        ));
    };
    let mut file = tempfile::Builder::new()
        .prefix("countersign-")
        .suffix(".json")
        .tempfile()?;
    file.write_all(text.as_bytes())?;
    file.flush()?;
    let wish = wish.to_string_lossy().into_owned();
    let mut words = wish.split_whitespace();
    let program = words.next().unwrap_or("vi");
    let status = Command::new(program).args(words).arg(file.path()).status();
    let status = status.map_err(|error| {
        std::io::Error::new(
            error.kind(),
            format!("the editor `{program}` cannot start: {error}"),
        )
    })?;
    if !status.success() {
        return Ok(None);
    }
    // Editors replace the file: read what stands under the name now.
    let mut edited = Vec::new();
    let limit = u64::try_from(EVENT_BYTES_MAX).unwrap_or(u64::MAX);
    std::fs::File::open(file.path())?
        .take(limit.saturating_add(1))
        .read_to_end(&mut edited)?;
    let whole = edited.len() <= EVENT_BYTES_MAX;
    match String::from_utf8(edited) {
        Ok(edited) if whole => Ok((edited != text).then_some(edited)),
        Ok(_) => Err(kept(
            file,
            &format!("it is larger than {EVENT_BYTES_MAX} bytes"),
        )),
        Err(error) => Err(kept(file, &error.to_string())),
    }
}

/// What was written is not thrown away because it cannot be read.
fn kept(file: tempfile::NamedTempFile, why: &str) -> std::io::Error {
    match file.keep() {
        Ok((_, path)) => std::io::Error::other(format!(
            "what you wrote cannot be taken over: {why}; it stays in {}",
            path.display()
        )),
        Err(error) => error.error,
    }
}
