//! Classes of programmes, with their sessions.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, NaiveTime, Utc};
use development::{ClassContent, ClassError, ClassState, ProgrammeState, Session, TrainingClass};
use kernel::{AgencyZone, ClassId, Code, Violation, ViolationCode};
use store::{ClassRow as OnRecord, ProgrammeRow, StoreError, Tx};

use crate::app::enrolments::promote;
use crate::app::imports::drafts::codes;
use crate::app::imports::plan::{Against, Kind, Plan, in_parts};
use crate::app::imports::programmes::by_code;
use crate::app::imports::progress::Progress;
use crate::app::imports::run::Failure;
use crate::dto::classes::is_address;
use crate::messages::Advice;
use crate::sheets::{ClassRow, Moment, Reading, SessionCells, cell_pointer};

#[derive(Debug, Default)]
pub(super) struct Writes {
    added: Vec<TrainingClass>,
    changed: Vec<TrainingClass>,
}

/// What classes are compared with.
#[derive(Debug)]
struct Stored {
    classes: BTreeMap<Code, OnRecord>,
    programmes: BTreeMap<Code, ProgrammeRow>,
    /// Sessions whose attendance is on record.
    attended: BTreeMap<ClassId, BTreeSet<i32>>,
    zone: AgencyZone,
    now: DateTime<Utc>,
}

impl Kind for ClassRow {
    const AT_ONCE: usize = usize::MAX;

    type Ground = ();

    type Writes = Writes;

    async fn lock(tx: &Tx<'_>, pass: &Pass, rows: &[(u32, Self)]) -> Result<(), StoreError> {
        let classes = codes(rows.iter().map(|(_, row)| &row.code));
        let programmes = codes(rows.iter().map(|(_, row)| &row.programme_code));
        tx.classes_lock(pass, &classes, &programmes).await
    }

    async fn ground(_against: &Against<'_>) -> Result<(), StoreError> {
        Ok(())
    }

    async fn plan(
        against: &Against<'_>,
        _ground: &mut (),
        reading: &Reading<Self>,
    ) -> Result<Plan<Writes>, StoreError> {
        let reader = against.reader;
        let named = codes(reading.rows.iter().map(|(_, row)| &row.code));
        let classes = reader.classes_by_code(&named).await?;
        let ids: Vec<ClassId> = classes.iter().map(|row| row.class.id).collect();
        let named = codes(reading.rows.iter().map(|(_, row)| &row.programme_code));
        let stored = Stored {
            programmes: by_code(reader.programmes_by_code(&named).await?),
            attended: reader.sessions_attended_of(&ids).await?,
            classes: classes.into_iter().map(|row| (row.class.content.code.clone(), row)).collect(),
            zone: against.zone,
            now: against.now,
        };
        Ok(plan(&stored, reading))
    }

    async fn write(
        tx: &Tx<'_>,
        pass: &Pass,
        against: &Against<'_>,
        writes: &Writes,
        progress: &Progress,
    ) -> Result<(), Failure> {
        in_parts(&writes.added, progress, async |some| tx.classes_insert(pass, some).await).await?;
        // Seats that were added, or hours that were freed, go to those who wait.
        let changed: Vec<ClassId> = writes.changed.iter().map(|class| class.id).collect();
        let lines = against.reader.lines_behind(&changed, None).await?;
        tx.lines_hold(pass, &[], &lines).await?;
        let change = async |some: &[TrainingClass]| {
            for class in some {
                tx.class_update(pass, class).await?;
            }
            Ok(())
        };
        in_parts(&writes.changed, progress, change).await?;
        promote(tx, against.reader, pass, &lines, against.now).await?;
        Ok(())
    }
}

/// The rows of one code are one class, each a session of it. Hours are those of the agency's clock. A class that was announced
/// is not taken back, and one that was held or called off stands.
fn plan(stored: &Stored, reading: &Reading<ClassRow>) -> Plan<Writes> {
    let mut plan = Plan::<Writes>::default();
    let mut groups: BTreeMap<&Code, Vec<(u32, &ClassRow)>> = BTreeMap::new();
    for (number, row) in &reading.rows {
        groups.entry(&row.code).or_default().push((*number, row));
    }
    for rows in groups.into_values() {
        Group { stored, rows }.close(&mut plan);
    }
    plan
}

