//! JSON objects as CEL maps.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use cel::ExecutionError;
use cel::common::traits::{Container, Indexer, Iterable, Iterator, Sizer};
use cel::common::types::{CelInt, CelString, Kind, MAP_TYPE, Type};
use cel::common::value::{CowVal, Val};
use serde_json::{Map, Value};

use crate::expr::evaluation::Evaluation;
use crate::expr::value::{lift, weight};

static MAP: Type = MAP_TYPE;

/// A CEL map with text keys in sorted order. Members of a JSON object are lifted when they are
/// read, one by one; the whole object never is.
///
/// It replaces the crate's own map, whose order is random. Only functions may see the keys:
/// `guard` keeps comprehensions from walking them.
#[derive(Clone, Debug)]
pub(super) struct Object<'v> {
    members: Members<'v>,
    keys: OnceLock<Vec<CelString<'v>>>,
}

#[derive(Clone, Debug)]
enum Members<'v> {
    Json(&'v Map<String, Value>, &'v Evaluation),
    /// With the account on which reading a member is booked; none where members are small.
    Built(Arc<BTreeMap<String, Box<dyn Val + 'v>>>, Option<Evaluation>),
}

impl<'v> Object<'v> {
    pub(super) fn json(map: &'v Map<String, Value>, evaluation: &'v Evaluation) -> Self {
        Self::of(Members::Json(map, evaluation))
    }

    pub(super) fn built(
        members: BTreeMap<String, Box<dyn Val + 'v>>,
        evaluation: Option<Evaluation>,
    ) -> Self {
        Self::of(Members::Built(Arc::new(members), evaluation))
    }

    fn of(members: Members<'v>) -> Self {
        Self {
            members,
            keys: OnceLock::new(),
        }
    }

    fn len(&self) -> usize {
        match &self.members {
            Members::Json(map, _) => map.len(),
            Members::Built(map, _) => map.len(),
        }
    }

    fn keys(&self) -> &[CelString<'v>] {
        self.keys.get_or_init(|| match &self.members {
            Members::Json(map, _) => {
                let mut keys: Vec<&'v str> = map.keys().map(String::as_str).collect();
                keys.sort_unstable();
                keys.into_iter().map(CelString::from).collect()
            }
            Members::Built(map, _) => map.keys().cloned().map(CelString::from).collect(),
        })
    }
}

impl Val for Object<'_> {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &MAP
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'w>(&'b self) -> Option<&'b (dyn Indexer + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_iterable<'b, 'w>(&'b self) -> Option<&'b (dyn Iterable + 'w)>
    where
        Self: 'w,
    {
        Some(self)
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        Some(self)
    }

    fn equals(&self, other: &dyn Val) -> bool {
        let (Some(sizer), Some(indexer)) = (other.as_sizer(), other.as_indexer()) else {
            return false;
        };
        other.get_type().kind() == Kind::Map
            && usize::try_from(*sizer.size().inner()).is_ok_and(|size| size == self.len())
            && self
                .keys()
                .iter()
                .all(|key| match (self.get(key), indexer.get(key)) {
                    (Ok(mine), Ok(theirs)) => mine.equals(theirs.as_ref()),
                    _ => false,
                })
    }

    fn clone_as_boxed<'w>(&self) -> Box<dyn Val + 'w>
    where
        Self: 'w,
    {
        Box::new(Self::of(self.members.clone()))
    }
}

impl Indexer for Object<'_> {
    fn get<'b, 'w>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'w>, ExecutionError>
    where
        Self: 'w,
    {
        let key = text_key(index)?;
        let missing = || ExecutionError::no_such_key(key);
        match &self.members {
            Members::Json(map, evaluation) => {
                let value = map.get(key).ok_or_else(missing)?;
                lift(value, evaluation).map(CowVal::Owned)
            }
            Members::Built(map, evaluation) => {
                let value = map.get(key).ok_or_else(missing)?.as_ref();
                if let Some(evaluation) = evaluation {
                    evaluation.spend(weight(value))?;
                }
                Ok(CowVal::Borrowed(value))
            }
        }
    }

    fn steal<'w>(self: Box<Self>, index: &dyn Val) -> Result<Box<dyn Val + 'w>, ExecutionError>
    where
        Self: 'w,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl Container for Object<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        let key = text_key(value)?;
        Ok(match &self.members {
            Members::Json(map, _) => map.contains_key(key),
            Members::Built(map, _) => map.contains_key(key),
        })
    }
}

impl Sizer for Object<'_> {
    fn size(&self) -> CelInt {
        i64::try_from(self.len()).unwrap_or(i64::MAX).into()
    }
}

impl Iterable for Object<'_> {
    fn iter<'b, 'w>(&'b self) -> Box<dyn Iterator<'b, 'w> + 'b>
    where
        Self: 'w,
    {
        Box::new(Keys {
            rest: self.keys().iter(),
        })
    }
}

struct Keys<'b, 'v> {
    rest: std::slice::Iter<'b, CelString<'v>>,
}

impl<'b, 'v: 'w, 'w> Iterator<'b, 'w> for Keys<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.rest.next().map(|key| key as &(dyn Val + 'w))
    }
}

fn text_key(index: &dyn Val) -> Result<&str, ExecutionError> {
    index
        .downcast_ref::<CelString<'_>>()
        .map(CelString::inner)
        .ok_or_else(|| ExecutionError::UnexpectedType {
            got: index.get_type().name().to_owned(),
            want: "string".to_owned(),
        })
}
