//! The vendor register: who is a known business.
//!
//! It holds the vendors with ten or more orders in the shipped sample, and the vendor of the
//! first demo. Numbers and dates of registration are made up: the sample has none. A vendor's
//! country is not known either; the sample names the countries that ordered.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::similarity::Grams;
use super::{Service, need_text};
use crate::sandbox::error::SandboxError;
use crate::sandbox::misbehave::faulty;
use crate::sandbox::reply;
use crate::sandbox::world::World;

const NAME: &str = "register";
const LOOKUP: &str = "lookup";
const VENDORS: &str = include_str!("../../../assets/sandbox/register.csv");

/// The best match of a name that is not in the register: never as sure as a known one.
const INEXACT_MATCH_MAX: f64 = 0.99;

pub(super) const SERVICE: Service = Service {
    name: NAME,
    operations: &[LOOKUP],
    schema: "",
    routes,
};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct Registration {
    number: String,
    name: String,
    country: String,
    registered_on: String,
    status: String,
}

#[derive(Debug, Serialize)]
struct Answer<'a> {
    vendor: &'a str,
    validated: bool,
    /// From 0 to 1; 1 where the name is in the register letter by letter.
    #[serde(rename = "match")]
    similarity: f64,
    registration: Option<&'a Registration>,
}

#[derive(Debug, Deserialize)]
struct Asked {
    #[serde(default)]
    name: String,
}

/// All vendors, in memory.
#[derive(Debug)]
struct Register(Vec<(Registration, Grams)>);

fn routes(world: &Arc<World>) -> Result<Router, SandboxError> {
    let lookup = get(look_up).with_state(Arc::new(Register::load()?));
    Ok(Router::new().route("/register/vendors", faulty(world, NAME, LOOKUP, lookup)))
}

async fn look_up(State(register): State<Arc<Register>>, Query(asked): Query<Asked>) -> Response {
    match need_text("name", &asked.name) {
        Ok(()) => reply::json(StatusCode::OK, &register.answer(&asked.name)),
        Err(message) => reply::error(StatusCode::UNPROCESSABLE_ENTITY, "invalid_name", &message),
    }
}

impl Register {
    fn load() -> Result<Self, SandboxError> {
        let vendors = csv::Reader::from_reader(VENDORS.as_bytes())
            .deserialize()
            .map(|vendor: Result<Registration, _>| {
                vendor.map(|vendor| {
                    let grams = Grams::of(&vendor.name);
                    (vendor, grams)
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(Self(vendors))
    }

    fn answer<'a>(&'a self, name: &'a str) -> Answer<'a> {
        let exact = self.0.iter().find(|(vendor, _)| vendor.name == name);
        if let Some((vendor, _)) = exact {
            return Answer {
                vendor: name,
                validated: vendor.status == "active",
                similarity: 1.0,
                registration: Some(vendor),
            };
        }
        let asked = Grams::of(name);
        let best = self
            .0
            .iter()
            .map(|(_, grams)| grams.similarity(&asked))
            .fold(0.0, f64::max);
        Answer {
            vendor: name,
            validated: false,
            similarity: best.min(INEXACT_MATCH_MAX),
            registration: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;
    use crate::domain::Digest;

    /// The sample the register was made from.
    const ORDERS: &str = include_str!("../../../assets/data/purchase_orders.csv");
    const ORDERS_OF_A_KNOWN_VENDOR: usize = 10;

    #[test]
    fn the_register_holds_the_frequent_vendors_of_the_sample_and_one_more() {
        let mut orders: BTreeMap<String, usize> = BTreeMap::new();
        let mut reader = csv::Reader::from_reader(ORDERS.as_bytes());
        let vendor = reader
            .headers()
            .unwrap()
            .iter()
            .position(|name| name == "vendor")
            .unwrap();
        for row in reader.records() {
            *orders.entry(row.unwrap()[vendor].to_owned()).or_default() += 1;
        }
        assert_eq!(orders.len(), 65);
        let mut expected: BTreeSet<String> = orders
            .into_iter()
            .filter(|(_, count)| *count >= ORDERS_OF_A_KNOWN_VENDOR)
            .map(|(vendor, _)| vendor)
            .collect();
        assert_eq!(expected.len(), 24);
        expected.insert("Alpha Tech Systems".to_owned());
        let register = Register::load().unwrap();
        let held: BTreeSet<String> = register
            .0
            .iter()
            .map(|(vendor, _)| vendor.name.clone())
            .collect();
        assert_eq!(held, expected);
        assert_eq!(register.0.len(), expected.len());
    }

    #[test]
    fn numbers_follow_from_names() {
        for (vendor, _) in Register::load().unwrap().0 {
            let Digest([a, b, c, d, ..]) = Digest::of(vendor.name.as_bytes());
            let number = u32::from_be_bytes([a, b, c, d]) % 100_000_000;
            assert_eq!(vendor.number, format!("VR-{number:08}"));
        }
    }

    #[test]
    fn only_the_exact_name_is_validated() {
        let register = Register::load().unwrap();
        let known = register.answer("Alpha Tech Systems");
        assert!(known.validated && known.registration.is_some());
        assert!((known.similarity - 1.0).abs() < f64::EPSILON);
        for near in [
            "alpha tech systems",
            "Alpha Tech Systems ",
            "Alpha Tech System",
            "Zebra",
        ] {
            let answer = register.answer(near);
            assert!(!answer.validated && answer.registration.is_none(), "{near}");
            assert!(answer.similarity < 1.0, "{near}: {}", answer.similarity);
        }
    }
}
