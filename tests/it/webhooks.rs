//! `/v1/webhook-endpoints`: what happens is told to endpoints, signed, tried again, replayed.

use std::sync::{Arc, Mutex};

use access::Role;
use api::worker::{deliver, hand_on};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use support::{Agency, Answer, Caller, TestApp};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::given;

const ENDPOINTS: &str = "/v1/webhook-endpoints";

/// What came to the listener: headers by name in small letters, and the body as it came.
#[derive(Clone, Debug)]
struct Received {
    line: String,
    headers: Vec<(String, String)>,
    body: String,
}

impl Received {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value)
    }

    fn kind(&self) -> String {
        serde_json::from_str::<Value>(&self.body).unwrap()["type"].as_str().unwrap().to_owned()
    }
}

/// An endpoint of somebody else, in this process: answers as it is told to.
struct Listener {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
    reply: Arc<Mutex<String>>,
}

impl Listener {
    async fn new() -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", socket.local_addr().unwrap());
        let received: Arc<Mutex<Vec<Received>>> = Arc::default();
        let reply = Arc::new(Mutex::new("204 No Content".to_owned()));
        let (all, answers) = (received.clone(), reply.clone());
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = socket.accept().await {
                let (all, answers) = (all.clone(), answers.clone());
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    let whole = loop {
                        let mut part = [0; 4096];
                        let read = stream.read(&mut part).await.unwrap_or(0);
                        bytes.extend_from_slice(&part[..read]);
                        let text = String::from_utf8_lossy(&bytes).into_owned();
                        if let Some((head, body)) = text.split_once("\r\n\r\n") {
                            let mut lines = head.split("\r\n");
                            let line = lines.next().unwrap().to_owned();
                            let headers: Vec<_> = lines
                                .filter_map(|line| line.split_once(':'))
                                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                                .collect();
                            let received = Received { line, headers, body: body.to_owned() };
                            let length: usize = received.header("content-length").parse().unwrap_or(0);
                            if received.body.len() >= length {
                                break received;
                            }
                        }
                        if read == 0 {
                            return;
                        }
                    };
                    all.lock().unwrap().push(whole);
                    let reply = answers.lock().unwrap().clone();
                    let answer =
                        format!("HTTP/1.1 {reply}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                    let _ = stream.write_all(answer.as_bytes()).await;
                });
            }
        });
        Self { url, received, reply }
    }

    fn answers(&self, reply: &str) {
        *self.reply.lock().unwrap() = reply.to_owned();
    }

    fn take(&self) -> Vec<Received> {
        std::mem::take(&mut *self.received.lock().unwrap())
    }
}

async fn start() -> TestApp {
    TestApp::start_with(|mut config| {
        config.webhook_private = true;
        config
    })
    .await
}

async fn register(admin: &Caller<'_>, url: &str, events: Value) -> Answer {
    admin.post(ENDPOINTS, json!({"url": url, "events": events})).await.expect(201)
}

/// Everything that waits is handed on and sent.
async fn settle(app: &TestApp) -> usize {
    hand_on(&app.services).await.unwrap();
    deliver(&app.services).await.unwrap()
}

async fn unit(admin: &Caller<'_>, code: &str) -> String {
    given::unit(admin, code, None).await
}

async fn deliveries(admin: &Caller<'_>, endpoint: &str, query: &str) -> Vec<Value> {
    admin.get(&format!("{ENDPOINTS}/{endpoint}/deliveries{query}")).await.expect(200).items().clone()
}

