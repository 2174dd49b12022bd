//! `/v1/operations`.

use access::{Action, Pass, Role};
use kernel::{Event, OperationId, OperationKind, OperationPhase, Resource, UserId, WorkerId};
use serde_json::{Value, json};
use store::{OperationProgress, OperationRow, StoreError};
use support::{Agency, Caller, TestApp};

/// Work that a worker began now.
async fn begun(agency: &Agency<'_>, caller: &Caller<'_>, worker: WorkerId) -> OperationId {
    let me = caller.get("/v1/me").await.expect(200).json;
    let user: UserId = me["user"]["id"].as_str().unwrap().parse().unwrap();
    let pass = Pass::system(agency.id, Action::Import, "a test needs work");
    let (id, kind, now) = (OperationId::new(), OperationKind::Import, agency.app.now());
    let row = OperationRow::begun(id, kind, json!({}), user, worker, now);
    let written: Result<(), StoreError> = agency
        .app
        .services
        .store
        .write(&agency.app.write_context(agency.id), async |tx| {
            tx.operation_insert(&pass, &row).await?;
            Ok(tx.record(&pass, &Event::new(Resource::Operation, row.id, "CREATED"), None))
        })
        .await;
    written.unwrap();
    row.id
}

#[tokio::test]
async fn progress_shows_while_the_work_goes_on() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let worker = WorkerId::new();
    let id = begun(&agency, &admin, worker).await;
    let path = format!("/v1/operations/{id}");
    let before = admin.get(&path).await.expect(200);
    assert_eq!((&before.json["state"], &before.json["total"]), (&json!("RUNNING"), &Value::Null));
    admin.with("if-none-match", &before.etag()).get(&path).await.expect(304);

    let store = &app.services.store;
    let progress = OperationProgress { phase: Some(OperationPhase::Writing), done: 40, total: Some(100) };
    let other = store.operation_progress(agency.id, id, WorkerId::new(), progress, app.now()).await;
    assert!(!other.unwrap(), "the work of somebody else");
    assert!(store.operation_progress(agency.id, id, worker, progress, app.now()).await.unwrap());
    let after = admin.with("if-none-match", &before.etag()).get(&path).await.expect(200);
    assert_eq!((&after.json["done"], &after.json["total"]), (&json!(40), &json!(100)));
    assert_eq!(after.json["phase"], "WRITING");
    assert_eq!(admin.get("/v1/operations").await.expect(200).items()[0], after.json);

    app.agency("KABUPATEN").await.admin().await.get(&path).await.expect(404);
    agency.role(Role::Auditor).await.get(&path).await.expect(403);
}

#[tokio::test]
async fn work_is_called_off_once_and_its_worker_stops() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let worker = WorkerId::new();
    let id = begun(&agency, &admin, worker).await;
    let cancellation = format!("/v1/operations/{id}/cancellation");
    admin.send("PUT", &cancellation, None).await.expect(428);
    admin.transition(&cancellation, "\"9\"").await.expect(412);
    let cancelled = admin.transition(&cancellation, "*").await.expect(200);
    assert_eq!(
        (&cancelled.json["state"], &cancelled.json["allowed_actions"]),
        (&json!("CANCELLED"), &json!([]))
    );
    let store = &app.services.store;
    let sign = store.operation_progress(agency.id, id, worker, OperationProgress::default(), app.now()).await;
    assert!(!sign.unwrap());
    admin.transition(&cancellation, "*").await.expect(409).expect_problem("OPERATION_FINISHED");
}

#[tokio::test]
async fn a_worker_that_died_leaves_a_problem_that_can_be_read() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let path = format!("/v1/operations/{}", begun(&agency, &admin, WorkerId::new()).await);
    let patience = chrono::TimeDelta::minutes(1);
    let store = &app.services.store;
    assert_eq!(store.operations_reap(app.now() + patience, patience, 3).await.unwrap(), 0);
    let later = app.now() + patience + chrono::TimeDelta::seconds(1);
    assert_eq!(store.operations_reap(later, patience, 3).await.unwrap(), 1);
    let failed = admin.with("accept-language", "en").get(&path).await.expect(200).json;
    assert_eq!((&failed["state"], &failed["error"]["code"]), (&json!("FAILED"), &json!("INTERRUPTED")));
    assert_eq!(failed["error"]["title"], "The work was interrupted; nothing was written");
}
