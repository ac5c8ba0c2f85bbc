//! How a connector's target is treated: what it may be asked for, and when it is left alone.

use std::fmt::Display;
use std::ops::RangeInclusive;

use toml::Spanned;

use crate::config::ConfigError;
use crate::config::raw::RawConnector;
use crate::config::resolved::Source;
use crate::domain::limits::{
    BREAKER_FAILURES_MAX, BREAKER_OPEN_MS_MAX, RETRY_PERCENT_MAX, RUNS_DRIVEN_MAX,
};
use crate::runtime::TargetLimits;

impl Source<'_> {
    pub(super) fn target(&self, raw: &RawConnector) -> Result<TargetLimits, ConfigError> {
        let usual = TargetLimits::default();
        let failures = ("breaker_failures", 1..=BREAKER_FAILURES_MAX);
        let open_ms = ("breaker_open_ms", 1..=BREAKER_OPEN_MS_MAX);
        let percent = ("retry_percent", 0..=RETRY_PERCENT_MAX);
        let in_flight = ("in_flight", 1..=RUNS_DRIVEN_MAX);
        Ok(TargetLimits {
            breaker_failures: self
                .within(raw.breaker_failures.as_ref(), failures)?
                .unwrap_or(usual.breaker_failures),
            breaker_open_ms: self
                .within(raw.breaker_open_ms.as_ref(), open_ms)?
                .unwrap_or(usual.breaker_open_ms),
            retry_percent: self
                .within(raw.retry_percent.as_ref(), percent)?
                .unwrap_or(usual.retry_percent),
            in_flight: self
                .within(raw.in_flight.as_ref(), in_flight)?
                .unwrap_or(usual.in_flight),
        })
    }

    fn within<T: Copy + PartialOrd + Display>(
        &self,
        written: Option<&Spanned<T>>,
        (name, range): (&str, RangeInclusive<T>),
    ) -> Result<Option<T>, ConfigError> {
        let Some(written) = written else {
            return Ok(None);
        };
        let value = *written.get_ref();
        if range.contains(&value) {
            return Ok(Some(value));
        }
        let (least, most) = (range.start(), range.end());
        let message = format!("{name} must be from {least} to {most}, not {value}");
        Err(self.invalid(written.span(), message))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::{Config, ConfigError};
    use crate::domain::limits;
    use crate::runtime::TargetLimits;

    fn parse(lines: &str) -> Result<Config, ConfigError> {
        let text = format!("[connectors.erp]\nbase_url = \"http://erp\"\n{lines}");
        Config::parse(Path::new("/etc/cs/countersign.toml"), &text)
    }

    #[test]
    fn what_a_connector_does_not_say_is_as_usual() {
        let config = parse("breaker_open_ms = 250\nin_flight = 3\n").unwrap();
        let erp = config.targets.of("erp");
        assert_eq!((erp.breaker_open_ms, erp.in_flight), (250, 3));
        assert_eq!(erp.breaker_failures, limits::BREAKER_FAILURES_DEFAULT);
        assert_eq!(config.targets.of("mail"), TargetLimits::default());
    }

    #[test]
    fn a_limit_that_is_none_is_named_with_its_line() {
        for (line, part) in [
            ("breaker_failures = 0", "from 1 to 1000000, not 0"),
            ("breaker_open_ms = -1", "breaker_open_ms must be from 1"),
            ("breaker_failures = \"5\"", "invalid type"),
            ("breaker_openms = 5", "breaker_openms"),
            ("retry_percent = 301", "from 0 to 300"),
            ("in_flight = 0", "from 1 to 256"),
        ] {
            let error = parse(line).unwrap_err();
            let ConfigError::Invalid {
                line: at, message, ..
            } = &error
            else {
                panic!("{error}")
            };
            assert_eq!(
                (*at, message.contains(part)),
                (3, true),
                "{line}: {message}"
            );
        }
    }
}
