//! The definitions at hand: the shipped ones, those registered in the store, and those a caller
//! brought. A run is pinned to one by digest; each is compiled once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::{Digest, Timestamp};
use crate::engine::Authority;
use crate::runtime::RuntimeError;
use crate::store::SharedStore;
use crate::workflow::{Definition, SourceFile, ToolBox, check, from_bundle, shipped};

pub(super) struct Library {
    store: SharedStore,
    compiled: Mutex<BTreeMap<Digest, Arc<Definition>>>,
    /// The shipped definitions that were asked for, by name.
    shipped: Mutex<BTreeMap<String, Arc<Definition>>>,
    /// Digests that are registered in the store for certain.
    registered: Mutex<BTreeSet<Digest>>,
}

impl Library {
    pub(super) fn new(store: SharedStore) -> Self {
        Self {
            store,
            compiled: Mutex::default(),
            shipped: Mutex::default(),
            registered: Mutex::default(),
        }
    }

    /// The definition a run is pinned to.
    pub(super) fn pinned(&self, digest: Digest) -> Result<Arc<Definition>, RuntimeError> {
        if let Some(known) = lock(&self.compiled).get(&digest) {
            return Ok(Arc::clone(known));
        }
        let unusable = |why: String| RuntimeError::Definition {
            digest: digest.to_string(),
            why,
        };
        let bundle = self
            .store
            .definition(digest)?
            .ok_or_else(|| unusable("the store does not hold it".to_owned()))?;
        let definition = from_bundle(&bundle).map_err(|error| unusable(error.to_string()))?;
        if definition.digest != digest {
            return Err(unusable("the store's copy has another digest".to_owned()));
        }
        lock(&self.compiled).insert(digest, Arc::clone(&definition));
        Ok(definition)
    }

    /// Makes sure that runs of this definition can be taken up by any process later.
    pub(super) fn register(
        &self,
        definition: &Arc<Definition>,
        at: Timestamp,
        by: &Authority,
    ) -> Result<(), RuntimeError> {
        if lock(&self.registered).contains(&definition.digest) {
            return Ok(());
        }
        let (name, digest) = (&definition.name, definition.digest);
        self.store
            .register_definition(name, digest, &definition.bundle, at, by)?;
        lock(&self.compiled).insert(digest, Arc::clone(definition));
        lock(&self.registered).insert(digest);
        Ok(())
    }

    /// The definition of this name: the shipped one, else the one registered last.
    pub(super) fn named(&self, name: &str) -> Result<Arc<Definition>, RuntimeError> {
        if let Some(definition) = self.shipped_named(name)? {
            return Ok(definition);
        }
        let registered = self.store.definitions()?;
        let newest = registered
            .iter()
            .rev()
            .find(|(known, _, _)| known.as_str() == name);
        match newest {
            Some((_, digest, _)) => self.pinned(*digest),
            None => Err(RuntimeError::NoSuchWorkflow(name.to_owned())),
        }
    }

    /// Every definition by name, sorted.
    pub(super) fn all(&self) -> Result<Vec<Arc<Definition>>, RuntimeError> {
        let mut names = BTreeSet::new();
        for file in &shipped().workflows {
            names.insert(shipped_name(file).to_owned());
        }
        for (name, _, _) in self.store.definitions()? {
            names.insert(name.to_string());
        }
        names.iter().map(|name| self.named(name)).collect()
    }

    fn shipped_named(&self, name: &str) -> Result<Option<Arc<Definition>>, RuntimeError> {
        let files = shipped();
        let Some(file) = files
            .workflows
            .iter()
            .find(|file| shipped_name(file) == name)
        else {
            return Ok(None);
        };
        if let Some(known) = lock(&self.shipped).get(name) {
            return Ok(Some(Arc::clone(known)));
        }
        let (tools, _) = ToolBox::load(&files.tools);
        let definition = check(file, &tools)
            .definition
            .ok_or_else(|| RuntimeError::NoSuchWorkflow(name.to_owned()))?;
        lock(&self.shipped).insert(name.to_owned(), Arc::clone(&definition));
        lock(&self.compiled).insert(definition.digest, Arc::clone(&definition));
        Ok(Some(definition))
    }
}

/// A shipped file is named after its workflow.
fn shipped_name(file: &SourceFile) -> &str {
    let name = file.name.rsplit('/').next().unwrap_or(&file.name);
    name.strip_suffix(".yaml").unwrap_or(name)
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
