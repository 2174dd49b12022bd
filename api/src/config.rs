//! Settings: read from the environment in one place, all problems reported at once.

use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use chrono::TimeDelta;

use crate::auth::IssuerSettings;

/// What the server runs with.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the public reaches it, without a slash at the end.
    pub public_url: Option<String>,
    /// The database; none means a private cluster in `data_dir`.
    pub database_url: Option<String>,
    /// Keys, and the private cluster.
    pub data_dir: PathBuf,
    /// Name of the built-in issuer in its tokens.
    pub issuer: String,
    /// Audience the built-in issuer's tokens are for.
    pub audience: String,
    /// The built-in issuer's key as PEM text or as the path of a PEM file, when it is given and not kept in `data_dir`.
    pub signing_key: Option<String>,
    /// External issuers.
    pub issuers: Vec<IssuerSettings>,
    /// How long a token of `bangkom token` is good when the command does not say.
    pub token_lifetime: TimeDelta,
    /// Most connections to the database.
    pub database_connections: u32,
    /// Most bytes of an uploaded file.
    pub upload_limit: usize,
    /// Whether webhooks may go to addresses that are not public, and without TLS.
    pub webhook_private: bool,
    /// Threads that serve requests.
    pub workers: usize,
    /// What is logged, as a filter of `env_logger`.
    pub log: String,
}

/// One setting, as the README lists it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The environment variable.
    pub name: &'static str,
    /// The value that holds where it is not set, if there is one.
    pub default: Option<&'static str>,
    /// What it decides.
    pub meaning: &'static str,
}

macro_rules! settings {
    ($($name:literal $default:expr, $meaning:literal;)+) => {
        /// Every setting.
        pub const SETTINGS: &[Setting] = &[$(Setting { name: $name, default: $default, meaning: $meaning },)+];
    };
}

settings! {
    "DATABASE_URL" None,
        "The PostgreSQL database, `postgres://USER:PASSWORD@HOST/NAME`. Without it a private PostgreSQL is run in the data directory.";
    "BANGKOM_LISTEN" Some("127.0.0.1:8080"),
        "Address and port to serve on. TLS belongs to a proxy in front.";
    "BANGKOM_PUBLIC_URL" None,
        "Address at which the public reaches this server, such as `https://bangkom.example.go.id`: certificates name it to be verified at. Without it the address that is served on.";
    "BANGKOM_DATA_DIR" Some(".bangkom"),
        "Directory of the signing key and of the private PostgreSQL.";
    "BANGKOM_DB_CONNECTIONS" Some("16"),
        "Most connections to the database, 1 to 1000.";
    "BANGKOM_UPLOAD_LIMIT_MIB" Some("256"),
        "Largest file that may be uploaded, in MiB, 1 to 1024. Workbooks and JSON documents are read up to 32 MiB.";
    "BANGKOM_WEBHOOK_PRIVATE" Some("false"),
        "Whether webhooks may go to addresses that are not public, and without TLS: `true` or `false`. For development alone.";
    "BANGKOM_WORKERS" None,
        "Threads that serve requests, 1 to 256. Without it as many as there are processors.";
    "BANGKOM_ISSUER" Some("urn:bangkom"),
        "Name of the built-in token issuer: the `iss` of its tokens.";
    "BANGKOM_AUDIENCE" Some("bangkom"),
        "Audience of the built-in issuer's tokens: their `aud`.";
    "BANGKOM_SIGNING_KEY" None,
        "The built-in issuer's key, an EC P-256 private key as PKCS #8 PEM text. Without it and the next one a key is made and kept in the data directory.";
    "BANGKOM_SIGNING_KEY_FILE" None,
        "File that holds that key.";
    "BANGKOM_OIDC_ISSUERS" None,
        "OpenID Connect issuers whose tokens are trusted beside the built-in one's: a JSON list of objects with `issuer`, `audiences` and, where needed, `jwks_url`, `authorized_parties`, `algorithms`, `agency_claim`.";
    "BANGKOM_TOKEN_LIFETIME" Some("12h"),
        "How long a token of `bangkom token` is good: a number with `m`, `h` or `d`.";
    "BANGKOM_LOG" Some("info"),
        "What is logged to standard error: `error`, `warn`, `info`, `debug`, `trace` or `off`, or a list such as `info,store=debug`.";
}

