//! The rows of the table: what is measured, and against what.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use reqwest::header::{CONTENT_TYPE, IF_MATCH};
use serde_json::{Value, json};

use crate::Options;
use crate::agency::{Agency, CODE, DICTIONARY, KINDS, UNIT_500, UNIT_2000};
use crate::catalogue;
use crate::load::{Measured, pgbench, wrk};
use crate::place::Place;
use crate::table::{Figures, Table, Target};

/// Clients of the reference for reads, as many as pay on two cores.
const READERS: u32 = 8;
/// Connections where a time is asked for and not a rate: a queue in front of the server would be measured, too.
const FEW: u32 = 2;
/// Draft events results are entered into.
const EVENTS: usize = 256;
/// How long the server may be at work on something before it is taken to hang.
const PATIENCE: Duration = Duration::from_secs(600);
/// No server here corrects as many results in a second.
const FASTEST: usize = 6_000;

/// The agency's files come in by the documented command.
pub(crate) async fn import(place: &mut Place, agency: &Agency, table: &mut Table) {
    let people = agency.people();
    let (mut rows_in_all, mut seconds_in_all, mut most) = (0, 0.0, 0.0_f64);
    for kind in KINDS {
        if kind == "standards" {
            publish(place).await;
        }
        let path = place.file(&format!("{kind}.csv"));
        let rows = agency.write(kind, &path);
        let file = path.to_string_lossy().into_owned();
        let (time, memory) = place.watch(&["import", kind, &file, "--agency", CODE]);
        let seconds = time.as_secs_f64();
        rows_in_all += rows;
        seconds_in_all += seconds;
        most = most.max(memory);
        if rows >= 1_000 {
            let what = format!("import of {kind}, {rows} rows");
            table.plain(people, &what, &Figures(vec![per(rows, seconds)]), "rows/s", Target::None);
        }
        std::fs::remove_file(path).unwrap();
    }
    // An import ends when the model stands for everybody it touched; what is left over would be work somebody has yet to do.
    let due = "SELECT (SELECT count(*) FROM gap_models WHERE built < changes)
                    + (SELECT count(*) FROM gap_profiles WHERE holds_until <= current_date)";
    assert_eq!(
        place.query(&format!("SELECT ({due})::text")).await,
        "0",
        "rows of the gap model are still due"
    );
    let full = people >= 100_000;
    let within = |most| if full { Target::AtMost(most) } else { Target::None };
    let what = format!("import of everything, {rows_in_all} rows, and the model");
    table.plain(people, &what, &Figures(vec![seconds_in_all / 60.0]), "min", within(4.0));
    table.plain(people, "most memory of an import", &Figures(vec![most]), "MiB", within(400.0));
    let (time, _) = place.watch(&["agency", "rebuild", CODE]);
    let what = "gap model and sums of everybody made anew";
    table.plain(people, what, &Figures(vec![per(people, time.as_secs_f64())]), "people/s", Target::None);
    place.sql("VACUUM ANALYZE").await;
}

fn per(count: usize, seconds: f64) -> f64 {
    f64::from(u32::try_from(count).unwrap()) / seconds
}

/// Publishes the agency's own dictionary, which the files have filled.
async fn publish(place: &mut Place) {
    place.serve().await;
    let caller = Caller::new(place);
    let dictionary =
        place.query(&format!("SELECT id::text FROM dictionaries WHERE code = '{DICTIONARY}'")).await;
    caller.put(&format!("/v1/dictionaries/{dictionary}/versions/1/publication"), None).await;
}

/// The agency's administrator.
struct Caller {
    base: String,
    token: String,
    http: reqwest::Client,
}

impl Caller {
    fn new(place: &Place) -> Self {
        let token = place.run(&["token", "--agency", CODE, "--role", "AGENCY_ADMIN", "--lifetime", "7d"]);
        Self { base: place.base(), token, http: reqwest::Client::new() }
    }

