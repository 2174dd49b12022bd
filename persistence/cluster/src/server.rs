//! The server process: making its data directory, starting it under its supervisor, letting it go.

use crate::{
    account::{GLANCE, finish},
    binaries::Binaries,
    cluster::Durability,
    error::{At, ClusterError},
    site::{PORT, Site, new_directory, socket_path},
};
use nix::{fcntl::OFlag, sys::stat::Mode, unistd::mkfifo};
use std::{
    ffi::OsString,
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    os::unix::{fs::OpenOptionsExt, net::UnixStream, process::CommandExt},
    path::{Path, PathBuf},
    process::Child,
    thread,
    time::{Duration, Instant},
};

/// The role that owns everything in a cluster.
pub(crate) const ROLE: &str = "bangkom";

/// How long making a data directory may take; `initdb` is slow on slow disks.
const CREATION: Duration = Duration::from_secs(300);

/// How long the server may take until it answers; after a crash it first replays what it had logged.
const START: Duration = Duration::from_secs(300);

/// How long the server may take to finish.
const STOP: Duration = Duration::from_secs(120);

/// How long one small statement may take.
const STATEMENT: Duration = Duration::from_secs(60);

/// A log longer than this is set aside at the next start, in bytes.
const LOG_SIZE: u64 = 8 * 1024 * 1024;

/// How a server is run.
pub(crate) struct Run<'a> {
    pub(crate) site: &'a Site,
    pub(crate) binaries: &'a Binaries,
    pub(crate) durability: Durability,
    pub(crate) max_connections: u16,
    /// Seconds for which the server waits for another owner when the last one has gone.
    pub(crate) linger: u8,
    /// Whether the site goes when the server does.
    pub(crate) fleeting: bool,
}

/// A hold on a running server: it runs until all holds are gone.
#[derive(Debug)]
pub(crate) struct Server {
    /// The directory of its socket.
    pub(crate) socket: PathBuf,
    /// The supervisor, if this hold started it and it is this hold's to wait for.
    supervisor: Option<Child>,
    /// The writing end of the FIFO.
    alive: File,
    log: Log,
}

impl Server {
    /// Makes the data directory if there is none, starts the server and waits until it takes connections.
    pub(crate) fn start(run: &Run<'_>) -> Result<Self, ClusterError> {
        create(run)?;
        clear(run.site, run.binaries, run.durability)?;
        let socket = run.site.socket()?;
        let log = Log::open(run.site)?;
        let path = run.site.alive();
        let (alive, reader) = fifo(&path)?;
        let leftover = if run.fleeting {
            run.site.directory.as_path()
        } else if socket.starts_with(&run.site.directory) {
            Path::new("")
        } else {
            &socket
        };
        let shell = Path::new("/bin/sh");
        let mut command = run.site.account.command(shell);
        command
            // The terminal sends Ctrl-C to its whole process group: the server must not be in it.
            .process_group(0)
            .arg(run.site.write("supervise.sh", include_str!("supervise.sh"))?)
            .arg(run.durability.signal())
            .arg(run.linger.to_string())
            .arg(&path)
            .arg(leftover)
            .arg(run.binaries.program("postgres"))
            .args(arguments(run, &socket)?)
            .stdin(reader)
            .stdout(log.file.try_clone().at("open", &log.path)?)
            .stderr(log.file.try_clone().at("open", &log.path)?);
        let before = fs::read(postmaster_pid(run.site)).ok();
        let supervisor = command.spawn().at("run", shell)?;
        // The command holds the reading end too, and a reader tells who wants to join that there is a supervisor.
        drop(command);
        let mut server = Self { socket, supervisor: Some(supervisor), alive, log };
        match server.ready(run.site, before.as_deref()) {
            Ok(()) => Ok(server),
            Err(error) => {
                if let Err(second) = server.stop() {
                    log::warn!("the server that did not start was not stopped either: {second}");
                }
                Err(error)
            }
        }
    }

    /// Whether a supervisor minds the server of `site` and still lets others join.
    pub(crate) fn is_supervised(site: &Site) -> bool {
        open_fifo(&site.alive(), OpenOptions::new().write(true)).is_ok()
    }

    /// Joins the server of `site`, if one is up and does not retire at this moment.
    pub(crate) fn join(site: &Site) -> Option<Self> {
        let mut alive = open_fifo(&site.alive(), OpenOptions::new().write(true)).ok()?;
        alive.write_all(b"\n").ok()?;
        let socket = running_socket(site)?;
        UnixStream::connect(socket_path(&socket)).ok()?;
        Some(Self { socket, supervisor: None, alive, log: Log::open(site).ok()? })
    }

