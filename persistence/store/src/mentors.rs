//! Who is far enough ahead of somebody in a competency, with what decides whether and in what order they could guide them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use development::{GuideStanding, MentorFacts};
use kernel::{Code, CompetencyId, EmployeeId, Level, NATIONAL, Name, Nip, PositionId, TrainerId, UnitId};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use crate::read::PeopleFilter;
use crate::rows::{code, known, name};
use crate::sentence::Sentence;
use crate::{GapPerson, Reader, StoreError};

/// Somebody who is to be guided in a competency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentee {
    /// Who.
    pub person: GapPerson,
    /// The competency; none where neither the agency nor the nation has published it.
    pub competency: Option<MentoredCompetency>,
    /// The level valid today.
    pub level: Option<Level>,
}

/// What somebody is to be guided in, by the latest version of its dictionary that was published.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentoredCompetency {
    /// Its id.
    pub id: CompetencyId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// The code of its dictionary.
    pub dictionary: Code,
}

/// Somebody who is far enough ahead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentorCandidate {
    /// What decides about them.
    pub facts: MentorFacts,
    /// Whether they are within the scope; otherwise they are registered as a mentor.
    pub reached: bool,
}

/// What a mentor is called, and what may be told of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentorPerson {
    /// Their name.
    pub name: Name,
    /// What is told of those within the scope alone.
    pub detail: Option<MentorDetail>,
}

/// What is told of people within the scope alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentorDetail {
    /// Their NIP.
    pub nip: Nip,
    /// The position they hold today.
    pub position: Option<MentorPosition>,
}

/// The position a mentor holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MentorPosition {
    /// Its id.
    pub id: PositionId,
    /// Its code.
    pub code: Code,
    /// Its name.
    pub name: Name,
    /// Its unit.
    pub unit: UnitId,
    /// The unit's name.
    pub unit_name: Name,
}

#[derive(FromQueryResult)]
struct MenteeRow {
    id: Uuid,
    nip: String,
    name: String,
    #[sea_orm(nested)]
    competency: Option<CompetencyRecord>,
    level: Option<i16>,
}

#[derive(FromQueryResult)]
struct CompetencyRecord {
    competency_id: Uuid,
    competency_code: String,
    competency_name: String,
    dictionary_code: String,
}

#[derive(FromQueryResult)]
struct CandidateRow {
    employee_id: Uuid,
    level: i16,
    assessed_on: NaiveDate,
    trainer_id: Option<Uuid>,
    max_mentees: Option<i16>,
    guided: i64,
    in_line: bool,
    reached: bool,
}

#[derive(FromQueryResult)]
struct GuideRow {
    in_line: bool,
    guided: i64,
}

#[derive(FromQueryResult)]
struct PersonRow {
    id: Uuid,
    nip: String,
    name: String,
    #[sea_orm(nested)]
    position: Option<PositionRecord>,
}

#[derive(FromQueryResult)]
struct PositionRecord {
    position_id: Uuid,
    position_code: String,
    position_name: String,
    position_unit_id: Uuid,
    unit_name: String,
}

#[derive(FromQueryResult)]
struct NameRow {
    id: Uuid,
    name: String,
}

