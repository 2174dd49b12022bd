//! The demo: what `bangkom demo`, and a first start, put into a database.

use std::collections::BTreeSet;

use access::{Role, Scope};
use api::cli::token;
use api::demo;
use api::problems::Problem;
use chrono::TimeDelta;
use competency::{AssessmentResult, GapState};
use kernel::{AgencyId, Code, Limit, UserId};
use store::{GapFilter, PageRequest, UnitFilter};
use support::TestApp;

const TABLES: [&str; 22] = [
    "agencies",
    "users",
    "grants",
    "units",
    "unit_ancestors",
    "positions",
    "employees",
    "placements",
    "standard_requirements",
    "assessment_events",
    "assessment_results",
    "audit_events",
    "partners",
    "programmes",
    "classes",
    "enrolments",
    "certificates",
    "own_learnings",
    "activities",
    "jp_entries",
    "plans",
    "plan_templates",
];

async fn counts(app: &TestApp) -> Vec<i64> {
    let mut counts = Vec::new();
    for table in TABLES {
        counts.push(app.count(&format!("SELECT count(*) FROM {table}")).await);
    }
    counts
}

async fn agency(app: &TestApp, code: &str) -> workforce::Agency {
    app.services.store.agency_by_code(&Code::parse(code).unwrap()).await.unwrap().unwrap()
}

#[tokio::test]
async fn installing_twice_installs_once() {
    let app = TestApp::start().await;
    let installed = demo::install(&app.services).await.unwrap();
    let codes: Vec<_> = installed.agencies.iter().map(Code::as_str).collect();
    assert_eq!(codes, ["DEMO-KOTA", "DEMO-KABUPATEN", "DEMO-PROVINSI"]);
    assert_eq!(installed.people, 2000);
    let before = counts(&app).await;
    assert_eq!(before[6], 2000);
    let trail = "SELECT count(*) FROM audit_events WHERE operation = 'demo' AND user_id IS NULL";
    assert_eq!(app.count(trail).await, 3);
    assert_eq!(demo::install(&app.services).await.unwrap(), demo::Installed::default());
    assert_eq!(counts(&app).await, before);
}

#[tokio::test]
async fn two_at_once_install_once() {
    let app = TestApp::start().await;
    let both = (
        demo::install_people(&app.services, demo::FEWEST_PEOPLE),
        demo::install_people(&app.services, demo::FEWEST_PEOPLE),
    );
    let (one, other) = futures_util::future::join(both.0, both.1).await;
    assert_eq!(one.unwrap().people + other.unwrap().people, 600);
    assert_eq!(app.count("SELECT count(*) FROM employees").await, 600);
    assert_eq!(
        app.count("SELECT count(*) FROM audit_events WHERE operation = 'demo' AND user_id IS NULL").await,
        3
    );
}

#[tokio::test]
async fn an_agency_is_there_wholly_or_not_at_all_and_the_next_run_completes_them() {
    let app = TestApp::start().await;
    // The second agency fails at the last thing it has.
    app.sql(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
            IF (SELECT code FROM agencies WHERE id = NEW.agency_id) = 'DEMO-KABUPATEN' THEN RAISE 'no'; END IF;
            RETURN NEW;
         END $$",
    )
    .await;
    app.sql("CREATE TRIGGER fail BEFORE INSERT ON assessment_results FOR EACH ROW EXECUTE FUNCTION fail()")
        .await;
    let failure = demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap_err();
    assert_eq!(failure.problem, Problem::Internal);
    let agencies = "SELECT count(*) FROM agencies WHERE code LIKE 'DEMO-%'";
    assert_eq!(app.count(agencies).await, 1);
    assert_eq!(app.count("SELECT count(*) FROM employees").await, 210);
    app.sql("DROP TRIGGER fail ON assessment_results").await;
    let installed = demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap();
    let codes: Vec<_> = installed.agencies.iter().map(Code::as_str).collect();
    assert_eq!((codes, installed.people), (vec!["DEMO-KABUPATEN", "DEMO-PROVINSI"], 390));
    assert_eq!(app.count("SELECT count(*) FROM employees").await, 600);
}

#[tokio::test]
async fn every_state_of_a_gap_occurs_now_and_in_a_year() {
    let app = TestApp::start().await;
    demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap();
    for code in ["DEMO-KOTA", "DEMO-KABUPATEN", "DEMO-PROVINSI"] {
        let agency = agency(&app, code).await;
        let scope = Scope::system(agency.id, "a test looks at everybody");
        let today = agency.zone.day(app.now());
        let reader = app.services.store.read(&scope, today);
        let page = PageRequest::first(Limit::new(1).unwrap());
        let top = UnitFilter { code: Some("PEMDA".to_owned()), ..UnitFilter::default() };
        let top = reader.units(&top, &page).await.unwrap().items[0].id;
        for day in [today, today + TimeDelta::days(365)] {
            for state in GapState::ALL {
                let filter = GapFilter { states: vec![state], ..GapFilter::default() };
                let found = reader.unit_gaps(top, &filter, day, None, &page).await.unwrap().items;
                assert_eq!(found.len(), 1, "{code}: nobody is {state} on {day}");
                assert_eq!(found[0].gap(day).state, state);
            }
        }
    }
}