/// The rows of one class.
struct Group<'a> {
    stored: &'a Stored,
    rows: Vec<(u32, &'a ClassRow)>,
}

/// What a class is said to be, and the row of each session in order.
struct Said {
    content: ClassContent,
    numbers: Vec<u32>,
}

impl Group<'_> {
    fn close(self, plan: &mut Plan<Writes>) {
        let Some((first, row)) = self.rows.first().copied() else { return };
        let before = self.stored.classes.get(&row.code);
        let programme = self.stored.programmes.get(&row.programme_code);
        if programme.is_none() {
            plan.refuse(first, "programme_code", ViolationCode::NotFound, &row.programme_code);
        }
        let state = self.state(plan);
        let said = self.said(plan, before.map(|before| &before.class.content));
        let (Some(programme), Some(state), Some(said)) = (programme, state, said) else { return };
        match before {
            None => {
                if programme.programme.state != ProgrammeState::Published {
                    let code = ViolationCode::NotPublished;
                    plan.refuse(first, "programme_code", code, &row.programme_code);
                    return;
                }
                let planned =
                    TrainingClass::plan(ClassId::new(), programme.programme.id, said.content.clone());
                let planned = planned.and_then(|class| match state {
                    Some(ClassState::Open) => class.open(self.stored.now),
                    _ => Ok(class),
                });
                match planned {
                    Ok(class) => {
                        plan.created += self.rows.len();
                        plan.writes.added.push(class);
                    }
                    Err(error) => self.refuse(plan, &said, error),
                }
            }
            Some(before) if before.class.programme != programme.programme.id => {
                let (code, advice) = (ViolationCode::Immutable, Advice::ClassStands);
                plan.refuse_with(first, "programme_code", code, &row.programme_code, advice);
            }
            Some(before) => self.change(plan, before, &said, state),
        }
    }

    fn change(&self, plan: &mut Plan<Writes>, before: &OnRecord, said: &Said, state: Option<ClassState>) {
        let Stored { attended, now, .. } = self.stored;
        // What was announced since has been planned.
        let opens = state == Some(ClassState::Open) && before.class.state == ClassState::Planned;
        if plan.stands(said.content == before.class.content && !opens, self.rows.len()) {
            return;
        }
        let none = BTreeSet::new();
        let attended = attended.get(&before.class.id).unwrap_or(&none);
        let mut after = if said.content == before.class.content {
            Ok(before.class.clone())
        } else {
            before.class.clone().edit(said.content.clone(), *now, before.seats.taken, attended)
        };
        if opens {
            after = after.and_then(|class| class.open(*now));
        }
        match after {
            Ok(class) => {
                plan.updated += self.rows.len();
                plan.writes.changed.push(class);
            }
            Err(error) => self.refuse(plan, said, error),
        }
    }

    /// What the rows of a class agree on; noted where one says otherwise than those above it.
    fn agreed<T: Clone + PartialEq>(
        &self,
        plan: &mut Plan<Writes>,
        column: &str,
        of: impl Fn(&ClassRow) -> Option<T>,
    ) -> Option<T> {
        let mut agreed: Option<T> = None;
        for (number, row) in &self.rows {
            let Some(said) = of(row) else { continue };
            match &agreed {
                Some(agreed) if *agreed != said => {
                    let pointer = cell_pointer(*number, column);
                    plan.findings.push(Violation::new(pointer, ViolationCode::Inconsistent));
                }
                Some(_) => {}
                None => agreed = Some(said),
            }
        }
        agreed
    }

    /// Where the class is to stand, if the rows say so. None once refused.
    fn state(&self, plan: &mut Plan<Writes>) -> Option<Option<ClassState>> {
        self.agreed(plan, "programme_code", |row| Some(row.programme_code.clone()));
        let Some(text) = self.agreed(plan, "state", |row| row.state.clone()) else { return Some(None) };
        let number = self.number_of(|row| row.state.is_some());
        let allowed = [ClassState::Planned, ClassState::Open];
        let read = |text: &str| ClassState::read(text).filter(|state| allowed.contains(state));
        plan.named(number, "state", &text, read, allowed.map(ClassState::as_str)).map(Some)
    }

    /// The first row of which something holds.
    fn number_of(&self, holds: impl Fn(&ClassRow) -> bool) -> u32 {
        let found = self.rows.iter().find(|(_, row)| holds(row)).or(self.rows.first());
        found.map(|(number, _)| *number).unwrap_or_default()
    }

    /// What the rows say, where they are blank with what is on record.
    fn said(&self, plan: &mut Plan<Writes>, old: Option<&ClassContent>) -> Option<Said> {
        let zone = self.stored.zone;
        let (first, row) = self.rows.first().copied()?;
        let seats = self.agreed(plan, "seats", |row| Some(row.seats));
        let fewest = self.agreed(plan, "min_participants", |row| row.min_participants);
        let waitlist = self.agreed(plan, "waitlist", |row| row.waitlist);
        let note = self.agreed(plan, "note", |row| row.note.clone());
        let opens = self.agreed(plan, "registration_opens_at", |row| Some(row.registration_opens_at));
        let closes = self.agreed(plan, "registration_closes_at", |row| Some(row.registration_closes_at));
        let opens = opens.and_then(|moment| moment.instant(zone, Some(NaiveTime::MIN), None));
        // Of a day alone all of it is meant.
        let closes = closes.and_then(|moment| match moment {
            Moment::Day(day) => Some(zone.instant(day.succ_opt()?, NaiveTime::MIN)),
            other => other.instant(zone, None, None),
        });
        for (column, instant) in [("registration_opens_at", opens), ("registration_closes_at", closes)] {
            if instant.is_none() {
                let pointer = cell_pointer(first, column);
                plan.findings.push(Violation::new(pointer, ViolationCode::InvalidFormat));
            }
        }
        let sessions = self.sessions(plan, old);
        let (numbers, sessions) = sessions?.into_iter().unzip();
        let content = ClassContent {
            code: row.code.clone(),
            seats: seats?,
            min_participants: fewest.or_else(|| old?.min_participants),
            waitlist: waitlist.or_else(|| old?.waitlist),
            registration_opens_at: opens?,
            registration_closes_at: closes?,
            sessions,
            note: note.or_else(|| old?.note.clone()),
        };
        Some(Said { content, numbers })
    }

    /// The sessions in order, each with its row.
    fn sessions(&self, plan: &mut Plan<Writes>, old: Option<&ClassContent>) -> Option<Vec<(u32, Session)>> {
        let mut sessions = Some(Vec::new());
        let is_alone = self.rows.len() == 1;
        for (number, row) in &self.rows {
            let Some(cells) = &row.session else {
                if !is_alone {
                    let pointer = cell_pointer(*number, "session_starts_at");
                    plan.findings.push(Violation::new(pointer, ViolationCode::Required));
                    sessions = None;
                }
                continue;
            };
            match session(plan, *number, cells, self.stored.zone) {
                Some(session) => sessions.iter_mut().for_each(|all| all.push((*number, session.clone()))),
                None => sessions = None,
            }
        }
        let mut sessions = sessions?;
        sessions.sort_by_key(|(_, session)| session.starts_at);
        let same_count = old.is_some_and(|old| old.sessions.len() == sessions.len());
        let old = old.map(|old| old.sessions.as_slice()).unwrap_or_default();
        for (index, (_, session)) in sessions.iter_mut().enumerate() {
            // Who teaches, which no file says, stays with the session: the one of that hour, or of that place in the order.
            let then = old.iter().find(|one| one.starts_at == session.starts_at);
            let Some(before) = then.or_else(|| old.get(index).filter(|_| same_count)) else { continue };
            session.trainers.clone_from(&before.trainers);
            session.place = session.place.take().or_else(|| before.place.clone());
            session.url = session.url.take().or_else(|| before.url.clone());
            session.topic = session.topic.take().or_else(|| before.topic.clone());
        }
        Some(sessions)
    }

    /// Notes why a class cannot be as its rows say.
    fn refuse(&self, plan: &mut Plan<Writes>, said: &Said, error: ClassError) {
        let first = self.number_of(|_| true);
        let code = self.rows.first().map(|(_, row)| row.code.to_string()).unwrap_or_default();
        match error {
            ClassError::WrongPhase { .. } => {
                plan.refuse_with(first, "code", ViolationCode::Immutable, code, Advice::ClassStands);
            }
            ClassError::SeatsTaken { taken } => {
                let violation = Violation::new(cell_pointer(first, "seats"), ViolationCode::OutOfRange);
                let violation = violation.with("value", said.content.seats);
                plan.findings.push(violation.with("min", taken).with("max", ClassContent::MAX_SEATS));
            }
            ClassError::Empty => {
                let pointer = cell_pointer(first, "session_starts_at");
                plan.findings.push(Violation::new(pointer, ViolationCode::Required));
            }
            ClassError::Invalid(found) => {
                for Violation { pointer, code, args } in found {
                    let mut parts = pointer.split('/').skip(1);
                    let (column, index) = match (parts.next(), parts.next(), parts.next()) {
                        (Some("seats"), ..) => ("seats", None),
                        (Some("registration_closes_at"), ..) => ("registration_closes_at", None),
                        (Some("sessions"), index, Some("ends_at")) => ("session_ends_at", index),
                        (Some("sessions"), index, _) => ("session_starts_at", index),
                        _ => ("code", None),
                    };
                    let index = index.and_then(|index| index.parse::<usize>().ok());
                    let number = index.and_then(|index| said.numbers.get(index)).copied().unwrap_or(first);
                    plan.findings.push(Violation { pointer: cell_pointer(number, column), code, args });
                }
            }
        }
    }
}