/// SHA-256 by FIPS 180-4 and HMAC by RFC 2104, written out: what checks a signature is not what made it.
fn sha256(message: &[u8]) -> [u8; 32] {
    let primes = (2..312_u128).filter(|n| (2..*n).all(|d| n % d != 0)).take(64);
    // The first 32 bits behind the point of a root: that of the number with two or three times as many zeroes.
    let low = |root: u128| u32::try_from(root & 0xffff_ffff).unwrap();
    let cube_root = |n: u128| {
        (0..40).rev().fold(0_u128, |root, bit| {
            let next = root | (1 << bit);
            if next * next * next <= n { next } else { root }
        })
    };
    let k: Vec<u32> = primes.clone().map(|p| low(cube_root(p << 96))).collect();
    let mut h: Vec<u32> = primes.take(8).map(|p| low((p << 64).isqrt())).collect();
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(u64::try_from(message.len()).unwrap() * 8).to_be_bytes());
    for block in padded.chunks(64) {
        let mut w: Vec<u32> =
            block.chunks(4).map(|word| u32::from_be_bytes(word.try_into().unwrap())).collect();
        for i in 16..64 {
            let (x, y) = (w[i - 15], w[i - 2]);
            let s0 = x.rotate_right(7) ^ x.rotate_right(18) ^ (x >> 3);
            let s1 = y.rotate_right(17) ^ y.rotate_right(19) ^ (y >> 10);
            w.push(w[i - 16].wrapping_add(s0).wrapping_add(w[i - 7]).wrapping_add(s1));
        }
        let mut v = h.clone();
        for i in 0..64 {
            let s1 = v[4].rotate_right(6) ^ v[4].rotate_right(11) ^ v[4].rotate_right(25);
            let choice = (v[4] & v[5]) ^ (!v[4] & v[6]);
            let one = v[7].wrapping_add(s1).wrapping_add(choice).wrapping_add(k[i]).wrapping_add(w[i]);
            let s0 = v[0].rotate_right(2) ^ v[0].rotate_right(13) ^ v[0].rotate_right(22);
            let two = s0.wrapping_add((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
            v.rotate_right(1);
            v[4] = v[4].wrapping_add(one);
            v[0] = one.wrapping_add(two);
        }
        for (sum, part) in h.iter_mut().zip(v) {
            *sum = sum.wrapping_add(part);
        }
    }
    let bytes: Vec<u8> = h.iter().flat_map(|word| word.to_be_bytes()).collect();
    bytes.try_into().unwrap()
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let pad = |with: u8| (0..64).map(|i| key.get(i).copied().unwrap_or(0) ^ with).collect::<Vec<u8>>();
    sha256(&[pad(0x5c), sha256(&[pad(0x36), message.to_vec()].concat()).to_vec()].concat())
}

/// Whether one of the signatures is that of `secret`.
fn is_signed(received: &Received, secret: &str) -> bool {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let (id, at) = (received.header("webhook-id"), received.header("webhook-timestamp"));
    let expected = STANDARD.encode(hmac(&key, format!("{id}.{at}.{}", received.body).as_bytes()));
    received.header("webhook-signature").split(' ').any(|one| one == format!("v1,{expected}"))
}

#[test]
fn the_code_that_checks_signatures_is_right() {
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    assert_eq!(hex(&sha256(b"abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231, test case 2.
    assert_eq!(
        hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}

#[tokio::test]
async fn what_happens_is_sent_once_signed_and_without_anybodys_data() {
    let app = start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    unit(&admin, "SEBELUM").await;
    hand_on(&app.services).await.unwrap();
    let (one, other) = (Listener::new().await, Listener::new().await);
    let made = register(&admin, &one.url, json!([])).await;
    register(&admin, &other.url, json!(["employee.*", "unit.deleted"])).await;
    let secret = made.json["secret"].as_str().unwrap().to_owned();
    let path = format!("{ENDPOINTS}/{}", made.id());
    assert!(!admin.get(&path).await.expect(200).text.contains(&secret));
    assert!(!admin.get(ENDPOINTS).await.expect(200).text.contains("whsec_"), "it is shown once");
    let unit = unit(&admin, "DINAS").await;
    let person = given::person(&admin, 1).await;
    // Two workers at once send each delivery once.
    hand_on(&app.services).await.unwrap();
    let (first, second) = tokio::join!(deliver(&app.services), deliver(&app.services));
    assert_eq!(first.unwrap() + second.unwrap(), 3);
    let received = one.take();
    let mut kinds: Vec<_> = received.iter().map(Received::kind).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["employee.created", "unit.created"], "from now on, and not of endpoints");
    let told = received.iter().find(|one| one.kind() == "unit.created").unwrap();
    assert_eq!(
        (told.line.as_str(), told.header("content-type")),
        ("POST /hook HTTP/1.1", "application/json")
    );
    assert!(is_signed(told, &secret) && !is_signed(told, "whsec_AAECAwQFBgcICQoLDA0ODw=="));
    assert_eq!(told.header("webhook-timestamp"), app.now().timestamp().to_string());
    let body: Value = serde_json::from_str(&told.body).unwrap();
    assert_eq!(
        body,
        json!({"type": "unit.created", "timestamp": "2026-07-01T02:00:00.000000Z", "data": {"resource": "UNIT", "id": unit}})
    );
    let person = json!({"resource": "EMPLOYEE", "id": person});
    let of_person = other.take();
    assert_eq!(of_person.len(), 1);
    assert_eq!(serde_json::from_str::<Value>(&of_person[0].body).unwrap()["data"], person);
    assert_eq!(settle(&app).await, 0);
    // The log says what became of it.
    let log = deliveries(&admin, &made.id(), "?state=DELIVERED").await;
    assert_eq!((log.len(), log[0]["attempts"].as_i64()), (2, Some(1)));
    let id = log[0]["id"].as_str().unwrap();
    let one = admin.get(&format!("/v1/webhook-deliveries/{id}")).await.expect(200).json;
    assert_eq!((&one["log"][0]["status"], &one["log"][0]["failure"]), (&json!(204), &Value::Null));
}

#[tokio::test]
async fn what_fails_is_tried_again_later_and_later_and_then_no_more() {
    let app = start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let listener = Listener::new().await;
    listener.answers("500 Internal Server Error");
    let made = register(&admin, &listener.url, json!(["unit.*"])).await;
    let (id, path) = (made.id(), format!("{ENDPOINTS}/{}", made.id()));
    unit(&admin, "DINAS").await;
    assert_eq!(settle(&app).await, 1);
    assert_eq!(settle(&app).await, 0, "not before its time");
    let mut ids = vec![listener.take()[0].header("webhook-id").to_owned()];
    let mut pauses = Vec::new();
    for _ in 1..10 {
        let waiting = deliveries(&agency.admin().await, &id, "?state=PENDING").await;
        let next: chrono::DateTime<chrono::Utc> = waiting[0]["next_at"].as_str().unwrap().parse().unwrap();
        pauses.push(next - app.now());
        app.set_now(&(next - chrono::TimeDelta::milliseconds(1)).to_rfc3339());
        assert_eq!(settle(&app).await, 0);
        app.set_now(&next.to_rfc3339());
        assert_eq!(settle(&app).await, 1);
        ids.push(listener.take()[0].header("webhook-id").to_owned());
    }
    assert!(pauses[0] <= chrono::TimeDelta::seconds(6), "{pauses:?}");
    assert!(pauses[8] >= chrono::TimeDelta::hours(19), "{pauses:?}");
    ids.dedup();
    assert_eq!(ids.len(), 1, "the same event, by which a receiver knows it");
    let admin = agency.admin().await;
    let failed = deliveries(&admin, &id, "").await;
    assert_eq!((&failed[0]["state"], &failed[0]["attempts"]), (&json!("FAILED"), &json!(10)));
    let paused = admin.get(&path).await.expect(200);
    assert_eq!((&paused.json["state"], &paused.json["reason"]), (&json!("PAUSED"), &json!("FAILING")));
    // What happens meanwhile waits, until somebody says that it goes on.
    unit(&admin, "BADAN").await;
    assert_eq!(settle(&app).await, 0);
    listener.answers("200 OK");
    admin.transition(&format!("{path}/resumption"), "*").await.expect(200);
    assert_eq!(settle(&app).await, 1);
    let failed = failed[0]["id"].as_str().unwrap();
    let again =
        admin.post(&format!("/v1/webhook-deliveries/{failed}/replays"), json!(null)).await.expect(201);
    assert_eq!(again.json["replay_of"], failed);
    assert_eq!(settle(&app).await, 1);
    let received = listener.take();
    assert_eq!(received.last().unwrap().header("webhook-id"), ids[0]);
}

#[tokio::test]
async fn an_endpoint_that_is_gone_is_told_nothing_and_redirects_lead_nowhere() {
    let app = start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let (listener, trap) = (Listener::new().await, Listener::new().await);
    let made = register(&admin, &listener.url, json!(["unit.*"])).await;
    let (id, path) = (made.id(), format!("{ENDPOINTS}/{}", made.id()));
    listener.answers(&format!("302 Found\r\nlocation: {}", trap.url));
    unit(&admin, "SATU").await;
    assert_eq!(settle(&app).await, 1);
    assert!(trap.take().is_empty());
    assert_eq!(deliveries(&admin, &id, "").await[0]["state"], "PENDING");
    listener.answers("429 Too Many Requests\r\nretry-after: 3000");
    app.set_now("2026-07-01T02:00:10Z");
    assert_eq!(settle(&app).await, 1);
    let asked = deliveries(&admin, &id, "").await[0]["next_at"].as_str().unwrap().to_owned();
    assert_eq!(asked, "2026-07-01T02:50:10Z");
    listener.answers("410 Gone");
    unit(&admin, "DUA").await;
    assert_eq!(settle(&app).await, 1);
    let stopped = admin.get(&path).await.expect(200);
    assert_eq!((&stopped.json["state"], &stopped.json["reason"]), (&json!("STOPPED"), &json!("GONE")));
    unit(&admin, "TIGA").await;
    let replay = json!({"since": "2026-07-01T00:00:00Z"});
    admin.post(&format!("{path}/replays"), replay.clone()).await.expect(409).expect_problem("WEBHOOK_STATE");
    admin.transition(&format!("{path}/pause"), "*").await.expect(409).expect_problem("WEBHOOK_STATE");
    app.set_now("2026-07-01T02:55:00Z");
    assert_eq!(settle(&app).await, 0);
    assert_eq!(deliveries(&admin, &id, "").await.len(), 2, "what happened since was not noted");
    // It is there again: everything since an instant, each event with the id it had before.
    listener.answers("200 OK");
    listener.take();
    admin.transition(&format!("{path}/resumption"), "*").await.expect(200);
    assert_eq!(settle(&app).await, 1, "the first still waits");
    let before = listener.take()[0].header("webhook-id").to_owned();
    assert_eq!(admin.post(&format!("{path}/replays"), replay).await.expect(201).json["deliveries"], 3);
    assert_eq!(settle(&app).await, 3);
    let mut ids: Vec<_> = listener.take().iter().map(|one| one.header("webhook-id").to_owned()).collect();
    assert!(ids.contains(&before));
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 3);
    let late = json!({"since": "2026-07-01T02:55:01Z"});
    admin.post(&format!("{path}/replays"), late).await.expect(400).expect_error("/since", "OUT_OF_RANGE");
}

#[tokio::test]
async fn a_new_secret_takes_over_while_the_former_is_good() {
    let app = start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let listener = Listener::new().await;
    let made = register(&admin, &listener.url, json!(["unit.*"])).await;
    let path = format!("{ENDPOINTS}/{}", made.id());
    let first = made.json["secret"].as_str().unwrap().to_owned();
    let secrets = format!("{path}/secrets");
    let rotated = admin.post(&secrets, json!({"overlap_hours": 1})).await.expect(201);
    let second = rotated.json["secret"].as_str().unwrap().to_owned();
    assert_eq!(rotated.json["former_until"], "2026-07-01T03:00:00Z");
    assert_eq!(admin.get(&path).await.expect(200).json["secrets"], 2);
    admin
        .post(&secrets, json!({"overlap_hours": 169}))
        .await
        .expect(400)
        .expect_error("/overlap_hours", "OUT_OF_RANGE");
    unit(&admin, "SATU").await;
    settle(&app).await;
    let both = listener.take().remove(0);
    assert!(is_signed(&both, &first) && is_signed(&both, &second));
    app.set_now("2026-07-01T03:00:00Z");
    let admin = agency.admin().await;
    unit(&admin, "DUA").await;
    settle(&app).await;
    let one = listener.take().remove(0);
    assert!(!is_signed(&one, &first) && is_signed(&one, &second));
    // At once, where the former one was given away.
    let third = admin.post(&secrets, json!({"overlap_hours": 0})).await.expect(201);
    unit(&admin, "TIGA").await;
    settle(&app).await;
    let one = listener.take().remove(0);
    assert!(!is_signed(&one, &second) && is_signed(&one, third.json["secret"].as_str().unwrap()));
    assert_eq!(app.count("SELECT count(*) FROM webhook_secrets").await, 1, "what is over is forgotten");
}

#[tokio::test]
async fn whoever_is_killed_while_sending_loses_nothing() {
    let app = start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let listener = Listener::new().await;
    let made = register(&admin, &listener.url, json!(["unit.*"])).await;
    unit(&admin, "SATU").await;
    hand_on(&app.services).await.unwrap();
    // One that took it and was never heard of again.
    let taken = app.services.store.webhook_deliveries_take(app.now(), kernel::UserId::new().uuid()).await;
    assert_eq!(taken.unwrap().len(), 1);
    assert_eq!(settle(&app).await, 0, "it is somebody's");
    app.set_now("2026-07-01T02:01:00Z");
    assert_eq!(settle(&app).await, 1);
    assert_eq!(listener.take().len(), 1);
    assert_eq!(deliveries(&admin, &made.id(), "?state=DELIVERED").await.len(), 1);
    // Sent, and killed before it could say so: sent again, with the same id.
    unit(&admin, "DUA").await;
    hand_on(&app.services).await.unwrap();
    app.sql("BEGIN; LOCK TABLE webhook_attempts IN ACCESS EXCLUSIVE MODE").await;
    let here = "relation = 'webhook_attempts'::regclass AND NOT granted
                AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";
    let (_, killed) = tokio::join!(deliver(&app.services), async {
        while app.count(&format!("SELECT count(*) FROM pg_locks WHERE {here}")).await == 0 {}
        app.count(&format!("SELECT count(pg_terminate_backend(pid)) FROM pg_locks WHERE {here}")).await
    });
    assert_eq!(killed, 1);
    app.sql("ROLLBACK").await;
    assert_eq!(settle(&app).await, 0);
    app.set_now("2026-07-01T02:02:00Z");
    assert_eq!(settle(&app).await, 1);
    let twice = listener.take();
    assert_eq!(twice.len(), 2);
    assert_eq!(twice[0].header("webhook-id"), twice[1].header("webhook-id"));
    assert_eq!(app.count("SELECT count(*) FROM webhook_deliveries").await, 2, "noted once each");
}

#[tokio::test]
async fn one_that_does_not_answer_holds_up_no_other() {
    let app = start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    let listener = Listener::new().await;
    // Nobody listens there any more.
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nowhere = format!("http://{}/", closed.local_addr().unwrap());
    drop(closed);
    let dead = register(&admin, &nowhere, json!(["unit.*"])).await;
    register(&admin, &listener.url, json!(["unit.*"])).await;
    for code in ["A", "B", "C", "D", "E", "F"] {
        unit(&admin, code).await;
    }
    hand_on(&app.services).await.unwrap();
    let taken =
        app.services.store.webhook_deliveries_take(app.now(), kernel::UserId::new().uuid()).await.unwrap();
    let of_dead = taken.iter().filter(|one| one.url == nowhere).count();
    assert_eq!((taken.len(), of_dead), (8, 4), "four of each");
    app.set_now("2026-07-01T02:01:00Z");
    deliver(&app.services).await.unwrap();
    assert_eq!(listener.take().len(), 6);
    let log = deliveries(&admin, &dead.id(), "").await;
    assert!(log.iter().all(|one| one["state"] == "PENDING" && one["attempts"] == 1));
    let one =
        admin.get(&format!("/v1/webhook-deliveries/{}", log[0]["id"].as_str().unwrap())).await.expect(200);
    assert_eq!(one.json["log"][0]["failure"], "UNREACHABLE");
}

#[tokio::test]
async fn addresses_inside_are_refused_when_they_are_registered_and_when_they_are_sent_to() {
    let app = TestApp::start().await;
    let agency = app.agency("KOTA").await;
    let admin = agency.admin().await;
    for url in [
        "http://hooks.example.go.id/",
        "https://localhost/",
        "https://127.0.0.1/",
        "https://[::ffff:10.0.0.1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://0x7f000001/",
        "https://user@hooks.example.go.id/",
    ] {
        let refused = admin.post(ENDPOINTS, json!({"url": url, "events": []})).await;
        refused.expect(400).expect_error("/url", "NOT_ALLOWED_VALUE");
    }
    let wrong =
        json!({"url": "https://hooks.example.go.id/", "events": ["class", "klass.*", "unit.*", "unit.*"]});
    admin
        .post(ENDPOINTS, wrong)
        .await
        .expect(400)
        .expect_error("/events/0", "INVALID_FORMAT")
        .expect_error("/events/1", "UNKNOWN")
        .expect_error("/events/3", "DUPLICATE");
    // One that was registered while more was allowed is not sent to.
    let listener = Listener::new().await;
    let made = register(&admin, "https://hooks.example.go.id/", json!(["unit.*"])).await;
    app.sql(&format!("UPDATE webhook_endpoints SET url = '{}'", listener.url)).await;
    unit(&admin, "DINAS").await;
    assert_eq!(settle(&app).await, 1);
    assert!(listener.take().is_empty());
    let log = deliveries(&admin, &made.id(), "").await;
    let path = format!("/v1/webhook-deliveries/{}", log[0]["id"].as_str().unwrap());
    assert_eq!(admin.get(&path).await.expect(200).json["log"][0]["failure"], "FORBIDDEN");
}

#[tokio::test]
async fn endpoints_are_the_agencys_and_those_who_keep_them() {
    let app = start().await;
    let (agency, elsewhere): (Agency<'_>, _) = (app.agency("KOTA").await, app.agency("KABUPATEN").await);
    let admin = agency.admin().await;
    let listener = Listener::new().await;
    hand_on(&app.services).await.unwrap();
    let made = register(&admin, &listener.url, json!([])).await;
    let path = format!("{ENDPOINTS}/{}", made.id());
    unit(&elsewhere.admin().await, "LAIN").await;
    hand_on(&app.services).await.unwrap();
    deliver(&app.services).await.unwrap();
    assert!(listener.take().is_empty(), "another agency's business");
    elsewhere.admin().await.get(&path).await.expect(404);
    agency.role(Role::Employee).await.get(&path).await.expect(403);
    let auditor = agency.role(Role::Auditor).await;
    assert_eq!(auditor.get(&path).await.expect(200).json["allowed_actions"], json!([]));
    auditor.delete(&path, "*").await.expect(403);
    let machine = agency.machine(&["webhooks:read", "webhooks:write"]).await;
    let own = register(&machine, &listener.url, json!(["unit.*"])).await;
    let etag = machine.get(&format!("{ENDPOINTS}/{}", own.id())).await.expect(200).etag();
    let changed = json!({"url": listener.url, "description": "SIMPEG", "events": ["class.*"]});
    let put = machine.put(&format!("{ENDPOINTS}/{}", own.id()), &etag, changed.clone()).await.expect(200);
    assert_eq!(put.json["events"], json!(["class.*"]));
    machine.put(&format!("{ENDPOINTS}/{}", own.id()), &etag, changed).await.expect(412);
    // While it is paused what happens waits, and nothing is left of one that is removed.
    admin.transition(&format!("{path}/pause"), "*").await.expect(200);
    unit(&admin, "DINAS").await;
    assert_eq!(settle(&app).await, 0);
    assert_eq!(admin.get(&path).await.expect(200).json["pending"], 4, "three roles and the unit");
    admin.delete(&path, "*").await.expect(204);
    assert_eq!(app.count("SELECT count(*) FROM webhook_deliveries").await, 0);
    let trail = admin.get("/v1/audit-events?resource=WEBHOOK_ENDPOINT").await.expect(200);
    assert!(trail.items().iter().any(|event| event["resource_id"] == own.id().as_str()), "{}", trail.text);
    assert!(!trail.text.contains("whsec_") && !trail.text.contains("/hook"), "neither secrets nor paths");
}