    /// Leaves the server to its supervisor, which may outlive this process.
    pub(crate) fn share(mut self) -> Self {
        self.supervisor = None;
        self
    }

    /// Lets the server go, and waits for its end if it is ours alone.
    pub(crate) fn stop(self) -> Result<(), ClusterError> {
        let Self { supervisor, alive, log, .. } = self;
        drop(alive);
        let Some(mut supervisor) = supervisor else { return Ok(()) };
        let deadline = Instant::now() + STOP;
        while supervisor.try_wait().at("wait for", Path::new("/bin/sh"))?.is_none() {
            if Instant::now() > deadline {
                return Err(log.timed_out("stopping PostgreSQL", STOP));
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }

    /// Waits until the server says in its `postmaster.pid`, which was `before`, that it takes connections.
    fn ready(&mut self, site: &Site, before: Option<&[u8]>) -> Result<(), ClusterError> {
        let path = postmaster_pid(site);
        let deadline = Instant::now() + START;
        let supervisor = Path::new("/bin/sh");
        while let Some(child) = &mut self.supervisor {
            if child.try_wait().at("wait for", supervisor)?.is_some() {
                return Err(ClusterError::Failed { step: "starting PostgreSQL", output: self.log.tail() });
            }
            let now = fs::read(&path).unwrap_or_default();
            let status = now.split(|byte| *byte == b'\n').nth(7).unwrap_or_default();
            if status.trim_ascii() == b"ready" && before != Some(now.as_slice()) {
                break;
            }
            if Instant::now() > deadline {
                return Err(self.log.timed_out("starting PostgreSQL", START));
            }
            thread::sleep(GLANCE);
        }
        Ok(())
    }
}

/// Makes the data directory if there is none: elsewhere first, so that a creation cut short is not taken for one.
fn create(run: &Run<'_>) -> Result<(), ClusterError> {
    let Run { site, binaries, durability, .. } = run;
    let data = site.data();
    if data.join("PG_VERSION").is_file() {
        return Ok(());
    }
    let directory = &site.directory;
    for entry in fs::read_dir(directory).at("read", directory)? {
        let entry = entry.at("read", directory)?;
        if entry.file_name().as_encoded_bytes().starts_with(b"data.") {
            fs::remove_dir_all(entry.path()).at("remove", &entry.path())?;
        }
    }
    let fresh = new_directory("data.", directory, 0o700)?;
    site.account.take(fresh.path())?;
    let mut initdb = site.account.command(&binaries.program("initdb"));
    initdb.arg("--pgdata").arg(fresh.path()).args(["--username", ROLE, "--encoding=UTF8", "--locale=C"]);
    initdb.args(["--auth-local=peer", "--auth-host=scram-sha-256"]);
    initdb.arg(match durability {
        Durability::Full => "--data-checksums",
        Durability::None => "--no-sync",
    });
    finish(&mut initdb, "", "creating the database cluster", CREATION)?;
    fs::rename(fresh.keep(), &data).at("move the new cluster to", &data)?;
    match durability {
        Durability::Full => File::open(directory).and_then(|it| it.sync_all()).at("write to", directory),
        Durability::None => Ok(()),
    }
}

/// Leaves nobody at work in the data directory: a server may have outlived its owner and its supervisor, and a killed
/// server's last backends need a moment to notice.
pub(crate) fn clear(site: &Site, binaries: &Binaries, durability: Durability) -> Result<(), ClusterError> {
    let path = postmaster_pid(site);
    let Ok(content) = fs::read_to_string(&path) else { return Ok(()) };
    let server: Option<u32> = content.lines().next().and_then(|line| line.trim().parse().ok());
    let deadline = Instant::now() + STOP;
    let mut asked = false;
    loop {
        let workers = at_work(site)?;
        if workers.as_ref().is_some_and(Vec::is_empty) {
            break;
        }
        // After a reboot the number in the file may be another program's, so it is believed only if that program
        // works in the data directory. Where the system does not tell, PostgreSQL's own checks must do.
        let running =
            workers.as_ref().is_none_or(|workers| server.is_some_and(|server| workers.contains(&server)));
        if running && !asked {
            log::warn!("a PostgreSQL server was left running in {}: stopping it", site.data().display());
            asked = true;
            let mut stop = site.account.command(&binaries.program("pg_ctl"));
            stop.args(["stop", "--no-wait", "--mode", durability.mode(), "--pgdata"]).arg(site.data());
            if let Err(error) = finish(&mut stop, "", "stopping PostgreSQL", STOP) {
                log::debug!("nothing to stop: {error}");
            }
        }
        if workers.is_none() && !path.exists() {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(Log::open(site)?.timed_out("waiting for an earlier PostgreSQL to end", STOP));
        }
        thread::sleep(GLANCE);
    }
    match fs::remove_file(&path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error).at("remove", &path),
        _ => Ok(()),
    }
}

/// The processes whose working directory is the data directory, as all of a PostgreSQL server's are; `None` where the
/// system does not tell. Asked under the server's account, because even root may not look at others' processes in a
/// container.
fn at_work(site: &Site) -> Result<Option<Vec<u32>>, ClusterError> {
    const LIST: &str = r#"
        cd -- "$1" || exit
        echo $$
        for process in /proc/[0-9]*; do
            if [ "$process/cwd" -ef . ]; then echo "${process#/proc/}"; fi
        done
    "#;
    let mut shell = site.account.command(Path::new("/bin/sh"));
    shell.args(["-c", LIST, "sh"]).arg(site.data());
    let listed = finish(&mut shell, "", "looking for a running PostgreSQL", STATEMENT)?;
    let mut listed = listed.lines().filter_map(|line| line.trim().parse().ok());
    let own: Option<u32> = listed.next();
    let mut found: Vec<u32> = listed.collect();
    // The shell stands in the data directory too: a list without it is no list.
    let all = found.len();
    found.retain(|pid| Some(*pid) != own);
    Ok((found.len() < all).then_some(found))
}

/// The server's command line after its program. Settings are given here, not written into the data directory, so that
/// a new version's settings reach old clusters.
fn arguments(run: &Run<'_>, socket: &Path) -> Result<Vec<OsString>, ClusterError> {
    let account = &run.site.account;
    let hba = run.site.write("hba.conf", &format!("local all {ROLE} peer map=owner\n"))?;
    let mut map = String::new();
    for name in [&account.name, &account.client] {
        // Writing to a string cannot fail.
        let _ = writeln!(map, "owner \"{name}\" {ROLE}");
    }
    let ident = run.site.write("ident.conf", &map)?;

    let mut arguments: Vec<OsString> = vec!["-D".into(), run.site.data().into()];
    let mut set = |name: &str, value: &std::ffi::OsStr| {
        let mut setting = OsString::from(format!("{name}="));
        setting.push(value);
        arguments.extend([OsString::from("-c"), setting]);
    };
    // A list of directories: quoted, or a comma in the path would end it.
    let sockets = format!("\"{}\"", socket.to_string_lossy().replace('"', "\"\""));
    set("unix_socket_directories", sockets.as_ref());
    set("hba_file", hba.as_os_str());
    set("ident_file", ident.as_os_str());
    set("port", PORT.to_string().as_ref());
    set("max_connections", run.max_connections.to_string().as_ref());
    for (name, value) in [
        ("listen_addresses", ""),
        ("unix_socket_permissions", "0700"),
        ("cluster_name", ROLE),
        ("shared_buffers", "128MB"),
        ("timezone", "UTC"),
        ("log_timezone", "UTC"),
        ("log_line_prefix", "%m [%p] "),
        ("logging_collector", "off"),
        ("log_destination", "stderr"),
        // Compiling pays for long analytical statements only.
        ("jit", "off"),
    ] {
        set(name, value.as_ref());
    }
    if run.durability == Durability::None {
        for name in ["fsync", "synchronous_commit", "full_page_writes"] {
            set(name, "off".as_ref());
        }
        set("wal_level", "minimal".as_ref());
        set("max_wal_senders", "0".as_ref());
    }
    Ok(arguments)
}

/// Creates `database` unless it is there. It also shows that the server lets us in.
pub(crate) fn create_database(
    site: &Site,
    binaries: &Binaries,
    url: &str,
    database: &str,
) -> Result<(), ClusterError> {
    const CREATE: &str = "SELECT format('CREATE DATABASE %I', :'name') \
        WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = :'name') \\gexec\n";
    let mut psql = site.account.command(&binaries.program("psql"));
    psql.args(["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1"]);
    psql.arg("--set").arg(format!("name={database}")).arg("--dbname").arg(url);
    finish(&mut psql, CREATE, "creating the database", STATEMENT).map(drop)
}

/// The directory of the socket the server says it takes connections on.
fn running_socket(site: &Site) -> Option<PathBuf> {
    let content = fs::read_to_string(postmaster_pid(site)).ok()?;
    let mut lines = content.lines().skip(4);
    let (socket, status) = (lines.next()?, lines.nth(2)?);
    (status.trim() == "ready").then(|| socket.into())
}

fn postmaster_pid(site: &Site) -> PathBuf {
    site.data().join("postmaster.pid")
}

/// A fresh FIFO at `path`: its writing end for the owner, its reading end for the supervisor.
fn fifo(path: &Path) -> Result<(File, File), ClusterError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error).at("remove", path),
        _ => {}
    }
    mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR).at("make the FIFO", path)?;
    // Opening an end waits for the other end, but for a reader that does not wait. The supervisor's must wait.
    let opener = open_fifo(path, OpenOptions::new().read(true)).at("open", path)?;
    let writer = open_fifo(path, OpenOptions::new().write(true)).at("open", path)?;
    let reader = File::open(path).at("open", path)?;
    drop(opener);
    Ok((writer, reader))
}