/// Everybody in the reporting line of `{mentee}`, as `line`: the first parts of a recursive WITH.
///
/// Whoever is recorded under somebody may head units elsewhere: two rounds of both. Whoever the first finds in a unit is not
/// asked what they head, because that is within it. Who heads what is asked of heads alone (OFFSET 0), not of every unit.
const LINE: &str = "
             above (id, heads) AS (
                SELECT {mentee}::uuid, true
                UNION
                SELECT x.id, x.heads
                FROM above a
                CROSS JOIN LATERAL (
                    SELECT s.employee_id AS id, false AS heads
                    FROM placements_on({agency}, {today}, 'infinity') p
                    JOIN positions h ON h.agency_id = {agency} AND h.id = p.position_id
                    JOIN unit_ancestors u ON u.agency_id = {agency} AND u.unit_id = h.unit_id
                    JOIN placements s ON s.agency_id = {agency} AND s.id = head_on({agency}, u.ancestor_id, {today})
                    WHERE a.heads AND p.employee_id = a.id
                    UNION ALL
                    SELECT o.employee_id, true
                    FROM employees e
                    CROSS JOIN LATERAL (
                        SELECT o.employee_id
                        FROM placements_on({agency}, {today}, 'infinity') o
                        WHERE o.employee_id = e.superior_id AND o.position_id IS NOT NULL
                        OFFSET 0) o
                    WHERE e.agency_id = {agency} AND e.id = a.id
                ) x
             ), recorded (id) AS (
                SELECT {mentee}::uuid
                UNION
                SELECT e.id FROM recorded b JOIN employees e ON e.agency_id = {agency} AND e.superior_id = b.id
             ), under AS MATERIALIZED (
                SELECT id FROM recorded
                UNION
                SELECT w.id
                FROM (
                    SELECT array_agg(l.unit_id) AS units
                    FROM (
                        SELECT p.id, h.unit_id
                        FROM recorded f
                        JOIN placements_on({agency}, {today}, 'infinity') p ON p.employee_id = f.id
                        JOIN positions h ON h.agency_id = {agency} AND h.id = p.position_id AND h.is_head
                        OFFSET 0) l
                    WHERE l.id = head_on({agency}, l.unit_id, {today})
                    HAVING count(*) > 0) l
                CROSS JOIN LATERAL people_within({agency}, {today}, ARRAY[]::uuid[], ARRAY[]::uuid[], l.units) AS w (id)
             ), farther (id) AS (
                SELECT id FROM under
                UNION
                SELECT e.id FROM farther b JOIN employees e ON e.agency_id = {agency} AND e.superior_id = b.id
             ), line AS MATERIALIZED (
                SELECT id FROM above
                UNION
                SELECT id FROM farther
                UNION
                SELECT w.id
                FROM (
                    SELECT array_agg(l.unit_id) AS units
                    FROM (
                        SELECT p.id, h.unit_id
                        FROM (SELECT id FROM farther EXCEPT SELECT id FROM under) f
                        JOIN placements_on({agency}, {today}, 'infinity') p ON p.employee_id = f.id
                        JOIN positions h ON h.agency_id = {agency} AND h.id = p.position_id AND h.is_head
                        OFFSET 0) l
                    WHERE l.id = head_on({agency}, l.unit_id, {today})
                    HAVING count(*) > 0) l
                CROSS JOIN LATERAL people_within({agency}, {today}, ARRAY[]::uuid[], ARRAY[]::uuid[], l.units) AS w (id)";

/// Whom plans in use name as mentors, and of whom.
const PLANNED: &str = "
                    SELECT i.mentor_id, p.employee_id
                    FROM plan_items i
                    JOIN plans p ON p.agency_id = {agency} AND p.id = i.plan_id
                    WHERE i.agency_id = {agency} AND i.mentor_id IS NOT NULL AND i.state IN ('PLANNED', 'STARTED')
                      AND p.state NOT IN ('COMPLETED', 'CANCELLED', 'SUPERSEDED')
                      AND (p.state = 'ACTIVE' OR NOT EXISTS (
                        SELECT FROM plans n
                        WHERE n.agency_id = {agency} AND n.employee_id = p.employee_id AND n.year = p.year
                          AND n.state = 'ACTIVE'))";

/// Somebody who is to guide somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Guide {
    /// The civil servant they are.
    pub employee: Option<EmployeeId>,
    /// As what they are registered.
    pub trainer: Option<TrainerId>,
}

fn level(value: i16) -> Result<Level, StoreError> {
    known(Level::new(i64::from(value)), "assessment_results.level")
}

