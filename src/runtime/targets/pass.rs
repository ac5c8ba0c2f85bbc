//! Leave to make one call to a target, and what its outcome says of it.

use crate::engine::FailureClass;
use crate::runtime::targets::Targets;
use crate::runtime::targets::breaker::{Leave, Said};
use crate::tools::CallResult;

/// Leave to make one call. Dropped unused, or by a worker that fails, it says nothing.
#[derive(Debug)]
pub(in crate::runtime) struct Pass<'a> {
    targets: &'a Targets,
    target: String,
    leave: Leave,
    settled: bool,
}

impl<'a> Pass<'a> {
    pub(super) fn new(targets: &'a Targets, target: &str, leave: Leave) -> Self {
        Self {
            targets,
            target: target.to_owned(),
            leave,
            settled: false,
        }
    }

    pub(in crate::runtime) fn is_for(&self, target: &str) -> bool {
        self.target == target
    }

    /// Says what came of the call.
    pub(in crate::runtime) fn settle(mut self, result: &CallResult) {
        self.settled = true;
        self.targets.settle(&self.target, self.leave, said(result));
    }
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        if !self.settled {
            let nothing = (Said::Nothing, "");
            self.targets.settle(&self.target, self.leave, nothing);
        }
    }
}

/// What an outcome says of its target. A request that it refused, or answered with something
/// useless, was answered: what is wrong with one request is nothing to keep others from.
fn said(result: &CallResult) -> (Said, &str) {
    let Err(failure) = result else {
        return (Said::Answered, "");
    };
    let said = match failure.class {
        FailureClass::Refused | FailureClass::Unusable => Said::Answered,
        FailureClass::Unknown if failure.code == "redirect" => Said::Answered,
        FailureClass::Unknown => Said::Failed,
        FailureClass::Safe => {
            let of_target = failure.code == "connect" || failure.code.starts_with("status_");
            // Anything else went wrong here, before anything was sent.
            if of_target {
                Said::Failed
            } else {
                Said::Nothing
            }
        }
    };
    (said, &failure.code)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::CallFailure;
    use crate::tools::Answer;

    fn failed(class: FailureClass, code: &str) -> Said {
        let failure = CallFailure {
            class,
            code: code.to_owned(),
            message: String::new(),
            retry_after_ms: None,
        };
        said(&Err(failure)).0
    }

    #[test]
    fn an_answer_is_one_whatever_it_says() {
        let answer = Answer {
            status: 200,
            output: serde_json::Value::Null,
        };
        assert_eq!(said(&Ok(answer)).0, Said::Answered);
        for (class, code) in [
            (FailureClass::Refused, "status_422"),
            (FailureClass::Unusable, "answer_schema"),
            (FailureClass::Unknown, "redirect"),
        ] {
            assert_eq!(failed(class, code), Said::Answered, "{code}");
        }
    }

    #[test]
    fn a_target_that_is_down_busy_or_silent_failed() {
        for (class, code) in [
            (FailureClass::Safe, "connect"),
            (FailureClass::Safe, "status_429"),
            (FailureClass::Safe, "status_503"),
            (FailureClass::Unknown, "status_500"),
            (FailureClass::Unknown, "timeout"),
            (FailureClass::Unknown, "truncated"),
        ] {
            assert_eq!(failed(class, code), Said::Failed, "{code}");
        }
    }

    #[test]
    fn what_never_left_says_nothing_of_the_target() {
        for code in ["credential", "digest_mismatch", "too_late", "url"] {
            assert_eq!(failed(FailureClass::Safe, code), Said::Nothing, "{code}");
        }
    }
}