    async fn put(&self, path: &str, body: Option<Value>) -> Value {
        let request = self.http.put(format!("{}{path}", self.base)).header(IF_MATCH, "*");
        self.send(request, path, body).await
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        self.send(self.http.post(format!("{}{path}", self.base)), path, Some(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder, path: &str, body: Option<Value>) -> Value {
        let mut request = request.bearer_auth(&self.token);
        if let Some(body) = body {
            request = request.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let answer = request.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
        serde_json::from_str(&text).unwrap_or(Value::Null)
    }

    /// Whether the server knows such a path.
    async fn finds(&self, path: &str) -> bool {
        let answer =
            self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token).send().await.unwrap();
        assert!(
            answer.status().is_success() || answer.status().as_u16() == 404,
            "{path}: {}",
            answer.status()
        );
        answer.status().is_success()
    }
}

/// What is needed to ask.
struct Bench<'a> {
    place: &'a Place,
    options: &'a Options,
    people: usize,
    caller: Caller,
    peer: Option<String>,
    agency: String,
    ids: PathBuf,
}

/// Every row that is asked for.
pub(crate) async fn measure(place: &mut Place, agency: &Agency, options: &Options, table: &mut Table) {
    place.serve().await;
    let caller = Caller::new(place);
    let peer = if options.no_peer { None } else { Some(place.peer().await) };
    place
        .sql(&format!(
            "CREATE SCHEMA bench;
             CREATE TABLE bench.people (n integer PRIMARY KEY, id uuid NOT NULL);
             INSERT INTO bench.people
                SELECT row_number() OVER (ORDER BY e.nip), e.id FROM employees e JOIN agencies a ON a.id = e.agency_id
                WHERE a.code = '{CODE}';
             CREATE TABLE bench.inserts (
                id uuid PRIMARY KEY DEFAULT gen_random_uuid(), employee bigint NOT NULL, competency bigint NOT NULL,
                level smallint NOT NULL, assessed_on date NOT NULL, recorded_at timestamptz NOT NULL);
             ANALYZE bench.people"
        ))
        .await;
    let ids = lines(place, "people", &place.column("SELECT id::text FROM bench.people ORDER BY n").await);
    let agency_id = place.query(&format!("SELECT id::text FROM agencies WHERE code = '{CODE}'")).await;
    let bench = Bench { place, options, people: agency.people(), caller, peer, agency: agency_id, ids };

    // What it does once a day, and after an import: whoever is to be reminded is told.
    bench
        .settled(&format!(
            "(SELECT count(*) FROM agencies a WHERE a.code = '{CODE}' AND NOT EXISTS (
                SELECT FROM reminder_rounds r WHERE r.agency_id = a.id))
             + (SELECT count(*) FROM outbox WHERE position IS NULL)"
        ))
        .await;
    let rest = Figures(vec![place.server_memory()]);
    bench.reads(table);
    bench.writes(agency, table).await;
    bench.units(agency, table).await;
    bench.learning(table).await;
    if bench.wanted("memory") {
        let within = |most| if agency.people() >= 100_000 { Target::AtMost(most) } else { Target::None };
        table.plain(
            bench.people,
            "memory of the server when it has just started",
            &rest,
            "MiB",
            Target::None,
        );
        let rest = Figures(vec![place.server_memory()]);
        table.plain(bench.people, "memory of the server at rest after the load", &rest, "MiB", within(150.0));
    }
}