impl MenteeRow {
    fn domain(self) -> Result<Mentee, StoreError> {
        let competency = self.competency.map(|row| MentoredCompetency {
            id: row.competency_id.into(),
            code: code(row.competency_code),
            name: name(row.competency_name),
            dictionary: code(row.dictionary_code),
        });
        Ok(Mentee {
            person: GapPerson { id: self.id.into(), nip: Nip::stored(self.nip), name: name(self.name) },
            competency,
            level: self.level.map(level).transpose()?,
        })
    }
}

impl CandidateRow {
    fn domain(self) -> Result<MentorCandidate, StoreError> {
        let most = |most: i16| known(u8::try_from(most).ok(), "trainers.max_mentees");
        Ok(MentorCandidate {
            facts: MentorFacts {
                employee: self.employee_id.into(),
                level: level(self.level)?,
                assessed_on: self.assessed_on,
                trainer: self.trainer_id.map(TrainerId::from),
                max_mentees: self.max_mentees.map(most).transpose()?,
                guided: u32::try_from(self.guided).unwrap_or(u32::MAX),
                in_line: self.in_line,
            },
            reached: self.reached,
        })
    }
}

impl PersonRow {
    fn domain(self) -> (EmployeeId, MentorPerson) {
        let position = self.position.map(|row| MentorPosition {
            id: row.position_id.into(),
            code: code(row.position_code),
            name: name(row.position_name),
            unit: row.position_unit_id.into(),
            unit_name: name(row.unit_name),
        });
        let detail = MentorDetail { nip: Nip::stored(self.nip), position };
        (self.id.into(), MentorPerson { name: name(self.name), detail: Some(detail) })
    }
}

