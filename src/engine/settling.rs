//! How an effect of unknown outcome may be settled.

use crate::workflow::Tool;

/// How an unknown outcome may be settled now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settle {
    /// The target still keeps the key: sent again, it performs the effect at most once.
    Key,
    /// The target can be asked.
    Probe,
    /// Neither: a person must say.
    Person,
}

/// How an effect of `tool` may be settled, `age_ms` after its first INTENT. `left` tells that it is
/// to be undone or left: then it is rather asked about than sent again, which may do it.
pub fn settle_by(tool: &Tool, age_ms: i64, left: bool) -> Settle {
    let kept = tool.key_kept_ms.is_none_or(|kept_ms| age_ms < kept_ms);
    let asked = left && tool.probe.is_some();
    if tool.manifest.key.is_some() && kept && !asked {
        Settle::Key
    } else if tool.probe.is_some() {
        Settle::Probe
    } else {
        Settle::Person
    }
}
