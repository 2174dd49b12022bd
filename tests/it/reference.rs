//! The reference data every installation begins with.

use support::TestApp;

async fn install(app: &TestApp) {
    app.services.store.reference_install(app.now()).await.unwrap();
}

#[tokio::test]
async fn a_renamed_national_dictionary_is_still_the_one() {
    let app = TestApp::start().await;
    let dictionary = kernel::NATIONAL_DICTIONARY;
    let rename = format!("UPDATE dictionaries SET code = 'KAMUS-LAMA' WHERE id = '{dictionary}'");
    app.sql(&rename).await;
    install(&app).await;
    let count = "SELECT count(*) FROM dictionaries";
    assert_eq!(app.count(&format!("{count} WHERE code = 'KAMUS-LAMA'")).await, 1);
    assert_eq!(app.count(count).await, 1);
}

#[tokio::test]
async fn what_comes_later_is_known_from_then_on() {
    let app = TestApp::start().await;
    let later = "SELECT count(*) FROM policies WHERE recorded_at > '1970-01-01T00:00:00Z'";
    assert_eq!(app.count(later).await, 0, "a new installation always knew");
    app.sql("DELETE FROM policies WHERE name = 'CAPPED_MEAN'").await;
    install(&app).await;
    assert_eq!(app.count(later).await, 1);
    // Nothing is missing now.
    let trail = "SELECT count(*) FROM audit_events WHERE operation = 'reference_install'";
    let before = app.count(trail).await;
    install(&app).await;
    assert_eq!((app.count(later).await, app.count(trail).await), (1, before));
}

#[tokio::test]
async fn what_is_amended_follows_what_stood_before() {
    let app = TestApp::start().await;
    let of = |number: u8, more: &str| {
        format!("SELECT count(*) FROM policies WHERE name = 'REMINDERS' AND number = {number} AND {more}")
    };
    let (first, amended) =
        ("valid_from = '2017-01-01' AND rubric -> 'plan_due' = 'null'", "valid_from = '2027-01-01'");
    assert_eq!((app.count(&of(1, first)).await, app.count(&of(2, amended)).await), (1, 1));
    // An installation of before gets it; where the nation's own people wrote a second version, theirs stands.
    app.sql("DELETE FROM policies WHERE name = 'REMINDERS' AND number = 2").await;
    install(&app).await;
    assert_eq!((app.count(&of(1, first)).await, app.count(&of(2, amended)).await), (1, 1));
    app.sql("UPDATE policies SET valid_from = '2026-01-01' WHERE name = 'REMINDERS' AND number = 2").await;
    install(&app).await;
    assert_eq!(app.count(&of(2, "valid_from = '2026-01-01'")).await, 1);
}
