//! Money in expressions: an object of `minor` and `currency`, or text such as `5000.00 USD`.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use cel::ExecutionError;
use cel::common::types::{CelBool, CelInt, CelString, Kind};
use cel::common::value::{CowVal, Val};

use crate::domain::Money;
use crate::domain::money::{MINOR_MAX, MoneyError};
use crate::expr::object::Object;
use crate::expr::value::{refusal, text_of};
use crate::expr::wording::type_word;

pub(super) fn at_least<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    compare("at_least", &args).map(|order| CowVal::owned(CelBool::from(order != Ordering::Less)))
}

pub(super) fn more_than<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    compare("more_than", &args)
        .map(|order| CowVal::owned(CelBool::from(order == Ordering::Greater)))
}

pub(super) fn money<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    only("money", &args).map(|money| CowVal::Owned(lift_money(&money)))
}

pub(super) fn decimal<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    only("decimal", &args).map(|money| CowVal::owned(CelString::from(money.decimal())))
}

pub(super) fn currency<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    only("currency", &args)
        .map(|money| CowVal::owned(CelString::from(money.currency.as_str().to_owned())))
}

pub(super) fn minor<'b, 'v>(args: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    only("minor", &args).map(|money| CowVal::owned(CelInt::from(money.minor)))
}

pub(super) fn abs_money<'b, 'v>(
    args: Vec<CowVal<'b, 'v>>,
) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let money = only("abs_money", &args)?;
    let minor = money.minor.abs();
    Ok(CowVal::Owned(lift_money(&Money { minor, ..money })))
}

/// Money written in an expression.
pub(in crate::expr) fn literal_money(text: &str) -> Result<Money, MoneyError> {
    text.parse()
}

/// Money as the object that expressions and JSON know.
pub(super) fn lift_money<'v>(money: &Money) -> Box<dyn Val + 'v> {
    let mut members: BTreeMap<String, Box<dyn Val + 'v>> = BTreeMap::new();
    members.insert("minor".to_owned(), Box::new(CelInt::from(money.minor)));
    members.insert(
        "currency".to_owned(),
        Box::new(CelString::from(money.currency.as_str().to_owned())),
    );
    Box::new(Object::built(members, None))
}

/// Reads money; a number never is any.
pub(super) fn read_money(value: &dyn Val) -> Result<Money, ExecutionError> {
    match value.get_type().kind() {
        Kind::String => text_of(value)
            .unwrap_or_default()
            .parse()
            .map_err(|error: MoneyError| refusal(error.to_string())),
        Kind::Map => read_object(value).ok_or_else(|| {
            refusal(
                "the object is no money: money has exactly `minor`, an integer, and `currency`"
                    .to_owned(),
            )
        }),
        _ => Err(refusal(format!(
            "money is an object or text such as \"5000.00 USD\"; this is {}",
            type_word(value.get_type().name())
        ))),
    }
}

fn read_object(value: &dyn Val) -> Option<Money> {
    if *value.as_sizer()?.size().inner() != 2 {
        return None;
    }
    let members = value.as_indexer()?;
    let minor = members.get(&CelString::from("minor")).ok()?;
    let minor = *minor.downcast_ref::<CelInt>()?.inner();
    let currency = members.get(&CelString::from("currency")).ok()?;
    let currency = text_of(currency.as_ref())?.parse().ok()?;
    (-MINOR_MAX..=MINOR_MAX)
        .contains(&minor)
        .then_some(Money { minor, currency })
}

fn compare(function: &str, args: &[CowVal<'_, '_>]) -> Result<Ordering, ExecutionError> {
    let [left, right] = args else {
        return Err(ExecutionError::invalid_argument_count(2, args.len()));
    };
    let (left, right) = (named(function, left)?, named(function, right)?);
    left.compare(&right)
        .map_err(|error| ExecutionError::function_error(function, error))
}

fn only(function: &str, args: &[CowVal<'_, '_>]) -> Result<Money, ExecutionError> {
    match args {
        [value] => named(function, value),
        _ => Err(ExecutionError::invalid_argument_count(1, args.len())),
    }
}

fn named(function: &str, value: &CowVal<'_, '_>) -> Result<Money, ExecutionError> {
    read_money(value.as_ref()).map_err(|error| match error {
        ExecutionError::FunctionError { message, .. } => {
            ExecutionError::function_error(function, message)
        }
        other => other,
    })
}
