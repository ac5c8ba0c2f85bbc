//! The line about a clock that jumped: on every screen while nobody has acknowledged it.

use crate::console::model::Model;
use crate::console::update::arrive;

/// Shows the line, or takes it away. It takes its row from the panes, so it waits while something
/// lies over them: nothing moves below a dialog.
pub fn settle(model: &mut Model) {
    let jumped = model.alerts.clock_jump().is_some();
    if model.banner == jumped || !model.overlays.is_empty() {
        return;
    }
    model.banner = jumped;
    model.dirty = true;
    arrive::resized(model);
}
