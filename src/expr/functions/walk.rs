//! The functions that `guard` puts into a tree.

use std::collections::BTreeMap;

use cel::ExecutionError;
use cel::common::types::{CelInt, CelNull, Kind};
use cel::common::value::{CowVal, Val};

use crate::domain::limits::EXPRESSION_LIST_MAX;
use crate::expr::evaluation::Evaluation;
use crate::expr::object::Object;
use crate::expr::value::{items_of, lower, refusal, text_of, weight};
use crate::expr::wording::type_word;

/// Members of one map literal. Overloads are found by their number of arguments, so there is one
/// for each count.
pub(in crate::expr) const OBJECT_MEMBERS_MAX: usize = 64;

/// `@walk(list, @evaluation, cost)`: a list of at most [`EXPRESSION_LIST_MAX`] elements, booked
/// with what its steps cost.
pub(super) fn walk<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let cost = args.get(2).and_then(|cost| cost.downcast_ref::<CelInt>());
    let cost = cost
        .and_then(|cost| usize::try_from(*cost.inner()).ok())
        .unwrap_or(1);
    let (list, evaluation) = with_evaluation(args)?;
    let length = within_list_limit(list.as_ref())?.len();
    evaluation.spend(
        length
            .saturating_mul(cost)
            .saturating_add(weight(list.as_ref())),
    )?;
    Ok(list)
}

/// `@keep(value, @evaluation)`: the value, booked by its size.
pub(super) fn keep<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let (value, evaluation) = with_evaluation(args)?;
    evaluation.spend(weight(value.as_ref()))?;
    Ok(value)
}

/// `@answer(value, @evaluation)`: hands the value, as JSON, to the evaluation.
pub(super) fn answer<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let (value, evaluation) = with_evaluation(args)?;
    evaluation.answer(lower(value.as_ref())?);
    Ok(CowVal::owned(CelNull))
}

/// `@object(@evaluation, key, value, …)`: the map of a literal, its keys text and each named once.
pub(super) fn object<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let mut members: BTreeMap<String, Box<dyn Val + 'v>> = BTreeMap::new();
    let mut args = args.into_iter();
    let evaluation = account(args.next())?;
    while let (Some(key), Some(value)) = (args.next(), args.next()) {
        let Some(name) = text_of(key.as_ref()) else {
            return Err(refusal(format!(
                "a key of an object is text; this one is {}",
                type_word(key.get_type().name())
            )));
        };
        if members
            .insert(name.to_owned(), value.into_owned())
            .is_some()
        {
            return Err(refusal(format!("the object names `{name}` twice")));
        }
    }
    Ok(CowVal::owned(Object::built(members, Some(evaluation))))
}

/// The elements of a list short enough to walk.
pub(super) fn within_list_limit<'b, 'v>(
    value: &'b (dyn Val + 'v),
) -> Result<&'b [Box<dyn Val + 'v>], ExecutionError> {
    if value.get_type().kind() == Kind::Map {
        return Err(refusal(
            "an object cannot be walked, because its members have no order; keep a list instead"
                .to_owned(),
        ));
    }
    let items = items_of(value).ok_or_else(|| {
        refusal(format!(
            "only a list can be walked; this is {}",
            type_word(value.get_type().name())
        ))
    })?;
    if items.len() > EXPRESSION_LIST_MAX {
        return Err(refusal(format!(
            "the list has {} elements; an expression walks at most {EXPRESSION_LIST_MAX}",
            items.len()
        )));
    }
    Ok(items)
}

/// The account among the arguments.
pub(super) fn account(argument: Option<CowVal<'_, '_>>) -> Result<Evaluation, ExecutionError> {
    argument
        .as_ref()
        .and_then(|account| account.downcast_ref::<Evaluation>())
        .cloned()
        .ok_or_else(|| refusal("the evaluation has no account".to_owned()))
}

fn with_evaluation<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<(CowVal<'b, 'v>, Evaluation), ExecutionError> {
    let mut args = args.into_iter();
    let value = args
        .next()
        .ok_or_else(ExecutionError::missing_argument_or_target)?;
    Ok((value, account(args.next())?))
}