/// A file with a text on each line.
fn lines(place: &Place, name: &str, texts: &[String]) -> PathBuf {
    let path = place.file(&format!("{name}.txt"));
    std::fs::write(&path, texts.join("\n") + "\n").unwrap();
    path
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

impl Bench<'_> {
    fn wanted(&self, name: &str) -> bool {
        self.options.only.as_ref().is_none_or(|only| name.contains(only.as_str()))
    }

    /// Measures things in turn, as often as there are rounds, after a round nobody counts.
    fn rounds(&self, things: &mut [&mut dyn FnMut(usize, u64) -> Measured]) -> Vec<Vec<Measured>> {
        let mut found = vec![Vec::new(); things.len()];
        for thing in &mut *things {
            thing(0, self.options.seconds.div_ceil(2));
        }
        for round in 1..=self.options.rounds {
            for (thing, found) in things.iter_mut().zip(&mut found) {
                found.push(thing(round, self.options.seconds));
            }
        }
        found
    }

    /// Asks the server for ids picked at random.
    fn ours(&self, seconds: u64, prefix: &str, suffix: &str) -> Measured {
        let arguments = [text(&self.ids), prefix, suffix, &self.caller.token];
        wrk(self.options, seconds, &self.caller.base, "get.lua", &arguments)
    }

    fn theirs(&self, peer: &str, seconds: u64, suffix: &str) -> Measured {
        wrk(self.options, seconds, peer, "get.lua", &[text(&self.ids), "/employees/", suffix, ""])
    }

    fn sql(&self, seconds: u64, script: &str, clients: u32) -> Measured {
        pgbench(
            self.place,
            seconds,
            script,
            clients,
            &[("people", &self.people.to_string()), ("agency", &self.agency)],
        )
    }

    /// One person and their profile, against the same question in SQL and against the peer.
    fn reads(&self, table: &mut Table) {
        for (what, script, suffix, peers, targets) in [
            (
                "gap profile",
                "profile.sql",
                "/gap-profile?against=held",
                "/gap-profile",
                (Target::AtLeast(0.8), Target::AtLeast(2.0)),
            ),
            ("employee by id", "employee.sql", "", "", (Target::None, Target::AtLeast(1.0))),
        ] {
            if !self.wanted(what) {
                continue;
            }
            let mut ours = |_: usize, seconds| self.ours(seconds, "/v1/employees/", suffix);
            let mut sql = |_: usize, seconds| self.sql(seconds, script, READERS);
            let mut peer = |_: usize, seconds| match &self.peer {
                Some(peer) => self.theirs(peer, seconds, peers),
                None => Measured::default(),
            };
            let found = self.rounds(&mut [&mut ours, &mut sql, &mut peer]);
            let rates: Vec<Figures> = found.iter().map(|rounds| rates(rounds)).collect();
            let [ours, sql, theirs] = rates.as_slice() else { continue };
            table.ratio(self.people, what, ours, ("pgbench, the join", sql), targets.0);
            if self.peer.is_some() {
                table.ratio(self.people, what, ours, ("Fastify", theirs), targets.1);
            }
            let slow: Vec<f64> = found.first().into_iter().flatten().map(|one| one.p99).collect();
            table.plain(self.people, &format!("{what}, 99 of 100"), &Figures(slow), "ms", Target::None);
        }
    }

    /// One result, durable and in the audit trail.
    async fn writes(&self, agency: &Agency, table: &mut Table) {
        if !agency.has_department() {
            return;
        }
        let (rounds, seconds) = (self.options.rounds, self.options.seconds);
        let mut insert = |_: usize, seconds| self.sql(seconds, "insert.sql", self.options.connections);

        let what = "recording one final result";
        if self.wanted(what) {
            let each = FASTEST * usize::try_from(seconds).unwrap();
            // In no order: neighbours are of one person, and their writers would wait for each other.
            let results = self
                .place
                .column(&format!(
                    "SELECT r.id::text FROM assessment_results r
                     WHERE r.agency_id = '{}' AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL
                     ORDER BY md5(r.id::text) LIMIT {}",
                    self.agency,
                    each * (rounds + 1)
                ))
                .await;
            let shares = results.len() / (rounds + 1);
            let files: Vec<PathBuf> = results
                .chunks(shares)
                .enumerate()
                .map(|(round, ids)| lines(self.place, &format!("results-{round}"), ids))
                .collect();
            let threads = self.options.connections.min(2).to_string();
            let mut ours = |round: usize, seconds| {
                let file = files.get(round).map_or("", |path| text(path));
                let arguments = [file, &self.caller.token, &threads];
                wrk(self.options, seconds, &self.caller.base, "supersede.lua", &arguments)
            };
            let found = self.rounds(&mut [&mut ours, &mut insert]);
            let rates: Vec<Figures> = found.iter().map(|rounds| rates(rounds)).collect();
            let [ours, sql] = rates.as_slice() else { return };
            table.ratio(self.people, what, ours, ("pgbench, an insert", sql), Target::AtLeast(0.35));
        }

        let what = "entering one result into a draft";
        if self.wanted(what) {
            let mut events = Vec::new();
            for number in 0..EVENTS {
                let event = json!({"purpose": "MAPPING", "method": "ASSESSMENT_CENTER", "provider": "Bench",
                    "assessed_on": "2026-03-02", "reference": format!("BENCH/{number}")});
                let event = self.caller.post("/v1/assessment-events", event).await;
                events.extend(event.get("id").and_then(Value::as_str).map(ToOwned::to_owned));
            }
            let events = lines(self.place, "events", &events);
            let competencies = self.place.column("SELECT id::text FROM competencies ORDER BY id").await;
            let competencies = lines(self.place, "competencies", &competencies);
            let mut ours = |_: usize, seconds| {
                let arguments = [text(&events), text(&self.ids), text(&competencies), &self.caller.token];
                wrk(self.options, seconds, &self.caller.base, "enter.lua", &arguments)
            };
            let found = self.rounds(&mut [&mut ours, &mut insert]);
            let rates: Vec<Figures> = found.iter().map(|rounds| rates(rounds)).collect();
            let [ours, sql] = rates.as_slice() else { return };
            table.ratio(self.people, what, ours, ("pgbench, an insert", sql), Target::None);
        }
    }

    /// What is asked of many people at once, by how long it takes: the same at every size where the answer is the same.
    async fn units(&self, agency: &Agency, table: &mut Table) {
        let id = async |code: &str| {
            self.place.query(&format!("SELECT id::text FROM units WHERE code = '{code}'")).await
        };
        let small = id(UNIT_500).await;
        let mut paths = vec![
            ("a page of 50 people".to_owned(), "/v1/employees?limit=50".to_owned(), Target::None),
            (
                "gaps of a unit of 500, the first 50".to_owned(),
                format!("/v1/units/{small}/gaps?limit=50"),
                Target::None,
            ),
            ("heat map of a unit of 500".to_owned(), format!("/v1/units/{small}/gap-heatmap"), Target::None),
        ];
        if agency.has_department() {
            let path = format!("/v1/units/{}/gap-heatmap", id(UNIT_2000).await);
            paths.push(("heat map of a unit of 2,000".to_owned(), path, Target::AtMost(5.0)));
        }
        paths.push(("summary of the agency".to_owned(), "/v1/gap-summary".to_owned(), Target::AtMost(20.0)));
        for (what, path, target) in paths {
            if self.wanted(&what) && self.caller.finds(&path).await {
                self.timed(&what, (&path, ""), None, target, table);
            } else if self.wanted(&what) {
                table.missing(self.people, &what, "not there");
            }
        }
    }

    /// What answers gaps: recommendations out of a catalogue of 5,000 programmes, learning hours of everybody, a drafted
    /// plan for everybody.
    async fn learning(&self, table: &mut Table) {
        let (first, second, third, fourth) = (
            "recommendations out of 5,000 programmes",
            "compliance of the agency",
            "drafted plans for everybody",
            "scenario of the agency's plan",
        );
        if [first, second, third, fourth].iter().all(|what| !self.wanted(what)) {
            return;
        }
        self.place.sql(&catalogue::sql(&self.agency)).await;
        if self.wanted(first) {
            let path = ("/v1/employees/", "/recommendations");
            self.timed(first, path, Some(&self.ids), Target::AtMost(15.0), table);
        }
        if self.wanted(second) {
            self.place.sql(&catalogue::hours(&self.agency)).await;
            self.settled(
                "(SELECT count(*) FROM jp_standings WHERE holds_until <= current_date) + (SELECT count(*) FROM jp_sum_marks)",
            )
            .await;
            self.timed(second, ("/v1/jp-compliance", ""), None, Target::AtMost(100.0), table);
        }
        // Plans of more people take longer in proportion, and nothing else.
        if self.wanted(third) && self.people <= 10_000 {
            let year = self.place.query("SELECT extract(year FROM current_date)::text").await;
            let year: i32 = year.parse().unwrap();
            let began = Instant::now();
            let work = self.caller.post("/v1/development-plan-drafts", json!({"year": year})).await;
            let id = work["operation_id"].as_str().unwrap().to_owned();
            self.settled(&format!(
                "SELECT count(*) FROM operations WHERE id = '{id}' AND finished_at IS NULL"
            ))
            .await;
            let took = began.elapsed().as_secs_f64();
            let drafts = self.place.query("SELECT count(*)::text FROM plans").await;
            let what = format!("{third}, {drafts} drafts");
            table.plain(self.people, &what, &Figures(vec![took]), "s", Target::AtMost(60.0));
        }
        if self.wanted(fourth) {
            self.scenario(fourth, table).await;
        }
    }

    /// The agency's own gaps against its catalogue, with money for some of them: how long it takes to load them, how near to the best
    /// plan a minute comes, and the memory that takes.
    async fn scenario(&self, what: &str, table: &mut Table) {
        let year = self.place.query("SELECT extract(year FROM current_date)::text").await;
        let year: i32 = year.parse().unwrap();
        let plan = self.caller.post("/v1/agency-plans", json!({"year": year, "name": "Bench"})).await;
        let plan = plan["id"].as_str().unwrap().to_owned();
        let budget = 400_000 * self.people;
        let ask = json!({"name": "Bench", "budget": budget, "time_limit": 60, "curve": false});
        let work = self.caller.post(&format!("/v1/agency-plans/{plan}/scenarios"), ask).await;
        let id = work["operation_id"].as_str().unwrap().to_owned();
        self.settled(&format!("SELECT count(*) FROM operations WHERE id = '{id}' AND finished_at IS NULL"))
            .await;
        let figure = async |sql: &str| -> f64 {
            let sql = format!("SELECT ({sql})::text FROM scenarios WHERE operation_id = '{id}'");
            self.place.query(&sql).await.parse().unwrap()
        };
        let loaded = figure("extract(epoch FROM loaded_at - created_at)").await;
        let needs = figure("figures->'needs'").await;
        let gap = figure("figures->'gap_percent'").await;
        let memory = self.place.server_most_memory();
        let name = format!("{what}, {needs} needs, loaded");
        table.plain(self.people, &name, &Figures(vec![loaded]), "s", Target::AtMost(5.0));
        table.plain(self.people, &format!("{what}, gap after 60 s"), &Figures(vec![gap]), "%", Target::None);
        let name = format!("{what}, most memory of the server");
        table.plain(self.people, &name, &Figures(vec![memory]), "MiB", Target::AtMost(2048.0));
    }

    /// Waits until a count is none: the server is at work on it.
    async fn settled(&self, count: &str) {
        let began = Instant::now();
        while self.place.query(&format!("SELECT ({count})::text")).await != "0" {
            assert!(began.elapsed() < PATIENCE, "after {PATIENCE:?} there is still something of {count}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The time half of the answers took, and how many there were, with few connections: of `path`, which stands around an
    /// id of `ids` where there are any.
    fn timed(
        &self,
        what: &str,
        path: (&str, &str),
        ids: Option<&PathBuf>,
        target: Target,
        table: &mut Table,
    ) {
        let few = Options { connections: FEW, ..self.options.clone() };
        let nobody = lines(self.place, "nobody", &[String::new()]);
        let mut ours = |_: usize, seconds| {
            let arguments = [text(ids.unwrap_or(&nobody)), path.0, path.1, &self.caller.token];
            wrk(&few, seconds, &self.caller.base, "get.lua", &arguments)
        };
        let found = self.rounds(&mut [&mut ours]).pop().unwrap_or_default();
        let half: Vec<f64> = found.iter().map(|one| one.p50).collect();
        table.plain(self.people, &format!("{what}, half of them"), &Figures(half), "ms", target);
        table.plain(self.people, &format!("{what}, {FEW} at a time"), &rates(&found), "/s", Target::None);
    }
}

fn rates(rounds: &[Measured]) -> Figures {
    Figures(rounds.iter().map(|one| one.per_second).collect())
}