/// One setting that cannot be used. It never quotes the value: some are secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingProblem {
    /// The environment variable.
    pub name: &'static str,
    /// What it has to be.
    pub expected: String,
}

/// Everything that is wrong with the settings.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigError(pub Vec<SettingProblem>);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("these settings cannot be used:")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {}: {}", problem.name, problem.expected))
    }
}

impl Config {
    /// What holds where nothing is set.
    #[must_use]
    pub fn defaults() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            public_url: None,
            database_url: None,
            data_dir: PathBuf::from(".bangkom"),
            issuer: "urn:bangkom".to_owned(),
            audience: "bangkom".to_owned(),
            signing_key: None,
            issuers: Vec::new(),
            token_lifetime: TimeDelta::hours(12),
            database_connections: 16,
            upload_limit: 256 * MIB,
            webhook_private: false,
            workers: std::thread::available_parallelism().map_or(2, usize::from),
            log: "info".to_owned(),
        }
    }

    /// Where the public reaches the server.
    #[must_use]
    pub fn public_address(&self) -> String {
        self.public_url.clone().unwrap_or_else(|| format!("http://{}", self.listen))
    }

    /// Most bytes of an uploaded document that is read in memory as a whole: no spreadsheet as CSV.
    #[must_use]
    pub fn document_limit(&self) -> usize {
        self.upload_limit.min(32 * MIB)
    }

    /// The settings of this process.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub fn from_environment() -> Result<Self, ConfigError> {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that reads the environment")]
        Self::read(|name| std::env::var_os(name))
    }

    /// The settings `lookup` finds. A setting that is set to nothing counts as not set.
    ///
    /// # Errors
    /// Every setting that cannot be used.
    pub fn read(lookup: impl Fn(&str) -> Option<OsString>) -> Result<Self, ConfigError> {
        let mut read = Reader { lookup, problems: Vec::new() };
        let default = Self::defaults();
        let config = Self {
            listen: read.or(
                "BANGKOM_LISTEN",
                "must be an IP address and a port, such as 127.0.0.1:8080",
                default.listen,
                |text| text.parse().ok(),
            ),
            public_url: read.value(
                "BANGKOM_PUBLIC_URL",
                "must be an address such as https://bangkom.example.go.id",
                public_url,
            ),
            database_url: read.value(
                "DATABASE_URL",
                "must be a PostgreSQL address, such as postgres://USER:PASSWORD@HOST/NAME",
                |text| is_postgres(text).then(|| text.to_owned()),
            ),
            data_dir: read.raw("BANGKOM_DATA_DIR").map_or(default.data_dir, PathBuf::from),
            issuer: read.or("BANGKOM_ISSUER", CLAIM, default.issuer, claim),
            audience: read.or("BANGKOM_AUDIENCE", CLAIM, default.audience, claim),
            signing_key: read.signing_key(),
            issuers: Vec::new(),
            token_lifetime: read
                .or("BANGKOM_TOKEN_LIFETIME", LIFETIME, default.token_lifetime, |text| lifetime(text).ok()),
            database_connections: read.or(
                "BANGKOM_DB_CONNECTIONS",
                "must be a number from 1 to 1000",
                default.database_connections,
                |text| within(text, 1..=1000),
            ),
            upload_limit: read.or(
                "BANGKOM_UPLOAD_LIMIT_MIB",
                "must be a number from 1 to 1024",
                default.upload_limit,
                |text| within(text, 1..=1024).map(|mib: usize| mib * MIB),
            ),
            webhook_private: read.or(
                "BANGKOM_WEBHOOK_PRIVATE",
                "must be true or false",
                default.webhook_private,
                |text| text.parse().ok(),
            ),
            workers: read.or("BANGKOM_WORKERS", "must be a number from 1 to 256", default.workers, |text| {
                within(text, 1..=256)
            }),
            log: read.or(
                "BANGKOM_LOG",
                "must be error, warn, info, debug, trace or off, or a list such as info,store=debug",
                default.log,
                |text| is_log_filter(text).then(|| text.to_owned()),
            ),
        };
        let issuers = read.issuers(&config.issuer);
        if read.problems.is_empty() {
            Ok(Self { issuers, ..config })
        } else {
            Err(ConfigError(read.problems))
        }
    }
}

