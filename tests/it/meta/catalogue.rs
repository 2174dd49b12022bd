//! What the database's own catalogue says of the schema.

use std::collections::BTreeSet;

use migrations::{Runner, SchemaState};
use sea_orm::{ConnectionTrait, DatabaseConnection, Statement};
use support::TestDatabase;

/// Tables that hold no agency's data, and why.
const SHARED: &[&str] = &[
    "agencies",            // the agencies themselves
    "users",               // one person may have roles in several agencies
    "competency_families", // the nation's
    "seaql_migrations",    // the migrations' own book
];

async fn rows(db: &DatabaseConnection, sql: &str) -> Vec<Vec<String>> {
    let found = db.query_all_raw(Statement::from_string(db.get_database_backend(), sql)).await.unwrap();
    let columns = |row: &sea_orm::QueryResult| {
        (0..row.column_names().len()).map(|index| row.try_get_by_index::<String>(index).unwrap()).collect()
    };
    found.iter().map(columns).collect()
}

#[tokio::test]
async fn agency_data_carries_its_agency_first_in_every_key() {
    let database = TestDatabase::new().await;
    let db = database.connect().await;
    let tables = rows(&db, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'").await;
    let keys = rows(
        &db,
        "SELECT c.conrelid::regclass::text, c.contype::text, c.conname::text, coalesce(c.confrelid::regclass::text, ''),
                array_to_string(ARRAY(SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY k (n, i)
                    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.i), ','),
                array_to_string(ARRAY(SELECT a.attname FROM unnest(c.confkey) WITH ORDINALITY k (n, i)
                    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.i), ',')
         FROM pg_constraint c WHERE c.connamespace = 'public'::regnamespace AND c.contype IN ('p', 'f', 'u')",
    )
    .await;
    let shared: BTreeSet<_> = SHARED.iter().copied().collect();
    for table in tables.iter().map(|row| row[0].as_str()).filter(|table| !shared.contains(table)) {
        let mut of_table = keys.iter().filter(|key| key[0] == table);
        let primary =
            of_table.find(|key| key[1] == "p").unwrap_or_else(|| panic!("{table} has no primary key"));
        assert!(primary[4].starts_with("agency_id"), "{table}: primary key {}", primary[4]);
        for key in keys.iter().filter(|key| key[0] == table && key[1] == "u") {
            assert!(key[4].starts_with("agency_id,"), "{}: {}", key[2], key[4]);
        }
        for key in keys.iter().filter(|key| key[0] == table && key[1] == "f") {
            let (name, target, from, to) = (&key[2], key[3].as_str(), &key[4], &key[5]);
            if shared.contains(target) {
                continue;
            }
            assert!(to.starts_with("agency_id"), "{name}: refers to {target} by {to}");
            // Competencies may be the nation's: then the owner stands in a column of its own, held by a check.
            let owner = from.starts_with("competency_agency_id,");
            assert!(from.starts_with("agency_id") || owner, "{name}: {from}");
            if owner {
                let check = format!("ck_{table}_owner");
                let sql = format!("SELECT conname::text FROM pg_constraint WHERE conname = '{check}'");
                assert_eq!(rows(&db, &sql).await.len(), 1, "{name} needs {check}");
            }
        }
    }
}

#[tokio::test]
async fn every_unique_index_of_agency_data_begins_with_the_agency() {
    let database = TestDatabase::new().await;
    let db = database.connect().await;
    let indexes = rows(
        &db,
        "SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text, a.attname::text
         FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
         JOIN pg_class c ON c.oid = i.indrelid WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique",
    )
    .await;
    for index in indexes.iter().filter(|index| !SHARED.contains(&index[1].as_str())) {
        assert_eq!(index[2], "agency_id", "{}", index[0]);
    }
}

#[tokio::test]
async fn every_constraint_has_a_meaning() {
    let database = TestDatabase::new().await;
    let db = database.connect().await;
    let found = rows(
        &db,
        "SELECT conname::text FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid <> 'seaql_migrations'::regclass
         UNION
         SELECT i.indexrelid::regclass::text FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
         WHERE c.relnamespace = 'public'::regnamespace AND i.indisunique
           AND i.indrelid <> 'seaql_migrations'::regclass",
    )
    .await;
    let found: BTreeSet<_> = found.into_iter().flatten().collect();
    let known: BTreeSet<_> =
        store::StoreError::known_constraints().into_iter().map(ToOwned::to_owned).collect();
    assert_eq!(found.difference(&known).collect::<Vec<_>>(), [""; 0], "constraints nobody gave a meaning");
    assert_eq!(
        known.difference(&found).collect::<Vec<_>>(),
        [""; 0],
        "meanings of constraints that are gone"
    );
}

#[tokio::test]
async fn the_audit_trail_cannot_be_rewritten() {
    let app = support::TestApp::start().await;
    app.agency("KOTA").await.admin().await;
    for change in ["UPDATE audit_events SET what = 'x'", "DELETE FROM audit_events"] {
        app.db.execute_unprepared(change).await.unwrap_err();
    }
}

/// Everything the schema is made of, as text.
async fn schema(db: &DatabaseConnection) -> Vec<Vec<String>> {
    rows(
        db,
        "SELECT 'column', table_name::text || '.' || column_name::text, data_type::text || is_nullable::text ||
                coalesce(column_default, '') FROM information_schema.columns WHERE table_schema = 'public'
         UNION ALL SELECT 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
            FROM pg_constraint WHERE connamespace = 'public'::regnamespace
         UNION ALL SELECT 'index', indexname::text, indexdef FROM pg_indexes WHERE schemaname = 'public'
         UNION ALL SELECT 'function', proname::text, pg_get_functiondef(oid) FROM pg_proc
            WHERE pronamespace = 'public'::regnamespace
         UNION ALL SELECT 'trigger', tgname::text, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal
         ORDER BY 1, 2, 3",
    )
    .await
}

#[tokio::test]
async fn migrations_go_up_down_and_up_again_to_the_same_schema() {
    let database = TestDatabase::blank().await;
    let (db, runner) = (database.connect().await, Runner::connect(&database.url).await.unwrap());
    assert_eq!(runner.state().await.unwrap(), SchemaState::Behind);
    runner.up().await.unwrap();
    assert_eq!(runner.state().await.unwrap(), SchemaState::Current);
    let first = schema(&db).await;
    let steps = u32::try_from(runner.status().await.unwrap().len()).unwrap();
    runner.down(steps).await.unwrap();
    let left = schema(&db).await;
    assert!(left.iter().all(|row| row[1].contains("seaql_migrations")), "left behind: {left:#?}");
    runner.up().await.unwrap();
    assert_eq!(schema(&db).await, first);
}

#[tokio::test]
async fn two_servers_that_start_together_take_turns_to_migrate() {
    let database = TestDatabase::blank().await;
    let runners = futures_util::future::join_all((0..4).map(|_| Runner::connect(&database.url))).await;
    let ups = runners.iter().map(|runner| runner.as_ref().unwrap().up());
    for up in futures_util::future::join_all(ups).await {
        up.unwrap();
    }
    assert_eq!(runners[0].as_ref().unwrap().state().await.unwrap(), SchemaState::Current);
}
