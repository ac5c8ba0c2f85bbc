//! The configuration, validated.

use std::fs;
use std::io::ErrorKind;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use toml::Spanned;

use crate::config::actors::{MappedActor, check_name, check_text};
use crate::config::raw::{RawActor, RawConfig, RawConnector, RawCredential};
use crate::config::{ActorList, ConfigError, OsUser, paths, read_regular};
use crate::domain::limits::{CONFIG_BYTES_MAX, RUNS_DRIVEN_MAX};
use crate::runtime::TargetSettings;
use crate::tools::{Connector, Connectors, SecretSource};

/// Overrides `limits.runs_driven`.
const RUNS_DRIVEN_VARIABLE: &str = "COUNTERSIGN_RUNS_DRIVEN";

/// Write permission for others than the owner.
const MODE_SHARED_WRITE: u32 = 0o022;

/// Everything the configuration file says, with defaults filled in.
#[derive(Clone, Debug)]
pub struct Config {
    /// The file it was read from; `None` where there is none.
    pub path: Option<PathBuf>,
    pub store: Option<PathBuf>,
    pub connectors: Connectors,
    /// How their targets are treated.
    pub targets: TargetSettings,
    pub actors: ActorList,
    /// Runs driven at one time.
    pub runs_driven: usize,
    /// The console rings the terminal's bell for what people did not ask for.
    pub bell: bool,
    /// What is allowed but unwise, one sentence each.
    pub warnings: Vec<String>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            path: None,
            store: None,
            connectors: Connectors::default(),
            targets: TargetSettings::default(),
            actors: ActorList::default(),
            runs_driven: RUNS_DRIVEN_MAX,
            bell: true,
            warnings: Vec::new(),
        }
    }
}

impl Config {
    /// Reads the file named, or the default one, which may be absent, and puts what the
    /// environment says over it.
    ///
    /// # Errors
    /// A named file that is absent, an unreadable one, anything in it that is not understood, an
    /// environment variable that is not usable.
    pub fn load(named: Option<&Path>) -> Result<Self, ConfigError> {
        let mut config = Self::load_file(named)?;
        if let Some(text) = std::env::var_os(RUNS_DRIVEN_VARIABLE) {
            config.runs_driven = runs_driven_of(&text.to_string_lossy())?;
        }
        Ok(config)
    }

    fn load_file(named: Option<&Path>) -> Result<Self, ConfigError> {
        if let Some(path) = named {
            return Self::read(path);
        }
        // Without a home directory there is no default file, which is fine as any absent one.
        let Ok(path) = paths::default_config() else {
            return Ok(Self::default());
        };
        match fs::symlink_metadata(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(Self::default()),
            _ => Self::read(&path),
        }
    }

    fn read(path: &Path) -> Result<Self, ConfigError> {
        let unreadable = |why: String| ConfigError::Unreadable {
            path: path.to_owned(),
            why,
        };
        let bytes =
            read_regular(path, CONFIG_BYTES_MAX).map_err(|error| unreadable(error.to_string()))?;
        let text = String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to() + 1;
            unreadable(format!("it is not UTF-8 (byte {at})"))
        })?;
        let metadata = fs::metadata(path).map_err(|error| unreadable(error.to_string()))?;
        let mut config = Self::parse(path, &text)?;
        config.warnings = warnings(path, metadata.mode(), metadata.uid());
        Ok(config)
    }

    /// Validates the text of the file at `path`, beside which relative names are looked up.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ConfigError> {
        let source = Source { path, text };
        let raw: RawConfig = toml::from_str(text).map_err(|error| {
            source.invalid(error.span().unwrap_or_default(), error.message().to_owned())
        })?;
        let targets = raw.connectors.iter();
        let targets = targets
            .map(|(name, raw)| Ok((name, source.target(raw)?)))
            .collect::<Result<_, ConfigError>>()?;
        let connectors = raw.connectors.into_iter();
        let actors = raw.actors.into_iter();
        Ok(Self {
            path: Some(path.to_owned()),
            store: raw.store.map(|store| source.beside(&store)),
            connectors: connectors
                .map(|(name, raw)| Ok((name, source.connector(raw)?)))
                .collect::<Result<_, ConfigError>>()?,
            targets,
            actors: ActorList(
                actors
                    .map(|raw| source.actor(raw))
                    .collect::<Result<_, _>>()?,
            ),
            runs_driven: match raw.limits.runs_driven {
                Some(limit) => source.runs_driven(&limit)?,
                None => RUNS_DRIVEN_MAX,
            },
            bell: raw.notifications.bell.unwrap_or(true),
            warnings: Vec::new(),
        })
    }
}

fn runs_driven_of(text: &str) -> Result<usize, ConfigError> {
    let limit = text.parse().ok();
    let limit = limit.filter(|limit| (1..=RUNS_DRIVEN_MAX).contains(limit));
    limit.ok_or_else(|| ConfigError::Variable {
        name: RUNS_DRIVEN_VARIABLE,
        why: format!("write a number from 1 to {RUNS_DRIVEN_MAX}, not `{text}`"),
    })
}

pub(super) struct Source<'a> {
    path: &'a Path,
    text: &'a str,
}

