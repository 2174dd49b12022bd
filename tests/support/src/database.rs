//! A database per test, copied from a template that was migrated once.

use std::sync::atomic::{AtomicU32, Ordering};

use cluster::Cluster;
use migrations::Runner;
use sea_orm::{ConnectOptions, ConnectionTrait, Database, DatabaseConnection, Statement};
use tokio::sync::OnceCell;

/// Where databases are made: `TEST_DATABASE_URL`, or a private cluster shared by the test processes that run now.
enum Server {
    Given(String),
    Private(Cluster),
}

impl Server {
    fn url(&self, database: &str) -> String {
        match self {
            Self::Private(cluster) => cluster.url(database),
            Self::Given(url) => {
                let (server, options) = url.split_once('?').unwrap_or((url, ""));
                let server = server.rsplit_once('/').map_or(server, |(server, _)| server);
                format!("{server}/{database}?{options}")
            }
        }
    }
}

static SERVER: OnceCell<Server> = OnceCell::const_new();
static COUNT: AtomicU32 = AtomicU32::new(0);

/// Any constant: test processes that start together build the template once.
const TEMPLATE_LOCK: i64 = 0x7465_6d70_6c61_7465;

/// A database that is gone when this is dropped.
#[derive(Debug)]
pub struct TestDatabase {
    /// How to reach it.
    pub url: String,
    name: String,
    admin: String,
}

impl TestDatabase {
    /// An empty, migrated database with the reference data.
    pub async fn new() -> Self {
        let server = SERVER.get_or_init(server).await;
        let admin = server.url("postgres");
        let template = template(server, &admin).await;
        let test = Self::named(server, admin);
        run(&test.admin, &format!("CREATE DATABASE {} TEMPLATE {template}", test.name)).await;
        test
    }

    /// A database nothing has run on.
    pub async fn blank() -> Self {
        let server = SERVER.get_or_init(server).await;
        let test = Self::named(server, server.url("postgres"));
        run(&test.admin, &format!("CREATE DATABASE {}", test.name)).await;
        test
    }

    /// A copy of this database, which nobody may be connected to.
    pub async fn copy(&self) -> Self {
        let server = SERVER.get_or_init(server).await;
        let test = Self::named(server, self.admin.clone());
        run(&test.admin, &format!("CREATE DATABASE {} TEMPLATE {}", test.name, self.name)).await;
        test
    }

    /// Whether new connections are let in; those that are open stay.
    pub async fn admit(&self, admit: bool) {
        run(&self.admin, &format!("ALTER DATABASE {} ALLOW_CONNECTIONS {admit}", self.name)).await;
    }

    fn named(server: &Server, admin: String) -> Self {
        let name = format!("bangkom_test_{}_{}", std::process::id(), COUNT.fetch_add(1, Ordering::SeqCst));
        Self { url: server.url(&name), name, admin }
    }

    /// One connection for looking at rows behind the server's back.
    pub async fn connect(&self) -> DatabaseConnection {
        connect(&self.url).await
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let (admin, drop) = (self.admin.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        // The test's own runtime may be shutting down, so this brings one along.
        let gone = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(run(&admin, &drop));
        });
        let _ = gone.join();
    }
}

#[expect(clippy::disallowed_methods, reason = "tests have this one setting and no configuration")]
async fn server() -> Server {
    match std::env::var("TEST_DATABASE_URL") {
        Ok(url) => Server::Given(url),
        Err(_unset) => Server::Private(Cluster::shared("tests").await.unwrap()),
    }
}

/// Makes the template unless a process did before. Its name holds a digest of what it is made of, so a changed migration
/// makes a new one.
async fn template(server: &Server, admin: &str) -> String {
    static NAME: OnceCell<String> = OnceCell::const_new();
    NAME.get_or_init(|| async {
        let name = format!("bangkom_template_{:016x}", migrations::fingerprint());
        let db = connect(admin).await;
        db.execute_unprepared(&format!("SELECT pg_advisory_lock({TEMPLATE_LOCK})")).await.unwrap();
        let sql = format!("SELECT 1 FROM pg_database WHERE datname = '{name}'");
        let made = db.query_one_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
        if made.is_none() {
            // Built under another name: a process killed half way leaves no half-made template.
            let building = format!("{name}_building");
            run(admin, &format!("DROP DATABASE IF EXISTS {building} WITH (FORCE)")).await;
            run(admin, &format!("CREATE DATABASE {building}")).await;
            let url = server.url(&building);
            Runner::connect(&url).await.unwrap().up().await.unwrap();
            let store = store::Store::connect(store::Settings::new(&url)).await.unwrap();
            store.reference_install(crate::NOW.parse().unwrap()).await.unwrap();
            store.close().await;
            run(admin, &format!("ALTER DATABASE {building} RENAME TO {name}")).await;
        }
        db.execute_unprepared(&format!("SELECT pg_advisory_unlock({TEMPLATE_LOCK})")).await.unwrap();
        name
    })
    .await
    .clone()
}

async fn connect(url: &str) -> DatabaseConnection {
    let mut options = ConnectOptions::new(url);
    options.max_connections(1).sqlx_logging(false);
    Database::connect(options).await.unwrap()
}

async fn run(url: &str, sql: &str) {
    let db = connect(url).await;
    db.execute_unprepared(sql).await.unwrap_or_else(|error| panic!("{sql}: {error}"));
    db.close().await.unwrap();
}
