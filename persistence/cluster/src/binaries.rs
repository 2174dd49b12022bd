//! PostgreSQL's programs: where they are, and where to get them from.

use crate::{
    account::{Account, finish},
    cluster::blocking,
    error::{At, ClusterError},
};
use postgresql_embedded::{PostgreSQL, Settings as Download, VersionReq};
use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

/// The oldest major release that is good enough, and the one that is fetched where there is none.
const OLDEST: u16 = 15;

/// The programs a cluster is run with.
const PROGRAMS: [&str; 4] = ["initdb", "pg_ctl", "postgres", "psql"];

/// How long a small program may take to answer on a busy machine.
const ANSWER: Duration = Duration::from_secs(30);

/// How long the download may take.
const DOWNLOAD: Duration = Duration::from_secs(600);

/// A directory with PostgreSQL's programs, which run here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binaries {
    directory: PathBuf,
    major: u16,
}

impl Binaries {
    /// The programs of PostgreSQL 15 or newer that are installed here: in `PATH`, where `pg_config --bindir` points,
    /// or where the packages put them, newest first.
    #[must_use]
    pub fn find() -> Option<Self> {
        Self::installed(&Account::choose(None).ok()?, None)
    }

    /// The directory that holds `initdb`, `pg_ctl`, `postgres` and `psql`.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// The major release, 15 for example.
    #[must_use]
    pub fn major(&self) -> u16 {
        self.major
    }

    /// The path of one of the programs.
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// Programs that can work on data written by release `major`, or on new data.
    pub(crate) async fn for_data(
        account: &Account,
        cache: &Path,
        major: Option<u16>,
    ) -> Result<Self, ClusterError> {
        let here = {
            let (account, cache) = (account.clone(), cache.to_owned());
            blocking(move || {
                let cached = || Self::first(versions(&cache, "", "bin"), &account, major);
                Ok(Self::installed(&account, major).or_else(cached))
            })
        };
        if let Some(binaries) = here.await? {
            return Ok(binaries);
        }
        let wanted = major.unwrap_or(OLDEST);
        log::info!("no PostgreSQL here: fetching release {wanted} into {}", cache.display());
        let fetched = match download(cache, wanted) {
            Ok(download) => Box::pin(fetch(download)).await,
            Err(reason) => Err(reason),
        };
        let reason = match fetched {
            Ok(directory) => match Self::at(&directory, account) {
                Some(binaries) => return Ok(binaries),
                None => "the programs that were fetched do not run here".to_owned(),
            },
            Err(reason) => reason,
        };
        let major = major.map_or_else(|| format!("{OLDEST} or newer"), |major| major.to_string());
        Err(ClusterError::NotInstalled { major, reason })
    }

    fn installed(account: &Account, major: Option<u16>) -> Option<Self> {
        #[expect(
            clippy::disallowed_methods,
            reason = "PATH says where programs are; it is no setting of ours"
        )]
        let path = std::env::var_os("PATH").unwrap_or_default();
        Self::first(candidates(&path), account, major)
    }

    /// The first of `directories` whose programs run and suit: release `major` exactly, because data belongs to one
    /// major release, or any that is not too old.
    fn first(directories: Vec<PathBuf>, account: &Account, major: Option<u16>) -> Option<Self> {
        let suits = |found: &Self| major.map_or(found.major >= OLDEST, |major| found.major == major);
        directories.iter().filter_map(|directory| Self::at(directory, account)).find(suits)
    }

    /// The programs in `directory`, if all are there and `account` can run them.
    fn at(directory: &Path, account: &Account) -> Option<Self> {
        let directory = directory.canonicalize().ok()?;
        if !PROGRAMS.iter().all(|name| directory.join(name).is_file()) {
            return None;
        }
        let mut postgres = account.command(&directory.join("postgres"));
        match finish(postgres.arg("--version"), "", "postgres --version", ANSWER) {
            Ok(version) => Some(Self { major: major_of(&version)?, directory }),
            Err(error) => {
                log::debug!("{} cannot be used: {error}", directory.display());
                None
            }
        }
    }
}

