//! Where it happens: a cluster, a server, a peer, and where they are asked.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::{Cluster, Durability, Settings};
use sea_orm::{ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, Statement};
use tempfile::TempDir;

use crate::Options;
use crate::agency::CODE;

/// Where the server listens.
const SERVER: &str = "127.0.0.1:18200";
/// Where the peer listens.
const PEER: &str = "127.0.0.1:18201";

/// A cluster in a directory of its own, and what runs on it.
pub(crate) struct Place {
    directory: TempDir,
    cluster: Cluster,
    binary: PathBuf,
    server: Option<Running>,
    peer: Option<Running>,
    /// A connection for looking things up.
    pub(crate) db: DatabaseConnection,
}

/// A child that ends with the value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let id = self.0.id().to_string();
        // SIGTERM, so that the server notes what it still holds.
        let _ = Command::new("kill").args(["-TERM", &id]).status();
        let _ = self.0.wait();
    }
}

impl Place {
    /// An empty database with the schema and the agency in it.
    pub(crate) async fn new(options: &Options) -> Self {
        let binary = options.server.clone().unwrap_or_else(build);
        let directory = tempfile::Builder::new().prefix("bangkom-bench-").tempdir().unwrap();
        let settings = Settings {
            directory: directory.path().join("cluster"),
            database: "bangkom".to_owned(),
            durability: Durability::Full,
            max_connections: 120,
        };
        open(directory.path());
        let cluster = Cluster::start(settings).await.unwrap();
        let mut connect = ConnectOptions::new(cluster.url("bangkom"));
        connect.max_connections(2).sqlx_logging(false);
        let db = Database::connect(connect).await.unwrap();
        let place = Self { directory, cluster, binary, server: None, peer: None, db };
        place.run(&["migrate", "up"]);
        place.run(&["agency", "create", "--code", CODE, "--name", "Pemerintah Bench", "--zone", "WIB"]);
        place
    }

    /// Ends everything that runs here.
    pub(crate) async fn end(mut self) {
        (self.server, self.peer) = (None, None);
        self.db.close().await.unwrap();
        self.cluster.stop().await.unwrap();
    }

    /// A path for a file.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The database's address.
    pub(crate) fn url(&self) -> String {
        self.cluster.url("bangkom")
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.binary);
        command.current_dir(self.directory.path()).env_clear().env("DATABASE_URL", self.url());
        command.env("BANGKOM_UPLOAD_LIMIT_MIB", "1024").env("BANGKOM_LISTEN", SERVER);
        command
    }

    /// What a command of the server's binary prints.
    pub(crate) fn run(&self, words: &[&str]) -> String {
        let output = self.command().args(words).stderr(Stdio::inherit()).output().unwrap();
        assert!(output.status.success(), "bangkom {}", words.join(" "));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Runs a command; returns how long it took and the most memory it held, in MiB.
    pub(crate) fn watch(&self, words: &[&str]) -> (Duration, f64) {
        let begun = Instant::now();
        let mut child = self.command().args(words).stdout(Stdio::null()).spawn().unwrap();
        let mut most: f64 = 0.0;
        loop {
            most = most.max(memory(child.id(), "VmHWM"));
            if let Some(status) = child.try_wait().unwrap() {
                assert!(status.success(), "bangkom {}", words.join(" "));
                return (begun.elapsed(), most);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts the server, again if it runs, and waits until it is ready.
    pub(crate) async fn serve(&mut self) {
        self.server = None;
        let log = std::fs::File::create(self.file("server.log")).unwrap();
        let child = self.command().arg("serve").stdout(Stdio::null()).stderr(log).spawn().unwrap();
        self.server = Some(Running(child));
        ready(&format!("http://{SERVER}/readyz")).await;
    }

    /// The server's address.
    pub(crate) fn base(&self) -> String {
        format!("http://{SERVER}")
    }

    /// Resident memory of the server, in MiB.
    pub(crate) fn server_memory(&self) -> f64 {
        memory(self.server.as_ref().unwrap().0.id(), "VmRSS")
    }

    /// The most memory the server held at once, in MiB.
    pub(crate) fn server_most_memory(&self) -> f64 {
        memory(self.server.as_ref().unwrap().0.id(), "VmHWM")
    }

    /// Starts the peer; returns its address.
    pub(crate) async fn peer(&mut self) -> String {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/peers/fastify");
        let install = ["ci", "--omit=dev", "--no-audit", "--no-fund", "--silent"];
        assert!(Command::new("npm").args(install).current_dir(folder).status().unwrap().success(), "npm ci");
        let (host, port) = PEER.split_once(':').unwrap();
        let child = Command::new("node")
            .arg("server.js")
            .current_dir(folder)
            .envs([("HOST", host), ("PORT", port), ("DATABASE_URL", &self.url()), ("NODE_ENV", "production")])
            .env("AGENCY", self.query(&format!("SELECT id::text FROM agencies WHERE code = '{CODE}'")).await)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        self.peer = Some(Running(child));
        ready(&format!("http://{PEER}/ready")).await;
        format!("http://{PEER}")
    }

    /// One text.
    pub(crate) async fn query(&self, sql: &str) -> String {
        self.column(sql).await.pop().unwrap_or_else(|| panic!("nothing found: {sql}"))
    }

    /// A column of texts.
    pub(crate) async fn column(&self, sql: &str) -> Vec<String> {
        let statement = Statement::from_string(self.db.get_database_backend(), sql);
        let rows = self.db.query_all_raw(statement).await.unwrap();
        rows.iter().map(|row| row.try_get_by_index(0).unwrap()).collect()
    }

    /// Runs statements.
    pub(crate) async fn sql(&self, sql: &str) {
        self.db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    }
}

/// The server's release binary, beside this program's.
fn build() -> PathBuf {
    let status = Command::new(env!("CARGO")).args(["build", "--release", "--package", "api"]).status();
    assert!(status.unwrap().success(), "cargo build --release --package api");
    std::env::current_exe().unwrap().with_file_name("bangkom")
}

/// PostgreSQL runs under another account than root, and must get here.
fn open(directory: &Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(directory, std::fs::Permissions::from_mode(0o755)).unwrap();
}

/// A figure of a process' memory, in MiB; nothing once it has ended.
fn memory(process: u32, name: &str) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    let kib: f64 = line.split_whitespace().nth(1).and_then(|text| text.parse().ok()).unwrap_or(0.0);
    kib / 1024.0
}

async fn ready(url: &str) {
    for _ in 0..600 {
        if reqwest::get(url).await.is_ok_and(|answer| answer.status().is_success()) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("{url} does not become ready");
}
