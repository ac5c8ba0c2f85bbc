//! Faults: how a service is to misbehave, how often, and which one strikes next.

use std::collections::VecDeque;
use std::fs::{self, File};
use std::io::{self, ErrorKind, Read as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::error::SandboxError;
use super::service;
use crate::domain::limits::{
    SANDBOX_FAULT_DELAY_MS_MAX, SANDBOX_FAULT_FILE_BYTES_MAX, SANDBOX_FAULT_TIMES_MAX,
    SANDBOX_FAULTS_MAX,
};

/// Stands for every operation of a service.
const ANY: &str = "*";

/// One kind of misbehaviour of one operation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// `erp`, `register` …
    pub service: String,
    /// An operation of the service, or `*`.
    pub operation: String,
    pub kind: FaultKind,
    /// Requests it strikes before it is spent.
    #[serde(default = "once")]
    pub times: u32,
    /// Waits this long before the outcome; where something is done, it is done first.
    #[serde(default)]
    pub delay_ms: u64,
}

/// What happens to a request that a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FaultKind {
    /// Done at once, answered late.
    Delay,
    /// Not done; 429 with `Retry-After`.
    #[serde(rename = "status_429")]
    Status429,
    /// Not done; 500.
    #[serde(rename = "status_500")]
    Status500,
    /// Not done; 503 with `Retry-After`.
    #[serde(rename = "status_503")]
    Status503,
    /// Not done; the connection is reset.
    ResetBefore,
    /// Done; the connection is reset before any byte of the answer.
    ResetAfter,
    /// Done; the answer announces its whole length and stops in the middle of its body.
    Truncated,
}

/// Why a fault is refused, as a sentence for its author.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum FaultError {
    #[error("this is no fault: {0}")]
    Shape(String),
    #[error("the sandbox has no service `{name}`; it has {known}")]
    Service { name: String, known: String },
    #[error("{service} has no operation `{name}`; it has {known}, and `*` means all of them")]
    Operation {
        service: String,
        name: String,
        known: String,
    },
    #[error("times is {0}; it must be from 1 to {SANDBOX_FAULT_TIMES_MAX}")]
    Times(u32),
    #[error("delay_ms is {0}; it must be at most {SANDBOX_FAULT_DELAY_MS_MAX}")]
    DelayTooLong(u64),
    #[error("a delay needs delay_ms above 0")]
    NoDelay,
    #[error("{SANDBOX_FAULTS_MAX} faults are set already; clear them with DELETE /_faults")]
    TooMany,
}

/// The faults that are set, in the order in which they strike.
#[derive(Debug, Default)]
pub(super) struct Faults(VecDeque<Fault>);

impl Faults {
    /// Reads a JSON list of faults.
    pub(super) fn load(path: PathBuf) -> Result<Self, SandboxError> {
        match read(&path) {
            Ok(text) => Self::parse(&text).map_err(|error| error.to_string()),
            Err(source) if source.kind() == ErrorKind::InvalidInput => Err(source.to_string()),
            Err(source) => return Err(SandboxError::ReadFaults { path, source }),
        }
        .map_err(|why| SandboxError::FaultFile { path, why })
    }

    fn parse(text: &[u8]) -> Result<Self, FaultError> {
        let list: Vec<Fault> =
            serde_json::from_slice(text).map_err(|error| FaultError::Shape(error.to_string()))?;
        let mut faults = Self::default();
        for fault in list {
            faults.set(fault)?;
        }
        Ok(faults)
    }

    /// Sets one more fault behind those set already.
    pub(super) fn set(&mut self, fault: Fault) -> Result<(), FaultError> {
        check(&fault)?;
        if self.0.len() >= SANDBOX_FAULTS_MAX {
            return Err(FaultError::TooMany);
        }
        self.0.push_back(fault);
        Ok(())
    }