impl Source<'_> {
    fn connector(&self, raw: RawConnector) -> Result<Connector, ConfigError> {
        let credential = raw.credential.map(|raw| self.credential(raw)).transpose()?;
        Connector::new(raw.base_url.get_ref(), credential)
            .map_err(|error| self.invalid(raw.base_url.span(), error.to_string()))
    }

    fn credential(&self, raw: Spanned<RawCredential>) -> Result<SecretSource, ConfigError> {
        let span = raw.span();
        match raw.into_inner() {
            RawCredential {
                env: Some(name),
                file: None,
            } if !name.is_empty() => Ok(SecretSource::Env(name)),
            RawCredential {
                env: None,
                file: Some(path),
            } => Ok(SecretSource::File(self.beside(&path))),
            RawCredential { .. } => Err(self.invalid(
                span,
                "a credential is either { env = \"VARIABLE\" } or { file = \"PATH\" }".to_owned(),
            )),
        }
    }

    fn actor(&self, raw: RawActor) -> Result<MappedActor, ConfigError> {
        let sound = [
            (&raw.name, check_name(raw.name.get_ref())),
            (&raw.os_user, check_text(raw.os_user.get_ref())),
        ];
        for (name, checked) in sound {
            checked.map_err(|error| self.invalid(name.span(), error.to_string()))?;
        }
        Ok(MappedActor {
            name: raw.name.into_inner(),
            os_user: raw.os_user.into_inner(),
            roles: raw.roles.into_iter().collect(),
        })
    }

    fn runs_driven(&self, limit: &Spanned<usize>) -> Result<usize, ConfigError> {
        let value = *limit.get_ref();
        if (1..=RUNS_DRIVEN_MAX).contains(&value) {
            return Ok(value);
        }
        let message = format!("runs_driven must be from 1 to {RUNS_DRIVEN_MAX}, not {value}");
        Err(self.invalid(limit.span(), message))
    }

    fn beside(&self, path: &Path) -> PathBuf {
        match self.path.parent() {
            Some(folder) => folder.join(path),
            None => path.to_owned(),
        }
    }

    pub(super) fn invalid(&self, span: Range<usize>, message: String) -> ConfigError {
        let before = self.text.get(..span.start).unwrap_or(self.text);
        let last_line = before.rsplit('\n').next().unwrap_or_default();
        ConfigError::Invalid {
            path: self.path.to_owned(),
            line: before.matches('\n').count() + 1,
            column: last_line.chars().count() + 1,
            message,
        }
    }
}

/// Who may write this file decides who may act as whom, and where money is sent.
fn warnings(path: &Path, mode: u32, owner: u32) -> Vec<String> {
    let mut warnings = Vec::new();
    if mode & MODE_SHARED_WRITE != 0 {
        warnings.push(format!(
            "the configuration {} may be written by others than its owner (mode {:03o}): run `chmod go-w` on it",
            path.display(),
            mode & 0o777
        ));
    }
    let caller = OsUser::current();
    if owner != caller.uid && owner != 0 {
        warnings.push(format!(
            "the configuration {} belongs to another user (uid {owner})",
            path.display()
        ));
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("/etc/cs/countersign.toml"), text)
    }

    #[test]
    fn a_whole_file_is_understood() {
        let config = parse(
            r#"
store = "store.db"
[connectors.erp]
base_url = "http://127.0.0.1:4000/erp/"
credential = { env = "ERP_TOKEN" }
[connectors.mail]
base_url = "https://mail"
credential = { file = "mail.secret" }
[[actors]]
name = "MGR_JANE_DOE"
os_user = "jane"
roles = ["finance-reviewer"]
[limits]
runs_driven = 8
"#,
        )
        .unwrap();
        assert_eq!(config.store.as_deref(), Some(Path::new("/etc/cs/store.db")));
        let erp = config.connectors.get("erp").unwrap();
        assert_eq!(erp.base_url(), "http://127.0.0.1:4000/erp");
        assert_eq!(
            erp.credential(),
            Some(&SecretSource::Env("ERP_TOKEN".to_owned()))
        );
        let mail = config.connectors.get("mail").unwrap();
        let secret = PathBuf::from("/etc/cs/mail.secret");
        assert_eq!(mail.credential(), Some(&SecretSource::File(secret)));
        assert_eq!((config.actors.0.len(), config.runs_driven), (1, 8));
    }

    #[test]
    fn mistakes_are_named_with_line_and_column() {
        let cases = [
            ("[limits]\nruns_drivn = 3\n", (2, 1), "runs_drivn"),
            ("[limits]\nruns_driven = 0\n", (2, 15), "from 1 to"),
            (
                "[connectors.erp]\nbase_url = \"ftp://x\"\n",
                (2, 12),
                "http:",
            ),
            (
                "[connectors.erp]\ncredential = 3\n",
                (2, 14),
                "invalid type",
            ),
            (
                "[connectors.\"é\"]\nbase_url=\"http://x\"\ncredential = { env = \"A\", file = \"B\" }",
                (3, 14),
                "either",
            ),
            ("x = \"ü\" y\n", (1, 9), ""),
            (
                "[[actors]]\nname = \"\"\nos_user = \"j\"\nroles = []\n",
                (2, 8),
                "no name",
            ),
        ];
        for (text, at, part) in cases {
            let error = parse(text).unwrap_err();
            let ConfigError::Invalid {
                line,
                column,
                message,
                ..
            } = &error
            else {
                panic!("{error}")
            };
            assert_eq!((*line, *column), at, "{text}: {message}");
            assert!(message.contains(part), "{text}: {message}");
        }
    }

    #[test]
    fn a_file_that_others_may_write_is_warned_of() {
        let own = OsUser::current().uid;
        assert_eq!(warnings(Path::new("c"), 0o600, own), Vec::<String>::new());
        assert_eq!(warnings(Path::new("c"), 0o664, own).len(), 1);
        assert_eq!(warnings(Path::new("c"), 0o602, own + 1).len(), 2);
    }
}