/// Where the programs may be, best first.
fn candidates(path: &OsStr) -> Vec<PathBuf> {
    let mut directories: Vec<PathBuf> =
        std::env::split_paths(path).filter(|entry| entry.is_absolute()).collect();
    if let Ok(bindir) = finish(Command::new("pg_config").arg("--bindir"), "", "pg_config", ANSWER) {
        directories.push(PathBuf::from(bindir));
    }
    for (parent, prefix, suffix) in [
        ("/usr/lib/postgresql", "", "bin"),          // Debian, Ubuntu
        ("/usr", "pgsql-", "bin"),                   // PostgreSQL's own RPMs
        ("/usr/libexec", "postgresql", ""),          // Alpine
        ("/usr/local", "pgsql", "bin"),              // built from source
        ("/opt/homebrew/opt", "postgresql@", "bin"), // Homebrew
        ("/usr/local/opt", "postgresql@", "bin"),    // Homebrew on Intel
        ("/Applications/Postgres.app/Contents/Versions", "", "bin"), // Postgres.app
    ] {
        directories.extend(versions(Path::new(parent), prefix, suffix));
    }
    directories
}

/// The directories `parent/prefix*/suffix`, the highest version first.
fn versions(parent: &Path, prefix: &str, suffix: &str) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(parent) else { return Vec::new() };
    let mut found: Vec<(Vec<u32>, PathBuf)> = entries
        .filter_map(|entry| {
            let entry = entry.ok()?;
            let name = entry.file_name();
            let version = name.to_str()?.strip_prefix(prefix)?;
            let numbers = version.split('.').map_while(|part| part.parse().ok()).collect();
            Some((numbers, entry.path().join(suffix)))
        })
        .collect();
    found.sort_by(|(a, _), (b, _)| b.cmp(a));
    found.into_iter().map(|(_, directory)| directory).collect()
}