impl Reader<'_> {
    /// Somebody within the scope, with their level in a competency; none of somebody the scope does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn mentee(
        &self,
        employee: EmployeeId,
        competency: CompetencyId,
    ) -> Result<Option<Mentee>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT e.id, e.nip, e.name, c.competency_id, c.competency_code, c.competency_name, c.dictionary_code, r.level
             FROM employees e
             LEFT JOIN (
                SELECT c.id AS competency_id, c.code AS competency_code, n.name AS competency_name,
                       d.code AS dictionary_code
                FROM competencies c
                JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
                JOIN competency_contents n ON n.agency_id = c.agency_id AND n.competency_id = c.id
                JOIN dictionary_versions v ON v.agency_id = n.agency_id AND v.id = n.dictionary_version_id
                WHERE c.agency_id IN ($1, $5) AND c.id = $4 AND v.published_at IS NOT NULL
                ORDER BY v.number DESC
                LIMIT 1) c ON true
             LEFT JOIN (
                SELECT r.level
                FROM evidence_on($1, $2, 'infinity') r
                WHERE r.employee_id = $3 AND r.competency_id = $4 AND r.valid_until >= $2) r ON true
             WHERE e.agency_id = $1 AND e.id = $3",
            [
                self.agency().into(),
                self.today.into(),
                employee.uuid().into(),
                competency.uuid().into(),
                NATIONAL.uuid().into(),
            ],
        );
        sentence.within("e.id", self.people());
        let row = MenteeRow::find_by_statement(sentence.finish()).one(&self.db).await?;
        row.map(MenteeRow::domain).transpose()
    }

    /// Everybody but `mentee` who holds a position and whose valid level in the competency is at least `least`, today: those
    /// within the scope, and whoever is registered as a mentor; in no order.
    ///
    /// In line are, upwards, the superior on record and the heads of all units above, of the mentee and of each of those;
    /// downwards whoever is recorded under the mentee or under those people, and everybody in the units any of these heads.
    ///
    /// # Errors
    /// The database's.
    pub async fn mentor_candidates(
        &self,
        mentee: EmployeeId,
        competency: CompetencyId,
        least: Level,
    ) -> Result<Vec<MentorCandidate>, StoreError> {
        let PeopleFilter { all, own, below, units } = self.people();
        // Of everybody evidence and positions are read in one sweep, of a few person by person (OFFSET 0 keeps that apart).
        let (reached, found, seated, is_reached) = if all {
            (
                "seated AS MATERIALIZED (
                    SELECT p.employee_id AS id
                    FROM placements_on({agency}, {today}, 'infinity') p WHERE p.position_id IS NOT NULL),",
                "SELECT r.employee_id AS id, r.level, r.assessed_on
                 FROM evidence_on({agency}, {today}, 'infinity') r
                 WHERE r.competency_id = {competency} AND r.valid_until >= {today} AND r.level >= {least}",
                "JOIN seated p ON p.id = a.id",
                "true",
            )
        } else {
            (
                "reached AS MATERIALIZED (
                    SELECT DISTINCT w.id FROM people_within({agency}, {today}, {own}, {below}, {units}) AS w (id)),
                 asked AS MATERIALIZED (
                    SELECT id FROM reached
                    UNION
                    SELECT t.employee_id FROM trainers t
                    WHERE t.agency_id = {agency} AND t.employee_id IS NOT NULL AND 'MENTOR' = ANY (t.roles)),",
                "SELECT a.id, r.level, r.assessed_on
                 FROM asked a
                 CROSS JOIN LATERAL (
                    SELECT r.level, r.assessed_on
                    FROM evidence_on({agency}, {today}, 'infinity') r
                    WHERE r.employee_id = a.id AND r.competency_id = {competency} AND r.valid_until >= {today}
                    OFFSET 0) r
                 WHERE r.level >= {least}",
                "CROSS JOIN LATERAL (
                    SELECT FROM placements_on({agency}, {today}, 'infinity') p
                    WHERE p.employee_id = a.id AND p.position_id IS NOT NULL
                    OFFSET 0) p",
                "a.id IN (SELECT id FROM reached)",
            )
        };
        let text = [
            "WITH RECURSIVE ",
            reached,
            LINE,
            "), ahead AS MATERIALIZED (
                ",
            found,
            "
             ), guided AS MATERIALIZED (
                SELECT g.mentor_id AS id, count(DISTINCT g.employee_id) AS people
                FROM (
                    SELECT t.employee_id AS mentor_id, v.employee_id
                    FROM activities v
                    JOIN trainers t ON t.agency_id = {agency} AND t.id = v.trainer_id
                    WHERE v.agency_id = {agency} AND v.state = 'ACTIVE' AND t.employee_id IS NOT NULL
                    UNION ALL
                    ",
            PLANNED,
            ") g
                WHERE g.employee_id <> {mentee} AND g.employee_id <> g.mentor_id
                GROUP BY g.mentor_id
             )
             SELECT a.id AS employee_id, a.level, a.assessed_on,
                    CASE WHEN 'MENTOR' = ANY (t.roles) THEN t.id END AS trainer_id, t.max_mentees,
                    coalesce(g.people, 0) AS guided, a.id IN (SELECT id FROM line) AS in_line, ",
            is_reached,
            " AS reached
             FROM ahead a
             ",
            seated,
            "
             LEFT JOIN trainers t ON t.agency_id = {agency} AND t.employee_id = a.id
             LEFT JOIN guided g ON g.id = a.id
             WHERE a.id <> {mentee}",
        ]
        .concat();
        let statement = Sentence::named(
            &text,
            [
                ("agency", self.agency().into()),
                ("today", self.today.into()),
                ("mentee", mentee.uuid().into()),
                ("competency", competency.uuid().into()),
                ("least", i16::from(least.get()).into()),
                ("own", own.into()),
                ("below", below.into()),
                ("units", units.into()),
            ],
        );
        let rows = CandidateRow::find_by_statement(statement).all(&self.db).await?;
        rows.into_iter().map(CandidateRow::domain).collect()
    }

    /// What decides whether somebody may guide `mentee`, whoever both are.
    ///
    /// # Errors
    /// The database's.
    pub async fn guide_standing(
        &self,
        guide: Guide,
        mentee: EmployeeId,
    ) -> Result<GuideStanding, StoreError> {
        let text = [
            "WITH RECURSIVE ",
            LINE,
            ")
             SELECT coalesce({guide}::uuid IN (SELECT id FROM line), false) AS in_line, (
                SELECT count(DISTINCT g.employee_id)
                FROM (
                    SELECT t.employee_id AS mentor_id, v.employee_id
                    FROM activities v
                    JOIN trainers t ON t.agency_id = {agency} AND t.id = v.trainer_id
                    WHERE v.agency_id = {agency} AND v.state = 'ACTIVE'
                      AND (v.trainer_id = {trainer} OR t.employee_id = {guide})
                    UNION ALL
                    SELECT * FROM (",
            PLANNED,
            " AND i.mentor_id = {guide}) p
                ) g
                WHERE g.employee_id <> {mentee} AND g.employee_id IS DISTINCT FROM g.mentor_id) AS guided",
        ]
        .concat();
        let statement = Sentence::named(
            &text,
            [
                ("agency", self.agency().into()),
                ("today", self.today.into()),
                ("mentee", mentee.uuid().into()),
                ("guide", guide.employee.map(EmployeeId::uuid).into()),
                ("trainer", guide.trainer.map(TrainerId::uuid).into()),
            ],
        );
        let row = GuideRow::find_by_statement(statement).one(&self.db).await?;
        let GuideRow { in_line, guided } = known(row, "trainers")?;
        let oneself = guide.employee == Some(mentee);
        // Everybody stands at the beginning of their own line.
        let in_line = in_line && !oneself;
        Ok(GuideStanding { oneself, in_line, guided: u32::try_from(guided).unwrap_or(u32::MAX) })
    }

    /// What is told of these people: of those within the scope who they are and where they serve, of the others who are
    /// registered as mentors their name.
    ///
    /// # Errors
    /// The database's.
    pub async fn mentor_people(
        &self,
        people: impl IntoIterator<Item = EmployeeId>,
    ) -> Result<BTreeMap<EmployeeId, MentorPerson>, StoreError> {
        let people: Vec<Uuid> = people.into_iter().map(EmployeeId::uuid).collect();
        let mut sentence = Sentence::new(
            "SELECT e.id, e.nip, e.name, h.id AS position_id, h.code AS position_code, h.name AS position_name,
                    h.unit_id AS position_unit_id, u.name AS unit_name
             FROM employees e
             LEFT JOIN LATERAL (
                SELECT p.position_id FROM placements_on($1, $2, 'infinity') p WHERE p.employee_id = e.id OFFSET 0) p ON true
             LEFT JOIN positions h ON h.agency_id = e.agency_id AND h.id = p.position_id
             LEFT JOIN units u ON u.agency_id = h.agency_id AND u.id = h.unit_id
             WHERE e.agency_id = $1 AND e.id = ANY ($3)",
            [self.agency().into(), self.today.into(), people.clone().into()],
        );
        sentence.within("e.id", self.people());
        let rows = PersonRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        let mut told: BTreeMap<_, _> = rows.into_iter().map(PersonRow::domain).collect();
        let others: Vec<Uuid> =
            people.into_iter().filter(|id| !told.contains_key(&EmployeeId::from(*id))).collect();
        if !others.is_empty() {
            let sentence = Sentence::new(
                "SELECT e.id, e.name
                 FROM trainers t
                 JOIN employees e ON e.agency_id = t.agency_id AND e.id = t.employee_id
                 WHERE t.agency_id = $1 AND t.employee_id = ANY ($2) AND 'MENTOR' = ANY (t.roles)",
                [self.agency().into(), others.into()],
            );
            let rows = NameRow::find_by_statement(sentence.finish()).all(&self.db).await?;
            told.extend(
                rows.into_iter().map(|row| {
                    (EmployeeId::from(row.id), MentorPerson { name: name(row.name), detail: None })
                }),
            );
        }
        Ok(told)
    }
}
