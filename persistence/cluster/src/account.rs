//! The account PostgreSQL's programs run under.

use crate::error::{At, ClusterError};
use nix::unistd::{Uid, User, geteuid};
use std::{
    io::{Read, Write},
    os::unix::{fs::chown, process::CommandExt},
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// How often a condition that nothing announces is looked at.
pub(crate) const GLANCE: Duration = Duration::from_millis(10);

/// An account that may run PostgreSQL: our own, or an unprivileged one if we are root.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    gid: u32,
    pub(crate) name: String,
    /// Our own account's name, which is the one that connects.
    pub(crate) client: String,
    /// Whether it is another account than our own.
    pub(crate) foreign: bool,
}

impl Account {
    /// The account for a cluster whose data, where there is some, belongs to `owner`.
    pub(crate) fn choose(owner: Option<u32>) -> Result<Self, ClusterError> {
        let own = geteuid();
        // A failed look-up and an unknown id end in the same place: there is no name to run under.
        let by_id = |uid| User::from_uid(uid).ok().flatten();
        let by_name = |name| User::from_name(name).ok().flatten();
        let user = match owner.map(Uid::from_raw).filter(|uid| own.is_root() && !uid.is_root()) {
            Some(owner) => by_id(owner).ok_or(ClusterError::NoAccount { uid: owner.as_raw() }),
            None if own.is_root() => by_name("postgres")
                .or_else(|| by_name("nobody"))
                .ok_or(ClusterError::NoAccount { uid: own.as_raw() }),
            None => by_id(own).ok_or(ClusterError::NoAccount { uid: own.as_raw() }),
        }?;
        let foreign = user.uid != own;
        let client = if foreign {
            by_id(own).map_or_else(|| "root".to_owned(), |own| own.name)
        } else {
            user.name.clone()
        };
        Ok(Self { uid: user.uid.as_raw(), gid: user.gid.as_raw(), name: user.name, client, foreign })
    }

    /// A command that runs `program` under the account, from `/` (the working directory may be closed to it) and
    /// without the variables that would send PostgreSQL's programs elsewhere.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            if name.as_encoded_bytes().starts_with(b"PG") {
                command.env_remove(name);
            }
        }
        command.env("LC_ALL", "C").current_dir("/").stdin(Stdio::null());
        if self.foreign {
            // Giving up root's user id this way also gives up its supplementary groups.
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    /// Gives `path` to the account.
    pub(crate) fn take(&self, path: &Path) -> Result<(), ClusterError> {
        if self.foreign { chown(path, Some(self.uid), Some(self.gid)).at("hand over", path) } else { Ok(()) }
    }

    /// Whether the account can enter `directory`. Asked of the system, because mode bits do not tell all of it.
    pub(crate) fn reaches(&self, directory: &Path) -> bool {
        let mut command = self.command(Path::new("/bin/sh"));
        command.args(["-c", "cd -- \"$1\"", "sh"]).arg(directory).stdout(Stdio::null()).stderr(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }
}

/// Runs `command` to its end with `input`, and returns what it printed. Only for programs that print little: the
/// output is read when they are done.
pub(crate) fn finish(
    command: &mut Command,
    input: &str,
    step: &'static str,
    limit: Duration,
) -> Result<String, ClusterError> {
    let program = Path::new(command.get_program()).to_owned();
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().at("run", &program)?;
    if let Some(mut stdin) = child.stdin.take() {
        // A program that does not listen says why in its output.
        let _ = stdin.write_all(input.as_bytes());
    }
    let deadline = Instant::now() + limit;
    let status = loop {
        match child.try_wait().at("wait for", &program)? {
            None if Instant::now() < deadline => thread::sleep(GLANCE),
            None => {
                child.kill().at("end", &program)?;
                child.wait().at("wait for", &program)?;
                break None;
            }
            status => break status,
        }
    };
    let mut output = Vec::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout.read_to_end(&mut output).at("read the output of", &program)?;
    }
    if let Some(mut stderr) = child.stderr.take() {
        stderr.read_to_end(&mut output).at("read the output of", &program)?;
    }
    let output = String::from_utf8_lossy(&output).trim().to_owned();
    match status {
        Some(status) if status.success() => Ok(output),
        Some(_) => Err(ClusterError::Failed { step, output }),
        None => Err(ClusterError::TimedOut { step, seconds: limit.as_secs(), output }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_account_is_never_root_and_root_becomes_another() {
        let account = Account::choose(None).unwrap();
        assert_ne!(account.uid, 0);
        assert_eq!(account.foreign, geteuid().is_root());
        let uid = finish(
            account.command(Path::new("/bin/sh")).args(["-c", "id -u"]),
            "",
            "id",
            Duration::from_secs(60),
        );
        assert_eq!(uid.unwrap(), account.uid.to_string());
    }

    #[test]
    fn data_without_an_owner_of_its_own_does_not_choose_root() {
        assert_ne!(Account::choose(Some(0)).unwrap().uid, 0);
    }

    #[test]
    fn a_program_that_hangs_is_given_up() {
        let mut command = Command::new("/bin/sh");
        let error = finish(
            command.args(["-c", "echo waiting; exec sleep 600"]),
            "",
            "a nap",
            Duration::from_millis(50),
        );
        let error = error.unwrap_err();
        assert!(matches!(&error, ClusterError::TimedOut { output, .. } if output == "waiting"), "{error}");
    }

    #[test]
    fn a_program_that_fails_has_the_last_word() {
        let mut command = Command::new("/bin/sh");
        let error = finish(
            command.args(["-c", "read x; echo no $x >&2; exit 3"]),
            "way\n",
            "trying",
            Duration::from_secs(60),
        );
        assert_eq!(error.unwrap_err().to_string(), "trying failed; its last words:\nno way");
    }
}
