//! The tools a workflow may be checked against, compiled from their files.

mod compile;
mod inspect;
mod request;
mod safety;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::workflow::check;
use crate::workflow::check::sink::Sink;
use crate::workflow::definition::Tool;
use crate::workflow::diagnostic::{Code, Diagnostic, Finding};
use crate::workflow::error::BundleError;
use crate::workflow::source::SourceFile;
use crate::workflow::tree::Node;

pub(crate) use inspect::Outline;

/// Tools by name. A tool whose file has errors is known by name alone and cannot be used.
#[derive(Debug, Default)]
pub struct ToolBox {
    tools: BTreeMap<String, Arc<Tool>>,
    /// The files of tools that cannot be used, by tool.
    broken: BTreeMap<String, String>,
}

impl ToolBox {
    /// Compiles tool files; answers every mistake of all of them, file by file.
    pub fn load(files: &[SourceFile]) -> (Self, Vec<Diagnostic>) {
        let mut sinks: Vec<Sink<'_>> = files.iter().map(Sink::new).collect();
        let roots: Vec<Option<Node>> = files
            .iter()
            .zip(&mut sinks)
            .map(|(file, sink)| check::read(file, sink))
            .collect();
        let mut outlines = BTreeMap::new();
        for (root, sink) in roots.iter().zip(&mut sinks) {
            if let Some((name, outline)) = root.as_ref().and_then(Outline::of) {
                report_second(root.as_ref(), name, &outlines, sink);
                outlines.entry(name.to_owned()).or_insert(outline);
            }
        }
        let mut loaded = Self::default();
        for ((file, root), sink) in files.iter().zip(&roots).zip(&mut sinks) {
            if let Some(root) = root {
                loaded.add(&file.name, root, &outlines, sink);
            }
        }
        loaded.drop_dependents();
        let diagnostics = sinks.into_iter().flat_map(Sink::finish).collect();
        (loaded, diagnostics)
    }

    /// Compiles the manifests of a stored definition.
    pub(crate) fn of_bundle(
        manifests: &serde_json::Map<String, Value>,
    ) -> Result<Self, BundleError> {
        let files: Vec<SourceFile> = manifests
            .keys()
            .map(|name| SourceFile::new(name.clone(), ""))
            .collect();
        let roots: Vec<Node> = manifests.values().map(Node::from_json).collect();
        let outlines: BTreeMap<String, Outline> = roots
            .iter()
            .filter_map(Outline::of)
            .map(|(name, outline)| (name.to_owned(), outline))
            .collect();
        let mut loaded = Self::default();
        let mut diagnostics = Vec::new();
        for (file, root) in files.iter().zip(&roots) {
            let mut sink = Sink::new(file);
            loaded.add(&file.name, root, &outlines, &mut sink);
            diagnostics.extend(sink.finish());
        }
        BundleError::of_mistakes(diagnostics)?;
        Ok(loaded)
    }

    pub fn get(&self, name: &str) -> Option<&Arc<Tool>> {
        self.tools.get(name)
    }

    /// Names of the tools that can be used, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.tools.keys().map(String::as_str)
    }

    /// The file of a tool that cannot be used because of its errors.
    pub fn broken_file(&self, name: &str) -> Option<&str> {
        self.broken.get(name).map(String::as_str)
    }

    fn add(
        &mut self,
        file: &str,
        root: &Node,
        outlines: &BTreeMap<String, Outline>,
        sink: &mut Sink<'_>,
    ) {
        let before = sink.errors();
        inspect::tool(root, outlines, sink);
        let name = root.entry("tool").and_then(|entry| entry.value.text());
        if sink.errors() > before {
            if let Some(name) = name {
                self.broken.insert(name.to_owned(), file.to_owned());
            }
            return;
        }
        match compile::tool(root.to_json()) {
            Ok(tool) => {
                let name = tool.name.to_string();
                self.tools.entry(name).or_insert_with(|| Arc::new(tool));
            }
            Err(error) => {
                let message = format!("every check passed, yet it does not compile: {error}");
                sink.report(&root.span, Finding::error(Code::WrongType, message));
            }
        }
    }

    /// A tool whose probe or undo cannot be used cannot be used either.
    fn drop_dependents(&mut self) {
        loop {
            let orphan = self.tools.iter().find_map(|(name, tool)| {
                let missing = needs(tool).find(|other| !self.tools.contains_key(*other))?;
                let file = self.broken.get(missing).map_or(missing, String::as_str);
                Some((name.clone(), file.to_owned()))
            });
            let Some((name, file)) = orphan else { return };
            self.tools.remove(&name);
            self.broken.insert(name, file);
        }
    }
}

/// The tools that a tool cannot do without: its probe and its undo.
pub(crate) fn needs(tool: &Tool) -> impl Iterator<Item = &str> {
    let probe = tool
        .manifest
        .probe
        .as_ref()
        .map(|probe| probe.tool.as_str());
    let undo = tool.manifest.compensate.as_ref();
    probe.into_iter().chain(undo.map(|undo| undo.tool.as_str()))
}

fn report_second(
    root: Option<&Node>,
    name: &str,
    known: &BTreeMap<String, Outline>,
    sink: &mut Sink<'_>,
) {
    if let Some(entry) = root.and_then(|root| root.entry("tool"))
        && known.contains_key(name)
    {
        let message = format!("another file defines the tool `{name}` already");
        sink.report(
            &entry.value.span,
            Finding::error(Code::DuplicateId, message),
        );
    }
}
