//! A compute step sets state fields.

use crate::engine::advance::finish_step;
use crate::engine::draft::Draft;
use crate::engine::rejection::Rejection;
use crate::expr::Template;
use crate::workflow::Step;

pub(super) fn reach(
    draft: &mut Draft<'_>,
    step: &Step,
    set: &[(String, Template)],
) -> Result<(), Rejection> {
    let visit = draft.next_visit(&step.id);
    finish_step(draft, step, (visit, 1), set, None)
}