/// A session by the agency's clock; noted when its hours cannot be made out.
fn session(plan: &mut Plan<Writes>, number: u32, cells: &SessionCells, zone: AgencyZone) -> Option<Session> {
    let starts_at = cells.starts_at.instant(zone, None, None);
    let ends_at = cells.ends_at.instant(zone, None, cells.starts_at.day(zone));
    for (column, instant) in [("session_starts_at", starts_at), ("session_ends_at", ends_at)] {
        // A day without an hour is no session, and neither is an hour of no day.
        if instant.is_none() && (column == "session_starts_at" || starts_at.is_some()) {
            let pointer = cell_pointer(number, column);
            plan.findings.push(Violation::new(pointer, ViolationCode::InvalidFormat));
        }
    }
    if let Some(url) = cells.url.as_ref().filter(|url| !is_address(url)) {
        plan.refuse(number, "session_url", ViolationCode::InvalidFormat, url);
        return None;
    }
    Some(Session {
        starts_at: starts_at?,
        ends_at: ends_at?,
        place: cells.place.clone(),
        url: cells.url.clone(),
        topic: cells.topic.clone(),
        trainers: Vec::new(),
    })
}

#[cfg(test)]
mod tests {
    use development::{Audience, DeliveryMode, Price, Programme, ProgrammeContent, Seats};
    use kernel::{LongText, Name, PartnerId, ProgrammeId, TrainerId};