/// Prints what may be seen: not the key, and of the database only whether it is given.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            listen,
            public_url,
            database_url,
            data_dir,
            issuer,
            audience,
            signing_key,
            issuers,
            token_lifetime,
            database_connections,
            upload_limit,
            webhook_private,
            workers,
            log,
        } = self;
        let hidden = |secret: &Option<String>| secret.as_ref().map(|_| "(hidden)");
        f.debug_struct("Config")
            .field("listen", listen)
            .field("public_url", public_url)
            .field("database_url", &hidden(database_url))
            .field("data_dir", data_dir)
            .field("issuer", issuer)
            .field("audience", audience)
            .field("signing_key", &hidden(signing_key))
            .field("issuers", issuers)
            .field("token_lifetime", token_lifetime)
            .field("database_connections", database_connections)
            .field("upload_limit", upload_limit)
            .field("webhook_private", webhook_private)
            .field("workers", workers)
            .field("log", log)
            .finish()
    }
}

/// The settings as a table for the README.
#[must_use]
pub fn settings_table() -> String {
    let mut table = String::from("| Variable | Default | Meaning |\n| --- | --- | --- |\n");
    for Setting { name, default, meaning } in SETTINGS {
        let default = default.map_or_else(|| "none".to_owned(), |value| format!("`{value}`"));
        table.push_str(&format!("| `{name}` | {default} | {meaning} |\n"));
    }
    table
}

const MIB: usize = 1024 * 1024;
const CLAIM: &str = "must be a text of at most 200 characters without spaces";
const LIFETIME: &str = "must be a number of minutes, hours or days of at most a year, such as 30m, 12h or 7d";

/// A length of time as people write it: `30m`, `12h`, `7d`.
///
/// # Errors
/// What it has to look like.
pub fn lifetime(text: &str) -> Result<TimeDelta, &'static str> {
    let read = || {
        let unit = text.chars().next_back()?;
        let count: i64 = text.strip_suffix(unit)?.parse().ok().filter(|count| *count > 0)?;
        let length = match unit {
            'm' => TimeDelta::try_minutes(count),
            'h' => TimeDelta::try_hours(count),
            'd' => TimeDelta::try_days(count),
            _ => None,
        };
        length.filter(|length| *length <= TimeDelta::days(366))
    };
    read().ok_or(LIFETIME)
}

/// Asks for settings one after the other and collects what is wrong.
struct Reader<L> {
    lookup: L,
    problems: Vec<SettingProblem>,
}

impl<L: Fn(&str) -> Option<OsString>> Reader<L> {
    fn raw(&self, name: &str) -> Option<OsString> {
        (self.lookup)(name).filter(|value| !value.is_empty())
    }

    fn problem(&mut self, name: &'static str, expected: impl Into<String>) {
        self.problems.push(SettingProblem { name, expected: expected.into() });
    }

    fn value<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let raw = self.raw(name)?;
        let value = raw.to_str().map(str::trim).and_then(parse);
        if value.is_none() {
            self.problem(name, expected);
        }
        value
    }

    fn or<T>(
        &mut self,
        name: &'static str,
        expected: &str,
        default: T,
        parse: impl Fn(&str) -> Option<T>,
    ) -> T {
        self.value(name, expected, parse).unwrap_or(default)
    }

    fn signing_key(&mut self) -> Option<String> {
        let text = self.value(
            "BANGKOM_SIGNING_KEY",
            "must be a private key as PEM text (a file's name belongs into BANGKOM_SIGNING_KEY_FILE)",
            |text| text.starts_with("-----BEGIN").then(|| text.to_owned()),
        );
        let file = self
            .value("BANGKOM_SIGNING_KEY_FILE", "must be the name of a file", |text| Some(text.to_owned()));
        if text.is_some() && file.is_some() {
            self.problem(
                "BANGKOM_SIGNING_KEY_FILE",
                "must not be set beside BANGKOM_SIGNING_KEY: which one counts?",
            );
        }
        text.or(file)
    }

    fn issuers(&mut self, own: &str) -> Vec<IssuerSettings> {
        const NAME: &str = "BANGKOM_OIDC_ISSUERS";
        let Some(raw) = self.raw(NAME) else { return Vec::new() };
        let issuers: Vec<IssuerSettings> = match serde_json::from_slice(raw.as_encoded_bytes()) {
            Ok(issuers) => issuers,
            Err(error) => {
                self.problem(NAME, format!("must be a JSON list of issuers: {error}"));
                return Vec::new();
            }
        };
        for (index, settings) in issuers.iter().enumerate() {
            for problem in settings.problems() {
                self.problem(NAME, problem.to_string());
            }
            let twice = issuers.iter().take(index).any(|earlier| earlier.issuer == settings.issuer);
            if twice || settings.issuer == own {
                self.problem(NAME, crate::auth::IssuerProblem::Twice(settings.issuer.clone()).to_string());
            }
        }
        issuers
    }
}

