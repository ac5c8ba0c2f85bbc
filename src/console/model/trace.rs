//! The run beside the packet that belongs to it.

use crate::console::message::RunRead;
use crate::console::model::Sheet;
use crate::domain::RunId;

#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// The run that was asked for; none where there is no room to show it.
    pub wanted: Option<RunId>,
    /// The run that was read last.
    pub read: Option<Box<RunRead>>,
    pub sheet: Sheet,
    /// Why the wanted run is not here.
    pub trouble: Option<String>,
}

impl Trace {
    /// The wanted run, once it was read.
    pub fn current(&self) -> Option<&RunRead> {
        let read = self.read.as_deref()?;
        (Some(read.detail.row.run) == self.wanted).then_some(read)
    }
}