    use super::*;
    use crate::app::imports::testing::{found, read};

    const HEADER: &str = "code;programme_code;seats;registration_opens_at;registration_closes_at;session_starts_at;\
        session_ends_at;session_place;state\n";
    const TWO: &str = "K;P;30;2026-07-01;2026-07-31;2026-08-03 08:00;16:00;Aula;dibuka\n\
        K;P;30;2026-07-01;2026-07-31;2026-08-04 08:00;2026-08-04 16.00;;\n";

    fn at(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    fn stored(zone: AgencyZone) -> Stored {
        let code = Code::parse("P").unwrap();
        let content = ProgrammeContent {
            code: code.clone(),
            name: Name::parse("P").unwrap(),
            objectives: LongText::parse("P").unwrap(),
            form: Code::parse("KL03").unwrap(),
            partner: PartnerId::new(),
            curriculum_owner: None,
            mode: DeliveryMode::Offline,
            jp: None,
            price: Price::default(),
            accreditation: None,
            certificate_months: None,
            steps: Vec::new(),
            prerequisites: Vec::new(),
            audience: Audience::default(),
        };
        let programme = Programme::draft(ProgrammeId::new(), content).unwrap().publish().unwrap();
        let row = ProgrammeRow {
            programme,
            partner_name: Name::parse("x").unwrap(),
            curriculum_owner_name: None,
            steps: Vec::new(),
            prerequisites: Vec::new(),
        };
        Stored {
            classes: BTreeMap::new(),
            programmes: [(code, row)].into(),
            attended: BTreeMap::new(),
            zone,
            now: at("2026-07-15T00:00:00Z"),
        }
    }

    fn planned(stored: &Stored, rows: &str) -> Plan<Writes> {
        let reading = read(&format!("{HEADER}{rows}"));
        let mut plan = plan(stored, &reading);
        plan.findings = reading.findings.join(plan.findings);
        plan
    }

    /// The same with what `rows` added.
    fn after(rows: &str, then: fn(TrainingClass) -> TrainingClass) -> Stored {
        let mut stored = stored(AgencyZone::Wib);
        let class = then(planned(&stored, rows).writes.added.remove(0));
        let row = OnRecord {
            class,
            programme_code: Code::parse("P").unwrap(),
            programme_name: Name::parse("P").unwrap(),
            seats: Seats { taken: 20, waiting: 5 },
            trainers: Vec::new(),
            updated_at: at("2026-07-01T00:00:00Z"),
        };
        stored.classes = [(Code::parse("K").unwrap(), row)].into();
        stored
    }

    #[test]
    fn rows_of_one_code_are_the_sessions_of_a_class_by_the_agencys_clock() {
        for (zone, opens, closes, starts) in [
            (AgencyZone::Wib, "2026-06-30T17:00:00Z", "2026-07-31T17:00:00Z", "2026-08-03T01:00:00Z"),
            (AgencyZone::Wit, "2026-06-30T15:00:00Z", "2026-07-31T15:00:00Z", "2026-08-02T23:00:00Z"),
        ] {
            let plan = planned(&stored(zone), TWO);
            assert_eq!((plan.created, found(&plan.findings)), (2, vec![]));
            let class = &plan.writes.added[0];
            assert_eq!((class.state, class.content.sessions.len()), (ClassState::Open, 2));
            assert_eq!(class.content.registration_opens_at, at(opens));
            assert_eq!(class.content.registration_closes_at, at(closes));
            assert_eq!(class.content.starts_at(), Some(at(starts)));
            assert_eq!(class.content.sessions[0].ends_at - at(starts), chrono::TimeDelta::hours(8));
        }
        let bare = planned(&stored(AgencyZone::Wib), "K;P;30;2026-07-01;2026-07-31;;;;\n");
        assert_eq!((bare.created, bare.writes.added[0].content.sessions.len()), (1, 0));
    }

    #[test]
    fn the_same_in_another_order_changes_nothing_and_who_teaches_stays() {
        let taught = |mut class: TrainingClass| {
            class.content.sessions[0].trainers = vec![TrainerId::new()];
            class.content.sessions[1].place = Some(Name::parse("Lab").unwrap());
            class
        };
        let turned: String = TWO.lines().rev().map(|line| format!("{line}\n")).collect();
        for again in [TWO.to_owned(), turned, TWO.replace("dibuka", "PLANNED")] {
            let plan = planned(&after(TWO, taught), &again);
            assert_eq!((plan.unchanged, found(&plan.findings)), (2, vec![]), "{again}");
        }
        let moved = TWO.replace("2026-08-03 08:00", "2026-08-03 09:00");
        let plan = planned(&after(TWO, taught), &moved);
        let class = &plan.writes.changed[0];
        assert_eq!((plan.updated, class.content.sessions[0].trainers.len()), (2, 1));
    }

    #[test]
    fn a_class_that_ended_stands_and_seats_that_are_taken_stay() {
        let fewer = TWO.replace(";30;", ";19;");
        let plan = planned(&after(TWO, |one| one), &fewer);
        assert_eq!(found(&plan.findings), ["/rows/2/seats OUT_OF_RANGE"]);
        let cancelled = |one: TrainingClass| {
            let reason = LongText::parse("Tidak ada dana").unwrap();
            one.cancel(reason, at("2026-07-15T00:00:00Z")).unwrap()
        };
        assert_eq!(planned(&after(TWO, cancelled), TWO).unchanged, 2);
        let plan = planned(&after(TWO, cancelled), &fewer);
        assert_eq!(found(&plan.findings), ["/rows/2/code IMMUTABLE"]);
        let mut attended = after(TWO, |one| one);
        let id = attended.classes.values().next().unwrap().class.id;
        attended.now = at("2026-08-03T02:00:00Z");
        attended.attended = [(id, [1].into())].into();
        let moved = TWO.replace("2026-08-03 08:00", "2026-08-03 09:00");
        assert_eq!(found(&planned(&attended, &moved).findings), ["/rows/2/session_starts_at IMMUTABLE"]);
        assert_eq!(planned(&attended, &TWO.replace("Aula", "Lab")).updated, 2);
    }

    #[test]
    fn what_cannot_stand_is_told_at_its_place() {
        for (from, to, expected) in [
            (";P;", ";X;", vec!["/rows/2/programme_code NOT_FOUND"]),
            (";30;", ";0;", vec!["/rows/2/seats OUT_OF_RANGE"]),
            (";2026-07-31;", ";2026-06-30;", vec!["/rows/2/registration_closes_at PERIOD_REVERSED"]),
            (";2026-07-31;", ";2026-08-05;", vec!["/rows/2/registration_closes_at INCONSISTENT"]),
            (";2026-07-31;", ";17:00;", vec!["/rows/2/registration_closes_at INVALID_FORMAT"]),
            (";2026-08-04 16.00;", ";2026-08-04 07.00;", vec!["/rows/3/session_ends_at PERIOD_REVERSED"]),
            (";2026-08-04 16.00;", ";2026-08-06 16.00;", vec!["/rows/3/session_ends_at INCONSISTENT"]),
            (";2026-08-04 16.00;", ";2026-08-04;", vec!["/rows/3/session_ends_at INVALID_FORMAT"]),
            (
                ";2026-08-04 08:00;",
                ";2026-08-03 15:00;",
                vec!["/rows/3/session_ends_at INCONSISTENT", "/rows/3/session_starts_at INCONSISTENT"],
            ),
            (";2026-08-04 08:00;", ";2026-08-04;", vec!["/rows/3/session_starts_at INVALID_FORMAT"]),
            (";2026-08-04 08:00;", ";;", vec!["/rows/3/session_starts_at REQUIRED"]),
            (";2026-08-04 08:00;2026-08-04 16.00;", ";;;", vec!["/rows/3/session_starts_at REQUIRED"]),
            (";dibuka", ";selesai", vec!["/rows/2/state NOT_ALLOWED_VALUE"]),
        ] {
            let plan = planned(&stored(AgencyZone::Wib), &TWO.replace(from, to));
            let expected: Vec<_> = expected.iter().map(ToString::to_string).collect();
            assert_eq!(found(&plan.findings), expected, "{from} -> {to}");
        }
        let disagreeing = TWO.replacen(";30;", ";31;", 1);
        assert_eq!(
            found(&planned(&stored(AgencyZone::Wib), &disagreeing).findings),
            ["/rows/3/seats INCONSISTENT"]
        );
        let empty = "K;P;30;2026-07-01;2026-07-31;;;;OPEN\n";
        let plan = planned(&stored(AgencyZone::Wib), empty);
        assert_eq!(found(&plan.findings), ["/rows/2/session_starts_at REQUIRED"]);
        let mut retired = stored(AgencyZone::Wib);
        let row = retired.programmes.values_mut().next().unwrap();
        row.programme = row.programme.clone().retire().unwrap();
        assert_eq!(found(&planned(&retired, TWO).findings), ["/rows/2/programme_code NOT_PUBLISHED"]);
    }
}