fn is_postgres(text: &str) -> bool {
    let scheme = ["postgres://", "postgresql://"].iter().any(|scheme| text.starts_with(scheme));
    scheme && reqwest::Url::parse(text).is_ok()
}

/// A value that ends up in tokens.
fn claim(text: &str) -> Option<String> {
    let fits = text.chars().count() <= 200 && !text.chars().any(|c| c.is_whitespace() || c.is_control());
    fits.then(|| text.to_owned())
}

fn within<T: std::str::FromStr + PartialOrd>(text: &str, range: std::ops::RangeInclusive<T>) -> Option<T> {
    text.parse().ok().filter(|value| range.contains(value))
}

/// Whether `env_logger` will read every part as it was meant: it takes a level with a typing error for a module's name.
fn is_log_filter(text: &str) -> bool {
    text.split(',').all(|part| {
        let level = part.split_once('=').map_or(part, |(_module, level)| level);
        level.trim().parse::<log::LevelFilter>().is_ok()
    })
}

/// An address of the web, of at most 200 characters so that a QR code of it can be scanned; without a slash at the end.
fn public_url(text: &str) -> Option<String> {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let odd = |c: char| !c.is_ascii_graphic() || matches!(c, '?' | '#' | '"' | '<' | '>' | '\\');
    let fits = !rest.is_empty() && !rest.starts_with('/') && text.len() <= 200 && !text.contains(odd);
    fits.then(|| text.trim_end_matches('/').to_owned())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn read(settings: &[(&str, &str)]) -> Result<Config, ConfigError> {
        Config::read(|name| {
            settings.iter().find(|(known, _)| *known == name).map(|(_, value)| OsString::from(value))
        })
    }

    fn complaints(settings: &[(&str, &str)]) -> Vec<&'static str> {
        read(settings).unwrap_err().0.iter().map(|problem| problem.name).collect()
    }

    #[test]
    fn the_table_lists_what_is_read_and_nothing_else() {
        let asked = RefCell::new(Vec::new());
        let config = Config::read(|name| {
            asked.borrow_mut().push(name.to_owned());
            None
        });
        let mut asked = asked.into_inner();
        let mut listed: Vec<_> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
        asked.sort();
        listed.sort();
        assert_eq!(asked, listed);
        assert_eq!(config, Ok(Config::defaults()));
    }

    #[test]
    fn the_table_s_defaults_are_the_defaults() {
        let listed: Vec<_> =
            SETTINGS.iter().filter_map(|setting| Some((setting.name, setting.default?))).collect();
        assert_eq!(read(&listed), Ok(Config::defaults()));
    }

    #[test]
    fn every_problem_is_reported_at_once() {
        let issuers = r#"[{"issuer":"http://a.example","audiences":[]},
                          {"issuer":"urn:me","audiences":["x"]},{"issuer":"urn:me","audiences":["x"]}]"#;
        let error = read(&[
            ("DATABASE_URL", "mysql://root:hunter2@db/x"),
            ("BANGKOM_LISTEN", "8080"),
            ("BANGKOM_PUBLIC_URL", "bangkom.example.go.id/"),
            ("BANGKOM_DB_CONNECTIONS", "0"),
            ("BANGKOM_UPLOAD_LIMIT_MIB", "1025"),
            ("BANGKOM_WEBHOOK_PRIVATE", "perhaps"),
            ("BANGKOM_WORKERS", "many"),
            ("BANGKOM_ISSUER", "urn:me"),
            ("BANGKOM_AUDIENCE", "a b"),
            ("BANGKOM_SIGNING_KEY", "/etc/hunter2.pem"),
            ("BANGKOM_OIDC_ISSUERS", issuers),
            ("BANGKOM_TOKEN_LIFETIME", "12"),
            ("BANGKOM_LOG", "inof"),
        ])
        .unwrap_err();
        let text = error.to_string();
        for setting in SETTINGS {
            let good = ["BANGKOM_DATA_DIR", "BANGKOM_SIGNING_KEY_FILE", "BANGKOM_ISSUER"];
            assert_eq!(
                text.contains(&format!("\n  {}: ", setting.name)),
                !good.contains(&setting.name),
                "{text}"
            );
        }
        let of_issuers = error.0.iter().filter(|problem| problem.name == "BANGKOM_OIDC_ISSUERS").count();
        assert_eq!(of_issuers, 6, "{text}");
        assert!(!text.contains("hunter2"), "values may be secret");
    }

    #[test]
    fn a_key_is_given_once() {
        let pem = "-----BEGIN PRIVATE KEY-----\n";
        assert_eq!(
            complaints(&[("BANGKOM_SIGNING_KEY", pem), ("BANGKOM_SIGNING_KEY_FILE", "k.pem")]),
            ["BANGKOM_SIGNING_KEY_FILE"]
        );
        let config = read(&[("BANGKOM_SIGNING_KEY_FILE", "k.pem")]).unwrap();
        assert_eq!(config.signing_key.as_deref(), Some("k.pem"));
    }

    #[test]
    fn set_to_nothing_is_not_set() {
        let nothing: Vec<_> = SETTINGS.iter().map(|setting| (setting.name, "")).collect();
        assert_eq!(read(&nothing), Ok(Config::defaults()));
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_text_is_refused_but_for_the_directory() {
        use std::os::unix::ffi::OsStringExt as _;
        let odd = || OsString::from_vec(vec![b'/', 0xff]);
        let error = Config::read(|_| Some(odd())).unwrap_err();
        assert!(error.0.iter().all(|problem| problem.name != "BANGKOM_DATA_DIR"), "{error}");
        let mut refused: Vec<_> = error.0.iter().map(|problem| problem.name).collect();
        refused.dedup();
        assert_eq!(refused.len(), SETTINGS.len() - 1);
        let config = Config::read(|name| (name == "BANGKOM_DATA_DIR").then(odd)).unwrap();
        assert_eq!(config.data_dir, PathBuf::from(odd()));
    }

    #[test]
    fn lengths_of_time_have_a_unit_and_an_end() {
        assert_eq!(lifetime("30m"), Ok(TimeDelta::minutes(30)));
        assert_eq!(lifetime("366d"), Ok(TimeDelta::days(366)));
        for bad in ["", "12", "h", "0h", "-1h", "367d", "1w", "9223372036854775807d", "1é"] {
            assert_eq!(lifetime(bad), Err(LIFETIME), "{bad:?}");
        }
    }

    #[test]
    fn log_filters_name_levels() {
        for good in ["debug", "INFO", "info,store=debug", "off,api::http=trace"] {
            assert!(is_log_filter(good), "{good}");
        }
        for bad in ["inof", "store", "store=", "info,", "info;debug"] {
            assert!(!is_log_filter(bad), "{bad}");
        }
    }

    #[test]
    fn the_readme_lists_the_settings() {
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&settings_table()), "the README's table should read\n{}", settings_table());
    }

    #[test]
    fn secrets_are_not_printed() {
        let config = read(&[
            ("DATABASE_URL", "postgres://bangkom:hunter2@db/bangkom"),
            ("BANGKOM_SIGNING_KEY", "-----BEGIN PRIVATE KEY-----\nhunter2"),
        ])
        .unwrap();
        let text = format!("{config:?}");
        assert!(!text.contains("hunter2") && text.contains("127.0.0.1:8080"), "{text}");
    }
}
