//! Functions over lists.

use std::collections::BTreeMap;

use cel::ExecutionError;
use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelString, Kind};
use cel::common::value::{CowVal, Val};

use super::money::{lift_money, read_money};
use super::walk::within_list_limit;
use crate::domain::Money;
use crate::expr::object::Object;
use crate::expr::value::{refusal, text_of, weight};
use crate::expr::wording::type_word;

/// `sum(list)`: of numbers, or of money in one currency. An empty list sums to the integer 0.
pub(super) fn sum<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [list] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(1, args.len()));
    };
    let items = within_list_limit(list.as_ref())?;
    let Some(first) = items.first() else {
        return Ok(CowVal::owned(CelInt::from(0)));
    };
    match first.get_type().kind() {
        Kind::Int | Kind::Double => sum_numbers(items).map(CowVal::Owned),
        _ => sum_money(items).map(|sum| CowVal::Owned(lift_money(&sum))),
    }
}

/// `count(list)`: how many elements it has.
pub(super) fn count<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [list] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(1, args.len()));
    };
    let items = within_list_limit(list.as_ref())?;
    let count = i64::try_from(items.len()).unwrap_or(i64::MAX);
    Ok(CowVal::owned(CelInt::from(count)))
}

/// `group_by(list, field, @evaluation)`: `[{"key": …, "items": […]}]`, sorted by key, items in their order.
/// Keys are text, integers, or true and false.
pub(super) fn group_by<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let [list, field, account] = args.as_slice() else {
        return Err(ExecutionError::invalid_argument_count(2, args.len()));
    };
    let evaluation = super::walk::account(Some(account.clone()))?;
    let field = text_of(field.as_ref())
        .ok_or_else(|| refused("group_by", "the field is named by text".to_owned()))?;
    let mut groups: BTreeMap<GroupKey, Vec<Box<dyn Val + 'v>>> = BTreeMap::new();
    for item in within_list_limit(list.as_ref())? {
        let members = item.as_indexer().ok_or_else(|| {
            let word = type_word(item.get_type().name());
            refused(
                "group_by",
                format!("the list must hold objects; one element is {word}"),
            )
        })?;
        let key = GroupKey::read(members.get(&CelString::from(field))?.as_ref())?;
        evaluation.spend(weight(item.as_ref()))?;
        groups.entry(key).or_default().push(item.clone_as_boxed());
    }
    let groups: Vec<Box<dyn Val + 'v>> = groups
        .into_iter()
        .map(|(key, items)| {
            let mut members: BTreeMap<String, Box<dyn Val + 'v>> = BTreeMap::new();
            members.insert("key".to_owned(), key.lift());
            members.insert("items".to_owned(), Box::new(CelList::from(items)));
            Box::new(Object::built(members, Some(evaluation.clone()))) as Box<dyn Val + 'v>
        })
        .collect();
    Ok(CowVal::owned(CelList::from(groups)))
}

#[derive(PartialEq, Eq, PartialOrd, Ord)]
enum GroupKey {
    Bool(bool),
    Int(i64),
    Text(String),
}

impl GroupKey {
    fn read(value: &dyn Val) -> Result<Self, ExecutionError> {
        if let Some(text) = text_of(value) {
            return Ok(Self::Text(text.to_owned()));
        }
        if let Some(number) = value.downcast_ref::<CelInt>() {
            return Ok(Self::Int(*number.inner()));
        }
        if let Some(truth) = value.downcast_ref::<CelBool>() {
            return Ok(Self::Bool(*truth.inner()));
        }
        let word = type_word(value.get_type().name());
        Err(refused("group_by", format!("{word} is no key to group by")))
    }

    fn lift<'v>(self) -> Box<dyn Val + 'v> {
        match self {
            Self::Bool(value) => Box::new(CelBool::from(value)),
            Self::Int(value) => Box::new(CelInt::from(value)),
            Self::Text(value) => Box::new(CelString::from(value)),
        }
    }
}

/// Integers sum as integers; one decimal number makes the whole sum decimal.
fn sum_numbers<'v>(items: &[Box<dyn Val + 'v>]) -> Result<Box<dyn Val + 'v>, ExecutionError> {
    let mut whole = 0_i64;
    let mut decimal: Option<f64> = None;
    for item in items {
        if let Some(number) = item.downcast_ref::<CelInt>() {
            whole = whole
                .checked_add(*number.inner())
                .ok_or_else(|| refused("sum", "the sum is too large".to_owned()))?;
        } else if let Some(number) = item.downcast_ref::<CelDouble>() {
            decimal = Some(decimal.unwrap_or_default() + number.inner());
        } else {
            let word = type_word(item.get_type().name());
            return Err(refused("sum", format!("{word} stands among numbers")));
        }
    }
    Ok(match decimal {
        #[expect(
            clippy::cast_precision_loss,
            reason = "a sum with decimals is a double"
        )]
        Some(decimal) => Box::new(CelDouble::from(decimal + whole as f64)),
        None => Box::new(CelInt::from(whole)),
    })
}

fn sum_money(items: &[Box<dyn Val + '_>]) -> Result<Money, ExecutionError> {
    let mut total: Option<Money> = None;
    for item in items {
        let money = read_money(item.as_ref())?;
        total = Some(match total {
            None => money,
            Some(sum) => sum
                .plus(&money)
                .map_err(|error| refused("sum", error.to_string()))?,
        });
    }
    total.ok_or_else(|| refusal("the list is empty".to_owned()))
}

fn refused(function: &str, message: String) -> ExecutionError {
    ExecutionError::function_error(function, message)
}