/// The major release in the answer to `postgres --version`.
fn major_of(version: &str) -> Option<u16> {
    let (_, number) = version.split_once("(PostgreSQL) ")?;
    number.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// What to fetch, and where to put it.
fn download(cache: &Path, major: u16) -> Result<Download, String> {
    Ok(Download {
        version: VersionReq::parse(&format!("={major}")).map_err(|error| error.to_string())?,
        installation_dir: cache.to_owned(),
        ..Download::default()
    })
}

/// Fetches and unpacks; the directory of the programs, or why there is none.
async fn fetch(settings: Download) -> Result<PathBuf, String> {
    // Only the programs are wanted: an initialised data directory is left alone, and a temporary one is removed with
    // the value. Of the password file it would have written, the directory made for it stays.
    let passwords = settings.password_file.parent().map(Path::to_owned);
    let placeholder = settings.data_dir.join("postgresql.conf");
    let mut postgresql = PostgreSQL::new(settings);
    let fetched = match fs::write(placeholder, "") {
        Ok(()) => tokio::time::timeout(DOWNLOAD, postgresql.setup()).await,
        Err(error) => return Err(error.to_string()),
    };
    let installation = postgresql.settings().installation_dir.clone();
    drop(postgresql);
    if let Some(passwords) = passwords {
        // It is empty, and harmless where it stays.
        let _ = fs::remove_dir(passwords);
    }
    match fetched {
        Ok(Ok(())) => {
            open(&installation).map_err(|error| error.to_string())?;
            Ok(installation.join("bin"))
        }
        Ok(Err(error)) => Err(error.to_string()),
        Err(_elapsed) => Err(format!("the download was given up after {} s", DOWNLOAD.as_secs())),
    }
}

/// Lets every account enter `directory` and what is below: it is unpacked as a private one.
fn open(directory: &Path) -> Result<(), ClusterError> {
    fs::set_permissions(directory, fs::Permissions::from_mode(0o755)).at("open", directory)?;
    for entry in fs::read_dir(directory).at("read", directory)? {
        let entry = entry.at("read", directory)?;
        if entry.file_type().at("read", &entry.path())?.is_dir() {
            open(&entry.path())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_major_release_is_read_from_what_packages_print() {
        assert_eq!(major_of("postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)"), Some(15));
        assert_eq!(major_of("postgres (PostgreSQL) 18beta2"), Some(18));
        assert_eq!(major_of("postgres (PostgreSQL) devel"), None);
        assert_eq!(major_of("not found"), None);
    }

    #[test]
    fn the_newest_release_comes_first_by_number() {
        let parent = tempfile::tempdir().unwrap();
        for name in ["pg-9.6", "pg-15", "pg-17", "pg-15.4", "other-99"] {
            fs::create_dir(parent.path().join(name)).unwrap();
        }
        let expected =
            ["pg-17/bin", "pg-15.4/bin", "pg-15/bin", "pg-9.6/bin"].map(|name| parent.path().join(name));
        assert_eq!(versions(parent.path(), "pg-", "bin"), expected);
        assert!(versions(&parent.path().join("absent"), "", "bin").is_empty());
    }

    #[test]
    fn the_path_is_asked_first_and_only_its_absolute_entries() {
        let found = candidates(OsStr::new("/opt/one:two:/opt/three"));
        assert_eq!(found.get(..2).unwrap(), [PathBuf::from("/opt/one"), PathBuf::from("/opt/three")]);
    }

    #[test]
    fn a_directory_must_hold_programs_that_run() {
        let account = Account::choose(None).unwrap();
        let directory =
            tempfile::Builder::new().permissions(fs::Permissions::from_mode(0o755)).tempdir().unwrap();
        let write = |name: &str, text: &str| {
            let program = directory.path().join(name);
            fs::write(&program, text).unwrap();
            fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        };
        let found = |major| Binaries::first(vec![directory.path().to_owned()], &account, major);
        for name in ["initdb", "pg_ctl", "psql"] {
            write(name, "");
        }
        assert_eq!(found(None), None, "without postgres");
        write("postgres", "#!/bin/sh\nexit 1\n");
        assert_eq!(found(None), None, "with one that fails");
        write("postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 14.2'\n");
        assert_eq!(found(None), None, "with one that is too old for new data");
        assert_eq!(found(Some(14)).unwrap().major(), 14, "with the one that wrote the data");
        write("postgres", "#!/bin/sh\necho 'postgres (PostgreSQL) 16.1'\n");
        assert_eq!(found(None).unwrap().major(), 16);
        assert_eq!(found(Some(15)), None, "with a newer one than wrote the data");
    }

    #[tokio::test]
    async fn what_cannot_be_fetched_leaves_a_reason_and_nothing_else() {
        let cache = tempfile::tempdir().unwrap();
        let download =
            Download { releases_url: "nowhere:".to_owned(), ..download(cache.path(), 15).unwrap() };
        let (data, passwords) = (download.data_dir.clone(), download.password_file.clone());
        let reason = fetch(download).await.unwrap_err();
        assert!(reason.contains("nowhere:"), "{reason}");
        assert!(!data.exists() && !passwords.parent().unwrap().exists());
        assert_eq!(fs::read_dir(cache.path()).unwrap().count(), 0);
    }

    #[test]
    fn there_are_three_ways_out() {
        let error =
            ClusterError::NotInstalled { major: "15 or newer".to_owned(), reason: "offline".to_owned() };
        for way in ["apt-get install postgresql", "docker compose up", "DATABASE_URL"] {
            assert!(error.to_string().contains(way), "{error}");
        }
    }

    #[test]
    fn what_was_fetched_can_be_reached_by_others() {
        let directory = tempfile::tempdir().unwrap();
        let inner = directory.path().join("share");
        fs::create_dir(&inner).unwrap();
        fs::set_permissions(&inner, fs::Permissions::from_mode(0o700)).unwrap();
        open(directory.path()).unwrap();
        for path in [directory.path(), &inner] {
            assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o755);
        }
    }
}
