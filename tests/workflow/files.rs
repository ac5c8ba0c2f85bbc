//! The example files beside these tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use countersign::workflow::{SourceFile, ToolBox, shipped};

/// A folder of these tests.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/workflow")
        .join(name)
}

/// Every YAML file of a folder, in the order of the names.
pub(crate) fn yaml_files(name: &str) -> Vec<SourceFile> {
    let mut files: Vec<SourceFile> = fs::read_dir(folder(name))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "yaml")
        })
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            SourceFile::new(name, fs::read_to_string(&path).unwrap())
        })
        .collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    files
}

/// The tools that the examples call: the shipped ones, and those of `tools/`.
pub(crate) fn tools() -> &'static ToolBox {
    static TOOLS: LazyLock<ToolBox> = LazyLock::new(|| {
        let mut files = yaml_files("tools");
        files.extend(shipped().tools.iter().cloned());
        ToolBox::load(&files).0
    });
    &TOOLS
}
