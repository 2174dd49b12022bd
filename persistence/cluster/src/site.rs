//! A cluster's directory: where it lies, whose it is, and who uses it.

use crate::{
    account::Account,
    error::{At, ClusterError},
};
use nix::fcntl::OFlag;
use std::{
    fs::{self, DirBuilder, File, OpenOptions, Permissions, TryLockError},
    io::{ErrorKind, Read, Write},
    os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt, fchown, symlink},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// Where root keeps clusters whose requested place the unprivileged account cannot reach.
const REACHABLE: &str = "/var/lib/bangkom";

/// The longest path of a Unix socket that every system takes (Linux: 107, macOS: 103).
pub(crate) const SOCKET_PATH: usize = 103;

/// The port PostgreSQL names its socket after.
pub(crate) const PORT: u16 = 5432;

/// A cluster's directory and the account that runs it.
///
/// The directory holds `data` and `socket`, which belong to the account, and files that belong to the directory's
/// owner: `lock`, `alive` (the FIFO), `hba.conf`, `ident.conf`, `supervise.sh`,
/// `postgresql.log`.
#[derive(Clone, Debug)]
pub(crate) struct Site {
    pub(crate) directory: PathBuf,
    pub(crate) account: Account,
}

impl Site {
    /// The site for a lasting cluster in `requested`, made if absent. If the account that must run it cannot get
    /// there, `requested` becomes a symbolic link to where it can.
    pub(crate) fn settle(requested: &Path) -> Result<Self, ClusterError> {
        let requested = std::path::absolute(requested).at("resolve", requested)?;
        let owner = fs::metadata(requested.join("data")).ok().map(|data| data.uid());
        let account = Account::choose(owner)?;
        // Others may pass through root's directory, to `data` and `socket`, which are the account's alone.
        make(&requested, if account.foreign { 0o711 } else { 0o700 })?;
        let mut directory = requested.canonicalize().at("resolve", &requested)?;
        if account.foreign && !account.reaches(&directory) {
            relocate(&requested, &account)?;
            directory = requested.canonicalize().at("resolve", &requested)?;
        }
        Ok(Self { directory, account })
    }

    /// The data directory.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// The FIFO whose writing end the cluster's owners hold.
    pub(crate) fn alive(&self) -> PathBuf {
        self.directory.join("alive")
    }

    /// The directory of the server's socket, if the path is short enough.
    pub(crate) fn socket_inside(&self) -> PathBuf {
        self.directory.join("socket")
    }

    /// The server's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.directory.join("postgresql.log")
    }

    /// Where downloaded programs are kept.
    pub(crate) fn cache(&self) -> PathBuf {
        self.directory.join("postgresql")
    }

    /// The major release that wrote the data, if there is any.
    pub(crate) fn data_major(&self) -> Option<u16> {
        fs::read_to_string(self.data().join("PG_VERSION")).ok()?.trim().parse().ok()
    }

    /// Opens a file of the directory for reading and appending, and makes it if absent. It is private to the
    /// directory's owner, who is not always us: root may start what a user has made.
    pub(crate) fn file(&self, name: &str) -> Result<File, ClusterError> {
        let path = self.directory.join(name);
        let file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .mode(0o600)
            .custom_flags(OFlag::O_NOFOLLOW.bits())
            .open(&path)
            .at("open", &path)?;
        self.give(&file, &path)?;
        Ok(file)
    }

    /// Writes a file the account can read, all or nothing.
    pub(crate) fn write(&self, name: &str, text: &str) -> Result<PathBuf, ClusterError> {
        let path = self.directory.join(name);
        let permissions = Permissions::from_mode(0o644);
        let mut file = tempfile::Builder::new().tempfile_in(&self.directory).at("write", &path)?;
        file.write_all(text.as_bytes()).at("write", &path)?;
        file.as_file().set_permissions(permissions).at("write", &path)?;
        self.give(file.as_file(), &path)?;
        file.persist(&path).at("write", &path)?;
        Ok(path)
    }

    fn give(&self, file: &File, path: &Path) -> Result<(), ClusterError> {
        if self.account.foreign {
            let owner = fs::metadata(&self.directory).at("look at", &self.directory)?;
            fchown(file, Some(owner.uid()), Some(owner.gid())).at("hand over", path)?;
        }
        Ok(())
    }

    /// Makes this process the owner of the cluster.
    pub(crate) fn claim(&self) -> Result<Lock, ClusterError> {
        let path = self.directory.join("lock");
        let mut file = self.file("lock")?;
        match file.try_lock() {
            Ok(()) => {
                let lock = Lock(file);
                lock.0.set_len(0).at("write", &path)?;
                (&lock.0).write_all(std::process::id().to_string().as_bytes()).at("write", &path)?;
                Ok(lock)
            }
            Err(TryLockError::WouldBlock) => {
                let mut owner = String::new();
                file.read_to_string(&mut owner).at("read", &path)?;
                Err(ClusterError::InUse {
                    directory: self.directory.clone(),
                    owner: owner.trim().parse().ok(),
                })
            }
            Err(TryLockError::Error(source)) => Err(source).at("lock", &path),
        }
    }

    /// Makes this process one of the cluster's owners; `None` if it has a sole one.
    pub(crate) fn share(&self) -> Result<Option<Lock>, ClusterError> {
        let file = self.file("lock")?;
        Ok(file.try_lock_shared().is_ok().then_some(Lock(file)))
    }

    /// A directory for the server's socket that nobody but the account may enter. It lies in the cluster's directory,
    /// or in `/tmp` under a new name if the path would be too long for a socket.
    pub(crate) fn socket(&self) -> Result<PathBuf, ClusterError> {
        let inside = self.socket_inside();
        let path = socket_path(&inside);
        if path.to_str().is_some_and(|path| path.len() <= SOCKET_PATH) {
            make(&inside, 0o700)?;
            self.account.take(&inside)?;
            return Ok(inside);
        }
        let outside = new_directory("bangkom-", Path::new("/tmp"), 0o700)?;
        self.account.take(outside.path())?;
        Ok(outside.keep())
    }
}

