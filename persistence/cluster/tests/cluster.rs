//! Clusters with a real PostgreSQL: what survives, what is refused, what is left behind.

#![expect(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

use cluster::{Binaries, Cluster, ClusterError, Durability, Settings};
use nix::{
    sys::signal::{Signal, kill},
    unistd::{Pid, geteuid, getpgid, getpgrp},
};
use std::{
    fs::{self, Permissions},
    io::{BufRead, BufReader, Read},
    os::unix::{
        fs::{MetadataExt, PermissionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Child, ChildStdout, Command, Stdio},
    thread,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// A directory every account can enter, with its permissions as `mode` says.
fn directory(mode: u32) -> TempDir {
    tempfile::Builder::new().permissions(Permissions::from_mode(mode)).tempdir().unwrap()
}

fn settings(parent: &Path) -> Settings {
    Settings {
        directory: parent.join("cluster"),
        database: "it".to_owned(),
        durability: Durability::Full,
        max_connections: 10,
    }
}

fn psql(url: &str) -> Command {
    let mut command = Command::new(Binaries::find().unwrap().directory().join("psql"));
    command.args(["-XAtq", "-v", "ON_ERROR_STOP=1", "-d", url, "-c"]).current_dir("/");
    command
}

/// The answer of `cluster` to one statement in the database `it`.
fn query(cluster: &Cluster, sql: &str) -> String {
    let output = psql(&cluster.url("it")).arg(sql).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn server(directory: &Path) -> Pid {
    let file = fs::read_to_string(directory.join("data/postmaster.pid")).unwrap();
    Pid::from_raw(file.lines().next().unwrap().parse().unwrap())
}

/// Whether a process runs; one that has ended and waits for its parent has no command line any more.
fn runs(process: Pid) -> bool {
    fs::read(format!("/proc/{process}/cmdline")).is_ok_and(|command| !command.is_empty())
}

/// Looks until `happened`; a minute is more than anything here takes.
fn wait_for(what: &str, happened: impl Fn() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !happened() {
        assert!(Instant::now() < deadline, "{what} did not happen");
        thread::yield_now();
    }
}

/// Another process that holds a cluster until it is let go or killed: this program, running one of the tests below.
struct Holder {
    child: Child,
    /// Kept open: the other side reports its end as a test does.
    _output: BufReader<ChildStdout>,
    /// Where its cluster is kept.
    directory: PathBuf,
}

impl Holder {
    fn start(test: &str, directory: &Path) -> Self {
        fs::write(directory.join("held"), "").unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([test, "--exact", "--ignored", "--nocapture"])
            .current_dir(directory)
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        let mut lines = output.by_ref().lines().map(Result::unwrap);
        let path = lines.find_map(|line| line.split_once("holds ").map(|(_, path)| path.to_owned())).unwrap();
        Self { child, _output: output, directory: PathBuf::from(path) }
    }

    fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    fn let_go(mut self) {
        drop(self.child.stdin.take());
        assert!(self.child.wait().unwrap().success());
    }
}

/// The other side of [`Holder`]: says where the cluster is, and holds it until the input ends.
fn hold(start: impl AsyncFnOnce(&Path) -> Cluster) {
    let here = std::env::current_dir().unwrap();
    if here.join("held").exists() {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let cluster = runtime.block_on(start(&here));
        println!("holds {}", cluster.directory().display());
        std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        drop(cluster);
    }
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn holds_a_lasting_cluster() {
    hold(async |here| Cluster::start(settings(here)).await.unwrap());
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn holds_a_temporary_cluster() {
    hold(async |_| Cluster::temporary().await.unwrap());
}

#[test]
#[ignore = "run by other tests in a process of its own"]
fn holds_a_shared_cluster() {
    hold(async |here| Cluster::shared(here.to_str().unwrap()).await.unwrap());
}

#[tokio::test]
async fn data_stays_between_runs_and_the_settings_apply() {
    let parent = directory(0o755);
    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    query(&cluster, "CREATE TABLE kept AS SELECT 'yes' AS answer");
    cluster.stop().await.unwrap();
    assert!(!parent.path().join("cluster/data/postmaster.pid").exists());

    let again =
        Settings { database: "it's \"another\"".to_owned(), max_connections: 17, ..settings(parent.path()) };
    let cluster = Cluster::start(again).await.unwrap();
    assert_eq!(query(&cluster, "SELECT answer FROM kept"), "yes");
    assert_eq!(
        query(&cluster, "SELECT datname FROM pg_database WHERE datname LIKE '%another%'"),
        "it's \"another\""
    );
    let output = psql(&cluster.url("it's \"another\"")).arg("SELECT 1").output().unwrap();
    assert!(output.status.success(), "the address of an odd name leads to it");
    for (name, value) in [
        ("max_connections", "17"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("listen_addresses", ""),
        ("timezone", "UTC"),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
    ] {
        assert_eq!(query(&cluster, &format!("SELECT current_setting('{name}')")), value, "{name}");
    }
}

#[tokio::test]
async fn a_killed_server_is_recovered() {
    let parent = directory(0o755);
    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    query(&cluster, "CREATE TABLE kept AS SELECT 'yes' AS answer");
    // A backend in the middle of something notices late that its server is gone.
    let mut busy = psql(&cluster.url("it"))
        .arg("SELECT count(*) FROM generate_series(1, 10000000)")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let active = "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND state = 'active' \
                  AND pid <> pg_backend_pid()";
    wait_for("a busy backend", || query(&cluster, active) == "1");
    kill(server(cluster.directory()), Signal::SIGKILL).unwrap();
    cluster.stop().await.unwrap();

    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    assert_eq!(query(&cluster, "SELECT answer FROM kept"), "yes");
    busy.wait().unwrap();
}

#[tokio::test]
async fn a_killed_owner_takes_its_server_along_and_the_next_start_recovers() {
    let parent = directory(0o755);
    let holder = Holder::start("holds_a_lasting_cluster", parent.path());
    let before = server(&holder.directory);
    holder.kill();
    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    assert_ne!(server(cluster.directory()), before);
    assert_eq!(query(&cluster, "SELECT 1"), "1");
    drop(cluster);

    let holder = Holder::start("holds_a_lasting_cluster", parent.path());
    let pid_file = holder.directory.join("data/postmaster.pid");
    holder.kill();
    wait_for("the end of the server without another start", || !pid_file.exists());
}

#[tokio::test]
async fn ctrl_c_in_the_terminal_leaves_the_server_to_its_owner() {
    let cluster = Cluster::temporary().await.unwrap();
    let server = server(cluster.directory());
    assert_ne!(getpgid(Some(server)).unwrap(), getpgrp());
}

#[tokio::test]
async fn a_server_without_owner_and_supervisor_is_stopped_first() {
    let parent = directory(0o755);
    let holder = Holder::start("holds_a_lasting_cluster", parent.path());
    let orphan = server(&holder.directory);
    // All of them at once: the owner, the supervisor and its watcher, which share the server's process group.
    let group = getpgid(Some(orphan)).unwrap();
    let members = fs::read_dir("/proc").unwrap().filter_map(|entry| {
        let pid = Pid::from_raw(entry.ok()?.file_name().to_str()?.parse().ok()?);
        (getpgid(Some(pid)).ok()? == group && pid != orphan).then_some(pid)
    });
    for member in members.collect::<Vec<_>>() {
        kill(member, Signal::SIGKILL).unwrap();
    }
    holder.kill();
    assert!(runs(orphan), "without them");

    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    assert!(!runs(orphan), "beside the new one");
    assert_eq!(query(&cluster, "SELECT 1"), "1");
}

#[tokio::test]
async fn another_process_number_in_the_pid_file_is_left_alone() {
    let parent = directory(0o755);
    Cluster::start(settings(parent.path())).await.unwrap().stop().await.unwrap();
    let mut innocent = Command::new("sleep");
    innocent.arg("600");
    let data = fs::metadata(parent.path().join("cluster/data")).unwrap();
    if geteuid().is_root() {
        innocent.uid(data.uid()).gid(data.gid());
    }
    let mut innocent = innocent.spawn().unwrap();
    let pid_file = parent.path().join("cluster/data/postmaster.pid");
    fs::write(&pid_file, format!("{}\n", innocent.id())).unwrap();

    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    assert_eq!(query(&cluster, "SELECT 1"), "1");
    assert!(innocent.try_wait().unwrap().is_none(), "it was not stopped");
    innocent.kill().unwrap();
    innocent.wait().unwrap();
}

#[tokio::test]
async fn a_second_start_names_the_owner() {
    let parent = directory(0o755);
    let holder = Holder::start("holds_a_lasting_cluster", parent.path());
    let error = Cluster::start(settings(parent.path())).await.unwrap_err();
    let owner = holder.child.id();
    assert!(matches!(error, ClusterError::InUse { owner: Some(pid), .. } if pid == owner), "{error}");
    assert!(error.to_string().contains(&format!("in use by process {owner}")), "{error}");
    holder.let_go();
    Cluster::start(settings(parent.path())).await.unwrap();
}

#[tokio::test]
async fn who_joins_keeps_the_cluster_until_both_have_let_go() {
    let parent = directory(0o755);
    let path = settings(parent.path()).directory;
    assert!(Cluster::join(&path).await.unwrap().is_none(), "nobody runs it yet");
    let holder = Holder::start("holds_a_lasting_cluster", parent.path());
    let joined = Cluster::join(&path).await.unwrap().unwrap();
    assert_eq!(query(&joined, "SELECT 1"), "1");

    let process = server(joined.directory());
    let (sender, receiver) = std::sync::mpsc::channel();
    let owner = thread::spawn(move || {
        holder.let_go();
        sender.send(()).unwrap();
    });
    assert_eq!(query(&joined, "SELECT 2"), "2");
    assert!(receiver.try_recv().is_err(), "the owner waits for who joined");
    joined.stop().await.unwrap();
    owner.join().unwrap();
    assert!(!runs(process));
}

#[tokio::test]
async fn a_creation_cut_short_is_begun_anew() {
    let parent = directory(0o755);
    fs::create_dir_all(parent.path().join("cluster/data.cut/base")).unwrap();
    fs::set_permissions(parent.path().join("cluster"), Permissions::from_mode(0o711)).unwrap();
    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    assert!(!cluster.directory().join("data.cut").exists());
}

#[tokio::test]
async fn a_server_that_does_not_start_says_why() {
    let parent = directory(0o755);
    Cluster::start(settings(parent.path())).await.unwrap().stop().await.unwrap();
    let configuration = parent.path().join("cluster/data/postgresql.conf");
    fs::write(configuration, "no_such_setting = 1\n").unwrap();
    let error = Cluster::start(settings(parent.path())).await.unwrap_err();
    assert!(error.to_string().contains("no_such_setting"), "{error}");
    // Nothing holds the directory after the failure.
    let error = Cluster::start(settings(parent.path())).await.unwrap_err();
    assert!(matches!(error, ClusterError::Failed { .. }), "{error}");
}

#[tokio::test]
async fn below_a_closed_directory_root_keeps_the_data_elsewhere() {
    let parent = directory(0o700);
    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    query(&cluster, "CREATE TABLE kept AS SELECT 'yes' AS answer");
    let kept = cluster.directory().to_owned();
    assert_eq!(kept.starts_with(parent.path()), !geteuid().is_root());
    assert_eq!(kept, parent.path().join("cluster").canonicalize().unwrap());
    let error = Cluster::start(settings(parent.path())).await.unwrap_err();
    assert!(matches!(error, ClusterError::InUse { .. }), "{error}");
    cluster.stop().await.unwrap();

    let cluster = Cluster::start(settings(parent.path())).await.unwrap();
    assert_eq!(query(&cluster, "SELECT answer FROM kept"), "yes");
    cluster.stop().await.unwrap();
    fs::remove_dir_all(kept).unwrap();
}

#[tokio::test]
async fn data_that_came_out_of_reach_is_not_left_behind() {
    if !geteuid().is_root() {
        return;
    }
    let parent = directory(0o755);
    Cluster::start(settings(parent.path())).await.unwrap().stop().await.unwrap();
    fs::set_permissions(parent.path(), Permissions::from_mode(0o700)).unwrap();
    let error = Cluster::start(settings(parent.path())).await.unwrap_err();
    assert!(matches!(error, ClusterError::Unreachable { .. }), "{error}");
    assert!(parent.path().join("cluster/data/PG_VERSION").exists());
}

#[tokio::test]
async fn a_long_path_still_has_a_socket_and_leaves_none() {
    let parent = directory(0o755);
    let long = Settings { directory: parent.path().join("long".repeat(30)), ..settings(parent.path()) };
    let cluster = Cluster::start(long).await.unwrap();
    assert_eq!(query(&cluster, "SELECT 1"), "1");
    let socket = PathBuf::from(query(&cluster, "SHOW unix_socket_directories").trim_matches('"'));
    assert!(socket.is_dir() && !socket.starts_with(parent.path()));
    cluster.stop().await.unwrap();
    assert!(!socket.exists());
}

#[tokio::test]
async fn others_stay_outside() {
    let cluster = Cluster::temporary().await.unwrap();
    let data = fs::metadata(cluster.directory().join("data")).unwrap();
    let socket = fs::metadata(cluster.directory().join("socket")).unwrap();
    assert_eq!((data.permissions().mode() & 0o777, socket.permissions().mode() & 0o777), (0o700, 0o700));
    assert_ne!(data.uid(), 0);
    if geteuid().is_root() {
        // Even one whom the directories let in is nobody to the server.
        fs::set_permissions(cluster.directory(), Permissions::from_mode(0o711)).unwrap();
        fs::set_permissions(cluster.directory().parent().unwrap(), Permissions::from_mode(0o711)).unwrap();
        fs::set_permissions(cluster.directory().join("socket"), Permissions::from_mode(0o711)).unwrap();
        fs::set_permissions(cluster.directory().join("socket/.s.PGSQL.5432"), Permissions::from_mode(0o777))
            .unwrap();
        let output = psql(&cluster.url("postgres")).arg("SELECT 1").uid(4242).gid(4242).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains("authentication failed"), "{said}");
    }
    let output =
        psql(&cluster.url("postgres").replace("bangkom", "postgres")).arg("SELECT 1").output().unwrap();
    // The path holds the name of the product as well: the role is what matters here.
    assert!(!output.status.success());
}

#[tokio::test]
async fn a_temporary_cluster_goes_when_dropped_and_when_its_process_is_killed() {
    let cluster = Cluster::temporary().await.unwrap();
    let output = psql(&cluster.url("postgres")).arg("SHOW fsync").output().unwrap();
    assert_eq!(output.stdout, b"off\n");
    let kept = cluster.directory().to_owned();
    drop(cluster);
    assert!(!kept.exists());

    let parent = directory(0o755);
    let holder = Holder::start("holds_a_temporary_cluster", parent.path());
    let kept = holder.directory.clone();
    holder.kill();
    wait_for("the removal", || !kept.exists());
}

#[tokio::test]
async fn what_nobody_supervises_any_more_is_swept() {
    let parent = directory(0o755);
    let holder = Holder::start("holds_a_temporary_cluster", parent.path());
    let (kept, orphan) = (holder.directory.clone(), server(&holder.directory));
    let group = getpgid(Some(orphan)).unwrap();
    // The whole group at once, the server included, as an out-of-memory kill of a container does.
    kill(Pid::from_raw(-group.as_raw()), Signal::SIGKILL).unwrap();
    holder.kill();
    assert!(kept.exists());
    let cluster = Cluster::temporary().await.unwrap();
    assert!(!kept.exists());
    assert!(cluster.directory().exists());
}

#[tokio::test]
async fn processes_that_share_a_cluster_get_one_and_the_last_one_ends_it() {
    let parent = directory(0o755);
    let start = || Holder::start("holds_a_shared_cluster", parent.path());
    let (one, two) = thread::scope(|scope| {
        let (one, two) = (scope.spawn(start), scope.spawn(start));
        (one.join().unwrap(), two.join().unwrap())
    });
    assert_eq!(one.directory, two.directory);
    let shared = Cluster::shared(parent.path().to_str().unwrap()).await.unwrap();
    assert_eq!(shared.directory(), one.directory);
    let elsewhere = Cluster::shared("another checkout").await.unwrap();
    assert_ne!(shared.directory(), elsewhere.directory());
    let running = server(shared.directory());

    one.kill();
    two.let_go();
    // A new cluster's sweep leaves one alone that is held.
    drop(Cluster::temporary().await.unwrap());
    assert_eq!(server(shared.directory()), running);
    assert!(psql(&shared.url("postgres")).arg("SELECT 1").output().unwrap().status.success());

    // Who comes while it lingers finds it, and it stays.
    let kept = shared.directory().to_owned();
    drop(shared);
    let next = start();
    assert_eq!((server(&next.directory), &next.directory), (running, &kept));
    next.let_go();
    wait_for("the end of the shared cluster", || !kept.exists());
}