fn open_fifo(path: &Path, options: &mut OpenOptions) -> std::io::Result<File> {
    options.custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW).bits()).open(path)
}

/// The server's log, from this start on.
#[derive(Debug)]
struct Log {
    path: PathBuf,
    file: File,
    start: u64,
}

impl Log {
    fn open(site: &Site) -> Result<Self, ClusterError> {
        let path = site.log();
        if fs::metadata(&path).is_ok_and(|log| log.len() > LOG_SIZE) {
            fs::rename(&path, path.with_extension("log.1")).at("set aside", &path)?;
        }
        let file = site.file("postgresql.log")?;
        let start = file.metadata().at("look at", &path)?.len();
        Ok(Self { path, file, start })
    }

    /// The last lines.
    fn tail(&self) -> String {
        const LINES: usize = 20;
        const BYTES: u64 = 16 * 1024;
        let mut text = Vec::new();
        let read = File::open(&self.path).and_then(|mut file| {
            let end = file.seek(SeekFrom::End(0))?;
            file.seek(SeekFrom::Start(self.start.max(end.saturating_sub(BYTES))))?;
            file.read_to_end(&mut text)
        });
        match read {
            Ok(_) => {
                let text = String::from_utf8_lossy(&text);
                let lines: Vec<&str> = text.lines().collect();
                lines.get(lines.len().saturating_sub(LINES)..).unwrap_or_default().join("\n")
            }
            Err(error) => format!("(the log cannot be read: {error})"),
        }
    }