/// A locked file, and a claim as long as the value lives.
#[derive(Debug)]
pub(crate) struct Lock(pub(crate) File);

impl Drop for Lock {
    fn drop(&mut self) {
        // Closing is not enough: a child that another thread is just starting may have the file open as well.
        if let Err(error) = self.0.unlock() {
            log::warn!("a lock was not released: {error}");
        }
    }
}

/// The socket in `directory`.
pub(crate) fn socket_path(directory: &Path) -> PathBuf {
    directory.join(format!(".s.PGSQL.{PORT}"))
}

/// Makes `directory` with `mode`, and the directories above it as usual. One that is there is left as it is.
pub(crate) fn make(directory: &Path, mode: u32) -> Result<(), ClusterError> {
    if directory.is_dir() {
        return Ok(());
    }
    // A link whose target was removed is followed once more.
    let target = match fs::read_link(directory) {
        Ok(link) => directory.parent().unwrap_or(directory).join(link),
        Err(_no_link) => directory.to_owned(),
    };
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).at("make", parent)?;
    }
    match DirBuilder::new().mode(mode).create(&target) {
        Ok(()) => fs::set_permissions(&target, Permissions::from_mode(mode)).at("make", &target),
        Err(error) if error.kind() == ErrorKind::AlreadyExists && target.is_dir() => Ok(()),
        Err(error) => Err(error).at("make", &target),
    }
}

/// A new directory in `parent` under a name nobody knew before. It is removed with the value.
pub(crate) fn new_directory(prefix: &str, parent: &Path, mode: u32) -> Result<TempDir, ClusterError> {
    let permissions = Permissions::from_mode(mode);
    tempfile::Builder::new().prefix(prefix).permissions(permissions).tempdir_in(parent).at("write to", parent)
}

/// Puts in the place of the empty directory `requested` a link to a new one that `account` can reach.
fn relocate(requested: &Path, account: &Account) -> Result<(), ClusterError> {
    let unreachable = |directory: &Path| ClusterError::Unreachable {
        directory: directory.to_owned(),
        account: account.name.clone(),
    };
    // Succeeds only for an empty directory: data is never left behind.
    fs::remove_dir(requested).map_err(|_full| unreachable(requested))?;
    let parent = Path::new(REACHABLE);
    make(parent, 0o711)?;
    let target = new_directory("cluster-", parent, 0o711)?;
    if !account.reaches(target.path()) {
        return Err(unreachable(target.path()));
    }
    match symlink(target.path(), requested) {
        Ok(()) => {
            let target = target.keep();
            log::info!(
                "account `{}`, under which PostgreSQL runs, cannot enter {}: the data is kept in {}",
                account.name,
                requested.display(),
                target.display()
            );
            Ok(())
        }
        // Another start was faster, and its place is as good.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(error).at("link", requested),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn site() -> (TempDir, Site) {
        let parent = tempfile::tempdir().unwrap();
        fs::set_permissions(parent.path(), Permissions::from_mode(0o755)).unwrap();
        let site = Site::settle(&parent.path().join("a/cluster")).unwrap();
        (parent, site)
    }

    #[test]
    fn a_claimed_site_names_its_owner_until_it_is_let_go() {
        let (_parent, site) = site();
        let lock = site.claim().unwrap();
        let error = site.claim().unwrap_err();
        assert!(
            matches!(error, ClusterError::InUse { owner: Some(pid), .. } if pid == std::process::id()),
            "{error}"
        );
        drop(lock);
        site.claim().unwrap();
    }

    #[test]
    fn what_the_server_reads_is_replaced_as_a_whole() {
        let (_parent, site) = site();
        site.write("hba.conf", "first and longer").unwrap();
        let path = site.write("hba.conf", "second").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "second");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
    }

    #[test]
    fn a_link_in_the_place_of_a_file_is_not_followed() {
        let (parent, site) = site();
        let target = parent.path().join("precious");
        symlink(&target, site.directory.join("lock")).unwrap();
        assert!(matches!(site.claim().unwrap_err(), ClusterError::Io { .. }));
        assert!(!target.exists());
    }

    #[test]
    fn the_socket_moves_out_of_a_directory_with_a_long_path() {
        let (_parent, site) = site();
        assert_eq!(site.socket().unwrap(), site.directory.join("socket"));
        let long = Site { directory: site.directory.join("long".repeat(25)), account: site.account.clone() };
        make(&long.directory, 0o711).unwrap();
        let socket = long.socket().unwrap();
        assert!(socket_path(&socket).as_os_str().len() <= SOCKET_PATH);
        let directory = fs::metadata(&socket).unwrap();
        assert_eq!((directory.permissions().mode() & 0o777, directory.uid()), (0o700, site.account.uid));
        fs::remove_dir(socket).unwrap();
    }

    #[test]
    fn a_directory_whose_link_leads_nowhere_is_made_where_it_leads() {
        let parent = tempfile::tempdir().unwrap();
        let link = parent.path().join("link");
        symlink(parent.path().join("gone/target"), &link).unwrap();
        make(&link, 0o700).unwrap();
        assert!(parent.path().join("gone/target").is_dir());
    }
}
