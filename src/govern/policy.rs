//! Policy: rules as data that say allow, ask or deny for an effect.
//!
//! Deny beats ask beats allow; no rule that allows means ask; a rule that cannot be evaluated
//! means ask; the highest tier wins; flags and reasons add up.

use serde_json::{Value, json};

use crate::domain::{
    Fields, Flag, Money, PlannedEffect, PolicyResult, PolicyVerdict, Reason, Severity, Tier,
};
use crate::expr::Scope;
use crate::workflow::{Definition, PolicyRule};

/// The rule named where nothing in the policy allows an effect.
pub const NO_RULE: &str = "policy.default";
/// The rule named where an effect passes the contract's limits.
pub const CONTRACT: &str = "contract.effects";

/// What policy says of everything one packet would hold.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    pub verdict: PolicyVerdict,
    pub results: Vec<PolicyResult>,
    pub tier: Tier,
    pub flags: Vec<Flag>,
    pub reasons: Vec<Reason>,
}

impl Judgement {
    /// The judgement before anything was judged: allow, at the lowest tier.
    pub fn clear() -> Self {
        Self {
            verdict: PolicyVerdict::Allow,
            results: Vec::new(),
            tier: Tier::Routine,
            flags: Vec::new(),
            reasons: Vec::new(),
        }
    }

    /// Asks a person, for a reason of the engine's own or of a rule.
    pub fn ask(&mut self, rule: &str, tier: Tier, flag: Option<&str>, text: &str) {
        self.raise(PolicyVerdict::Ask, tier);
        self.explain(rule, tier, flag, text);
    }

    fn deny(&mut self, rule: &str, tier: Tier, flag: Option<&str>, text: &str) {
        self.raise(PolicyVerdict::Deny, tier);
        self.explain(rule, tier, flag, text);
    }

    fn raise(&mut self, verdict: PolicyVerdict, tier: Tier) {
        self.verdict = self.verdict.max(verdict);
        self.tier = self.tier.max(tier);
    }

    /// Sets a flag to these words, whatever it said before.
    pub fn flag(&mut self, code: &str, tier: Tier, message: &str) {
        self.flags.retain(|flag| flag.code != code);
        self.flags.push(Flag {
            code: code.to_owned(),
            severity: severity_of(tier),
            message: message.to_owned(),
        });
    }

    fn explain(&mut self, rule: &str, tier: Tier, flag: Option<&str>, text: &str) {
        if let Some(code) = flag
            && !self.flags.iter().any(|flag| flag.code == code)
        {
            self.flags.push(Flag {
                code: code.to_owned(),
                severity: severity_of(tier),
                message: text.to_owned(),
            });
        }
        let reason = Reason {
            rule: rule.to_owned(),
            text: text.to_owned(),
        };
        if !self.reasons.contains(&reason) {
            self.reasons.push(reason);
        }
    }

    /// Why it is denied, for a one-line refusal: the rule that denies, whatever others ask.
    pub fn denial(&self) -> (&str, &str) {
        let denies = |reason: &&Reason| {
            let mut results = self.results.iter();
            results.any(|result| {
                result.rule == reason.rule
                    && result.then == PolicyVerdict::Deny
                    && result.matched == Some(true)
            })
        };
        let reason = self.reasons.iter().find(denies);
        reason
            .or_else(|| self.reasons.first())
            .map_or((NO_RULE, "denied"), |reason| {
                (reason.rule.as_str(), reason.text.as_str())
            })
    }
}

/// The facts a policy reads beside the effect.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    pub input: &'a Fields,
    pub state: &'a Fields,
    pub outputs: &'a Fields,
    pub confidence: Option<f64>,
}

/// Judges every effect and adds the results up into `judgement`.
pub fn judge(
    definition: &Definition,
    facts: &Facts<'_>,
    effects: &[PlannedEffect],
    judgement: &mut Judgement,
) {
    for (index, effect) in effects.iter().enumerate() {
        within_contract(definition, effect, judgement);
        judge_effect(definition, facts, (index, effect), judgement);
    }
}