    fn timed_out(&self, step: &'static str, limit: Duration) -> ClusterError {
        ClusterError::TimedOut { step, seconds: limit.as_secs(), output: self.tail() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::Account;

    #[test]
    fn the_tail_of_a_log_is_this_start_s_last_lines() {
        let directory = tempfile::tempdir().unwrap();
        let site = Site { directory: directory.path().to_owned(), account: Account::choose(None).unwrap() };
        site.file("postgresql.log").unwrap().write_all(b"from an earlier start\n").unwrap();
        let mut log = Log::open(&site).unwrap();
        assert_eq!(log.tail(), "");
        for line in 1..=30 {
            writeln!(log.file, "line {line}").unwrap();
        }
        let tail = log.tail();
        assert_eq!((tail.lines().next(), tail.lines().last()), (Some("line 11"), Some("line 30")));
    }

    #[test]
    fn a_log_that_has_grown_long_is_set_aside() {
        let directory = tempfile::tempdir().unwrap();
        let site = Site { directory: directory.path().to_owned(), account: Account::choose(None).unwrap() };
        site.file("postgresql.log").unwrap().set_len(LOG_SIZE + 1).unwrap();
        assert_eq!(Log::open(&site).unwrap().start, 0);
        assert!(directory.path().join("postgresql.log.1").exists());
    }

    #[test]
    fn a_fifo_ends_when_its_last_writer_goes() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("alive");
        let (writer, mut reader) = fifo(&path).unwrap();
        let mut joined = open_fifo(&path, OpenOptions::new().write(true)).unwrap();
        drop(writer);
        joined.write_all(b"\n").unwrap();
        drop(joined);
        let mut line = String::new();
        reader.read_to_string(&mut line).unwrap();
        assert_eq!(line, "\n");
        drop(reader);
        open_fifo(&path, OpenOptions::new().write(true)).expect_err("nobody supervises it any more");
    }
}