    /// The fault that strikes this request, if any; the first one set wins.
    pub(super) fn strike(&mut self, service: &str, operation: &str) -> Option<Fault> {
        let at = self.0.iter().position(|fault| {
            fault.service == service && (fault.operation == ANY || fault.operation == operation)
        })?;
        let fault = self.0.get_mut(at)?;
        let struck = fault.clone();
        fault.times = fault.times.saturating_sub(1);
        if fault.times == 0 {
            self.0.remove(at);
        }
        Some(struck)
    }

    pub(super) fn active(&self) -> Vec<Fault> {
        self.0.iter().cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.0.clear();
    }
}

/// Reads the file whole. A pipe would wait for a writer and a device may never end.
fn read(path: &Path) -> io::Result<Vec<u8>> {
    let invalid = |why: String| Err(io::Error::new(ErrorKind::InvalidInput, why));
    if !fs::metadata(path)?.is_file() {
        return invalid("it is no regular file".to_owned());
    }
    let mut text = Vec::new();
    File::open(path)?
        .take(SANDBOX_FAULT_FILE_BYTES_MAX + 1)
        .read_to_end(&mut text)?;
    if text.len() as u64 > SANDBOX_FAULT_FILE_BYTES_MAX {
        return invalid(format!(
            "it is larger than {SANDBOX_FAULT_FILE_BYTES_MAX} bytes"
        ));
    }
    Ok(text)
}

fn once() -> u32 {
    1
}

fn check(fault: &Fault) -> Result<(), FaultError> {
    let Some(service) = service::ALL
        .iter()
        .find(|known| known.name == fault.service)
    else {
        let known: Vec<_> = service::ALL.iter().map(|known| known.name).collect();
        return Err(FaultError::Service {
            name: fault.service.clone(),
            known: known.join(", "),
        });
    };
    if fault.operation != ANY && !service.operations.contains(&fault.operation.as_str()) {
        return Err(FaultError::Operation {
            service: fault.service.clone(),
            name: fault.operation.clone(),
            known: service.operations.join(", "),
        });
    }
    if !(1..=SANDBOX_FAULT_TIMES_MAX).contains(&fault.times) {
        return Err(FaultError::Times(fault.times));
    }
    if fault.delay_ms > SANDBOX_FAULT_DELAY_MS_MAX {
        return Err(FaultError::DelayTooLong(fault.delay_ms));
    }
    if fault.kind == FaultKind::Delay && fault.delay_ms == 0 {
        return Err(FaultError::NoDelay);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(operation: &str, kind: FaultKind, times: u32) -> Fault {
        Fault {
            service: "erp".to_owned(),
            operation: operation.to_owned(),
            kind,
            times,
            delay_ms: 0,
        }
    }

    #[test]
    fn the_first_fault_that_fits_strikes_and_is_spent_after_its_times() {
        let mut faults = Faults::default();
        faults
            .set(fault("commit_order", FaultKind::Status503, 2))
            .unwrap();
        faults.set(fault("*", FaultKind::ResetAfter, 1)).unwrap();
        assert_eq!(faults.strike("register", "lookup"), None);
        let struck: Vec<_> = (0..4)
            .map(|_| faults.strike("erp", "commit_order").map(|fault| fault.kind))
            .collect();
        assert_eq!(
            struck,
            [
                Some(FaultKind::Status503),
                Some(FaultKind::Status503),
                Some(FaultKind::ResetAfter),
                None
            ]
        );
    }

    #[test]
    fn a_fault_that_could_never_strike_is_refused() {
        let mut faults = Faults::default();
        let mut elsewhere = fault("*", FaultKind::Status500, 1);
        elsewhere.service = "erq".to_owned();
        assert!(matches!(
            faults.set(elsewhere),
            Err(FaultError::Service { .. })
        ));
        let typo = fault("commit_ordr", FaultKind::Status500, 1);
        assert!(matches!(
            faults.set(typo),
            Err(FaultError::Operation { .. })
        ));
        let never = fault("*", FaultKind::Status500, 0);
        assert_eq!(faults.set(never), Err(FaultError::Times(0)));
        let no_delay = fault("*", FaultKind::Delay, 1);
        assert_eq!(faults.set(no_delay), Err(FaultError::NoDelay));
    }
}