#[tokio::test]
async fn what_is_shown_first_is_complete_and_was_corrected_once() {
    let app = TestApp::start().await;
    assert_eq!(demo::showcase(&app.services).await.unwrap(), None);
    demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap();
    let shown = demo::showcase(&app.services).await.unwrap().unwrap();
    assert_eq!(shown.role.agency.as_str(), "DEMO-KOTA");
    let agency = agency(&app, "DEMO-KOTA").await;
    let scope = Scope::system(agency.id, "a test looks at one person");
    let today = agency.zone.day(app.now());
    let reader = app.services.store.read(&scope, today);
    let facts = async |known_at| {
        let facts = reader.gap_facts(shown.employee, None, today, known_at).await.unwrap().unwrap();
        assert_eq!(facts.requirements.len(), 11);
        facts.results
    };
    let levels = |results: &[AssessmentResult]| -> BTreeSet<_> {
        results.iter().map(|one| (one.competency, one.level)).collect()
    };
    // Of an instant, so that it comes with all that is written of a result.
    let now = facts(Some(app.now())).await;
    assert_eq!(levels(&now).len(), 11);
    let corrected: Vec<_> = now.iter().filter(|one| one.supersedes.is_some()).collect();
    let corrected_at = corrected[0].recorded_at.unwrap();
    let before = facts(Some(corrected_at - TimeDelta::seconds(1))).await;
    assert_eq!(levels(&before).difference(&levels(&now)).count(), corrected.len());
    assert!(
        facts(Some(app.now() - TimeDelta::days(120))).await.is_empty(),
        "nobody knew before it was signed off"
    );
}

#[tokio::test]
async fn the_first_call_of_the_announcement_answers_with_a_bit_of_everything() {
    let app = TestApp::start().await;
    demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap();
    let shown = demo::showcase(&app.services).await.unwrap().unwrap();
    let token = token::issue(&app.services, &shown.role, TimeDelta::hours(1)).await.unwrap();
    let path = format!("/v1/employees/{}/gap-profile?against=held", shown.employee);
    let profile = app.bearer(&token).get(&path).await.expect(200).json;
    assert_eq!(profile["job_person_match"]["status"], "COMPLETE");
    let competencies = profile["competencies"].as_array().unwrap();
    for state in [GapState::Met, GapState::Gap, GapState::Exceeds] {
        assert!(competencies.iter().any(|one| one["state"] == state.as_str()), "{state}");
    }
    // A superior may look at it too, and the person concerned.
    for role in [Role::Employee, Role::Supervisor] {
        let (user, agency) = holder(&app, role).await;
        app.caller(user, agency).get(&path).await.expect(200);
    }
}

/// The user of `DEMO-KOTA` who has had this role for longest.
async fn holder(app: &TestApp, role: Role) -> (UserId, AgencyId) {
    let agency = agency(app, "DEMO-KOTA").await;
    let scope = Scope::system(agency.id, "a test takes a role");
    let reader = app.services.store.read(&scope, agency.zone.day(app.now()));
    // The oldest: the story's own come after it.
    let grants = reader.grants(true, &PageRequest::first(Limit::BATCH)).await.unwrap().items;
    (grants.iter().rfind(|row| row.grant.role == role).unwrap().user.id, agency.id)
}

#[tokio::test]
async fn a_story_cut_short_goes_on_where_it_ended() {
    let whole = TestApp::start().await;
    demo::install_people(&whole.services, demo::FEWEST_PEOPLE).await.unwrap();
    let app = TestApp::start().await;
    app.sql(
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
            IF (SELECT count(*) FROM plans) > 4 THEN RAISE 'no'; END IF;
            RETURN NEW;
         END $$",
    )
    .await;
    app.sql("CREATE TRIGGER fail BEFORE INSERT ON plans FOR EACH ROW EXECUTE FUNCTION fail()").await;
    demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap_err();
    app.sql("DROP TRIGGER fail ON plans").await;
    demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap();
    assert_eq!(counts(&app).await, counts(&whole).await);
}

#[tokio::test]
async fn the_story_has_every_state_of_plans_classes_and_hours() {
    let app = TestApp::start().await;
    demo::install_people(&app.services, demo::FEWEST_PEOPLE).await.unwrap();
    let some = async |what: &str| {
        for code in ["DEMO-KOTA", "DEMO-KABUPATEN", "DEMO-PROVINSI"] {
            let agency = agency(&app, code).await.id;
            let found = app.count(&what.replace("AGENCY", &format!("agency_id = '{agency}'"))).await;
            assert!(found > 0, "{code}: {what}");
        }
    };
    for state in development::PlanState::ALL {
        let plans = format!("FROM plans WHERE state = '{state}'");
        // Only one of them asks for the authority's word.
        if state == development::PlanState::Confirmed {
            assert_eq!(app.count(&format!("SELECT count(*) {plans}")).await, 1);
        } else {
            some(&format!("SELECT count(*) {plans} AND AGENCY")).await;
        }
    }
    for state in development::ClassState::ALL {
        some(&format!("SELECT count(*) FROM classes WHERE AGENCY AND state = '{state}'")).await;
    }
    for state in development::EnrolmentState::ALL {
        some(&format!("SELECT count(*) FROM enrolments WHERE AGENCY AND state = '{state}'")).await;
    }
    let nobody = "SELECT count(*) FROM classes c WHERE AGENCY AND state = 'OPEN'
        AND NOT EXISTS (SELECT FROM enrolments e WHERE e.class_id = c.id)";
    some(nobody).await;
    for hours in [">= 2000", "BETWEEN 1 AND 1999"] {
        some(&format!(
            "SELECT count(*) FROM (SELECT employee_id FROM jp_entries WHERE AGENCY GROUP BY employee_id
             HAVING sum(hundredths) {hours}) x"
        ))
        .await;
    }
}
