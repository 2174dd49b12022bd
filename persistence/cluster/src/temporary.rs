//! Where tests' clusters lie, and how those of killed tests are swept.

use crate::{
    account::{Account, GLANCE},
    binaries::Binaries,
    cluster::Durability,
    error::{At, ClusterError},
    server::{Server, clear},
    site::{Lock, SOCKET_PATH, Site, make, new_directory, socket_path},
};
use std::{
    fs::{self, TryLockError},
    hash::{DefaultHasher, Hash, Hasher},
    io::{Error, ErrorKind},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// How long a turn is waited for: who has it may be downloading PostgreSQL.
const TURN: Duration = Duration::from_secs(900);

/// What a shared cluster's directory adds to the path: a separator, a hash, a dash and six random signs.
const NAME: usize = 24;

/// The directory of this account's temporary clusters.
pub(crate) struct Nursery {
    site: Site,
}

impl Nursery {
    /// Opens the directory, in the system's place for temporary files if clusters can be run there, else in `/tmp`.
    pub(crate) fn open() -> Result<Self, ClusterError> {
        let account = Account::choose(None)?;
        let name = format!("bangkom-tests-{}", account.uid);
        let preferred = std::env::temp_dir();
        if let Ok(nursery) = Self::open_in(&preferred, &name, &account)
            && nursery.has_room()
            && account.reaches(&nursery.site.directory)
        {
            return Ok(nursery);
        }
        Self::open_in(Path::new("/tmp"), &name, &account)
    }

    fn open_in(parent: &Path, name: &str, account: &Account) -> Result<Self, ClusterError> {
        let directory = parent.canonicalize().at("use", parent)?.join(name);
        make(&directory, 0o700)?;
        let found = fs::symlink_metadata(&directory).at("look at", &directory)?;
        // It is the account's, so that a supervisor can remove its cluster. Just made by root, it is still root's.
        if found.is_dir() && account.foreign && found.uid() == 0 {
            account.take(&directory)?;
        } else if !found.is_dir() || found.uid() != account.uid {
            let source = Error::new(ErrorKind::PermissionDenied, "it belongs to somebody else");
            return Err(source).at("use", &directory);
        }
        Ok(Self { site: Site { directory, account: account.clone() } })
    }

    /// Whether the path is short enough for the sockets in it.
    fn has_room(&self) -> bool {
        let inside = self.site.socket_inside();
        socket_path(&inside).to_str().is_some_and(|path| path.len() + NAME <= SOCKET_PATH)
    }

    /// The programs to run clusters with.
    pub(crate) async fn binaries(&self) -> Result<Binaries, ClusterError> {
        Binaries::for_data(&self.site.account, &self.site.cache(), None).await
    }

    /// Makes the place for a new cluster, shared under `name` or not, and sweeps what killed tests have left.
    pub(crate) fn site(&self, name: Option<&str>, binaries: &Binaries) -> Result<(Site, Lock), ClusterError> {
        // Between its making and its locking, a place looks abandoned: sweepers wait their turn.
        let _turn = self.lock("lock")?;
        if let Err(error) = self.sweep(binaries) {
            log::warn!("what earlier tests left was not swept: {error}");
        }
        let prefix = name.map_or_else(|| "own-".to_owned(), prefix);
        let directory = new_directory(&prefix, &self.site.directory, 0o700)?.keep();
        self.site.account.take(&directory)?;
        let site = Site { directory, account: self.site.account.clone() };
        match site.share()? {
            Some(lock) => Ok((site, lock)),
            None => Err(ClusterError::InUse { directory: site.directory, owner: None }),
        }
    }

    /// Waits until this process may start or join a shared cluster; nobody else does so while the value lives.
    pub(crate) fn turn(&self) -> Result<Lock, ClusterError> {
        self.lock("turn")
    }

    /// Joins the shared cluster `name`, if it runs.
    pub(crate) fn join(&self, name: &str) -> Result<Option<(Site, Server, Lock)>, ClusterError> {
        for site in self.sites()? {
            let named = site.directory.file_name().unwrap_or_default().as_encoded_bytes();
            if named.starts_with(prefix(name).as_bytes())
                && let Some(server) = Server::join(&site)
                && let Some(lock) = site.share()?
            {
                return Ok(Some((site, server, lock)));
            }
        }
        Ok(None)
    }

    /// Removes the clusters that nobody holds and nobody supervises.
    fn sweep(&self, binaries: &Binaries) -> Result<(), ClusterError> {
        for site in self.sites()? {
            if Server::is_supervised(&site) {
                continue;
            }
            let Ok(_lock) = site.claim() else { continue };
            clear(&site, binaries, Durability::None)?;
            match fs::remove_dir_all(&site.directory) {
                // Its supervisor may be removing it as well.
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).at("remove", &site.directory);
                }
                _ => log::debug!("swept {}", site.directory.display()),
            }
        }
        Ok(())
    }

    fn sites(&self) -> Result<Vec<Site>, ClusterError> {
        let directory = &self.site.directory;
        let entries = fs::read_dir(directory).at("read", directory)?;
        let is_cluster = |path: &PathBuf| path.is_dir() && *path != self.site.cache();
        let clusters = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(is_cluster);
        Ok(clusters.map(|directory| Site { directory, account: self.site.account.clone() }).collect())
    }

    fn lock(&self, name: &str) -> Result<Lock, ClusterError> {
        let file = self.site.file(name)?;
        let deadline = Instant::now() + TURN;
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Lock(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => thread::sleep(GLANCE),
                Err(error) => return Err(error).at("lock", &self.site.directory.join(name)),
            }
        }
    }
}

/// What the directories of clusters called `name` begin with.
fn prefix(name: &str) -> String {
    let mut hasher = DefaultHasher::new();
    name.hash(&mut hasher);
    format!("{:016x}-", hasher.finish())
}