/// Checks an effect against the acts the contract lists, and their limits.
fn within_contract(definition: &Definition, effect: &PlannedEffect, judgement: &mut Judgement) {
    let Some(entry) = definition.effects.get(&effect.tool) else {
        let text = format!(
            "The contract does not list {} among its effects.",
            effect.tool
        );
        judgement.deny(CONTRACT, Tier::Critical, Some("not_in_contract"), &text);
        return;
    };
    let Some(limit) = entry.limit else { return };
    match effect.amount.map(|amount| (amount, amount.compare(&limit))) {
        Some((_, Ok(std::cmp::Ordering::Less | std::cmp::Ordering::Equal))) => {}
        Some((amount, Ok(std::cmp::Ordering::Greater))) => {
            let text = format!("{amount} is more than the contract's limit of {limit}.");
            judgement.deny(CONTRACT, Tier::Critical, Some("over_contract_limit"), &text);
        }
        Some((amount, Err(_))) => {
            let text = format!("{amount} cannot be compared with the contract's limit of {limit}.");
            judgement.ask(CONTRACT, Tier::Critical, Some("limit_unclear"), &text);
        }
        None => {
            let text =
                format!("The effect states no amount, but the contract limits it to {limit}.");
            judgement.ask(CONTRACT, Tier::Critical, Some("limit_unclear"), &text);
        }
    }
}

fn judge_effect(
    definition: &Definition,
    facts: &Facts<'_>,
    (index, effect): (usize, &PlannedEffect),
    judgement: &mut Judgement,
) {
    let seen = effect_value(effect);
    let confidence = json!(facts.confidence);
    let mut allowed = false;
    for rule in &definition.policy {
        let flags = codes(judgement);
        let scope = Scope::new()
            .object("input", facts.input)
            .object("state", facts.state)
            .object("steps", facts.outputs)
            .value("effect", &seen)
            .value("flags", &flags)
            .value("confidence", &confidence);
        let (matched, error) = match rule.when.holds(&scope) {
            Ok(matched) => (Some(matched), None),
            Err(error) => (None, Some(error.message)),
        };
        match matched {
            Some(true) => allowed |= apply(rule, judgement),
            Some(false) => {}
            None => {
                let text = format!("The rule `{}` could not be evaluated.", rule.id);
                let tier = rule.tier.unwrap_or(Tier::Elevated).max(Tier::Elevated);
                judgement.ask(&rule.id, tier, Some("rule_error"), &text);
            }
        }
        judgement.results.push(PolicyResult {
            effect: index,
            rule: rule.id.clone(),
            matched,
            then: rule.then,
            error,
        });
    }
    if !allowed {
        judgement.ask(
            NO_RULE,
            Tier::Elevated,
            None,
            "No rule allows this to pass alone.",
        );
    }
}

/// The codes of the flags so far.
fn codes(judgement: &Judgement) -> Value {
    let flags = judgement.flags.iter();
    flags.map(|flag| flag.code.as_str()).collect()
}

/// Applies a rule that matched; tells whether it allows.
fn apply(rule: &PolicyRule, judgement: &mut Judgement) -> bool {
    let tier = rule.tier.unwrap_or(Tier::Elevated);
    let text = rule.reason.as_deref().unwrap_or("The rule applies.");
    match rule.then {
        PolicyVerdict::Allow => return true,
        PolicyVerdict::Ask => judgement.ask(&rule.id, tier, rule.flag.as_deref(), text),
        PolicyVerdict::Deny => judgement.deny(&rule.id, tier, rule.flag.as_deref(), text),
    }
    false
}

fn effect_value(effect: &PlannedEffect) -> Value {
    json!({
        "tool": effect.tool,
        "args": effect.arguments,
        "amount": effect.amount,
        "target": effect.target(),
    })
}

fn severity_of(tier: Tier) -> Severity {
    match tier {
        Tier::Routine => Severity::Info,
        Tier::Elevated => Severity::Warning,
        Tier::Critical => Severity::Danger,
    }
}

/// Adds amounts of one currency; none where one is missing or they differ.
pub fn total(effects: &[PlannedEffect]) -> Option<Money> {
    let mut amounts = effects.iter().map(|effect| effect.amount);
    let first = amounts.next()??;
    amounts.try_fold(first, |sum, amount| sum.plus(&amount?).ok())
}
