//! What needs are gathered from, and how they are kept.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use competency::Importance;
use development::{Need, NeedClaim, NeedFacts, NeedKey, NeedOrigin, NeedSpeaker, NeedWord};
use kernel::{
    AgencyId, CompetencyId, EmployeeId, Hundredths, Level, NeedId, NeedsAnalysisId, UnitId, UserId,
};
use sea_orm::{ConnectionTrait as _, FromQueryResult};
use uuid::Uuid;
use workforce::JobClass;

use super::coverage::{HELD, NeedsGroup};
use super::{class, hundredths, importance, level};
use crate::rows::{known, long_text};
use crate::sentence::Sentence;
use crate::{Reader, StoreError, Tx};

/// Somebody who serves in a unit or in one under it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedsPerson {
    /// The class of the position held.
    pub job_class: JobClass,
    /// Whether they lead its unit.
    pub is_head: bool,
}

/// A need of the year that is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownNeed {
    /// The identifier.
    pub id: NeedId,
    /// The analysis it stands in.
    pub analysis: NeedsAnalysisId,
    /// Whether that is verified or validated, so that nothing moves it.
    pub fixed: bool,
    /// What its priority was computed from.
    pub facts: NeedFacts,
    /// What its sides say, by the evidence of today.
    pub claims: Vec<NeedClaim>,
}

/// A need about to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedDraft {
    /// The identifier; that of the need on record where there is one.
    pub id: NeedId,
    /// The need.
    pub need: Need,
    /// What its priority is computed from beside it.
    pub facts: NeedFacts,
    /// The priority the policy gives it.
    pub priority: Hundredths,
}

/// A need an agency stands behind, for its plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ValidatedNeed {
    /// The need.
    pub id: NeedId,
    /// Whose.
    pub employee: EmployeeId,
    /// The unit of the position they hold today.
    pub unit: UnitId,
    /// The unit whose analysis it stands in.
    pub analysed_unit: UnitId,
    /// Whose dictionary the competency comes from.
    pub competency_agency: AgencyId,
    /// The competency.
    pub competency: CompetencyId,
    /// The level found by valid evidence; none where it is not known.
    pub from: Option<Level>,
    /// The level that is needed.
    pub to: Level,
    /// The priority that counts: the one somebody gave it, or the computed one.
    pub priority: Hundredths,
}

#[derive(FromQueryResult)]
struct ClaimRecord {
    employee_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    origin: String,
    speaker: String,
    level_from: Option<i16>,
    level_to: i16,
    weight: Option<i64>,
    importance: Option<String>,
    reason: Option<String>,
}

#[derive(FromQueryResult)]
struct KnownRecord {
    id: Uuid,
    analysis_id: Uuid,
    fixed: bool,
    job_class: Option<String>,
    is_head: bool,
    jp_overdue: bool,
    employee_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    origin: Option<String>,
    speaker: Option<String>,
    level_from: Option<i16>,
    level_to: Option<i16>,
    weight: Option<i64>,
    importance: Option<String>,
    reason: Option<String>,
}

#[derive(FromQueryResult)]
struct PersonRecord {
    id: Uuid,
    job_class: String,
    is_head: bool,
}

#[derive(FromQueryResult)]
struct ValidatedRecord {
    id: Uuid,
    employee_id: Uuid,
    unit_id: Uuid,
    analysed_unit_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    level_from: Option<i16>,
    level_to: i16,
    rank: i64,
}

impl ClaimRecord {
    fn domain(self) -> Result<NeedClaim, StoreError> {
        Ok(NeedClaim {
            key: NeedKey {
                employee: self.employee_id.into(),
                competency_agency: self.competency_agency_id.into(),
                competency: self.competency_id.into(),
            },
            origin: known(NeedOrigin::parse(&self.origin), "need_origins.origin")?,
            speaker: known(NeedSpeaker::parse(&self.speaker), "need_origins.speaker")?,
            from: self.level_from.map(level).transpose()?,
            to: level(self.level_to)?,
            weight: self.weight.map(hundredths).transpose()?,
            importance: importance(self.importance)?,
            reason: self.reason.map(long_text),
        })
    }
}

impl KnownRecord {
    fn claim(self) -> Result<Option<NeedClaim>, StoreError> {
        let (Some(origin), Some(speaker), Some(level_to)) = (self.origin, self.speaker, self.level_to) else {
            return Ok(None);
        };
        let claim = ClaimRecord {
            employee_id: self.employee_id,
            competency_agency_id: self.competency_agency_id,
            competency_id: self.competency_id,
            origin,
            speaker,
            level_from: self.level_from,
            level_to,
            weight: self.weight,
            importance: self.importance,
            reason: self.reason,
        };
        claim.domain().map(Some)
    }
}

/// The level of somebody (`{person}`) in a competency by evidence that is valid on the day `$2`.
fn evidence(person: &str, agency: &str, competency: &str) -> String {
    // Without the OFFSET the evidence of the whole agency would be sorted out first.
    format!(
        "SELECT e.level
         FROM evidence_on($1, $2, 'infinity') e
         WHERE e.employee_id = {person} AND e.competency_id = {competency} AND e.competency_agency_id = {agency}
           AND e.valid_until >= $2
         OFFSET 0"
    )
}

impl Reader<'_> {
    /// Who serves in a group today, within the scope; `only` these of them.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_people(
        &self,
        group: impl Into<NeedsGroup>,
        only: Option<&[EmployeeId]>,
    ) -> Result<BTreeMap<EmployeeId, NeedsPerson>, StoreError> {
        let mut sentence = self.serving(group.into());
        let only: Option<Vec<Uuid>> = only.map(|people| people.iter().map(|id| id.uuid()).collect());
        sentence.maybe(" AND p.employee_id = ANY ({})", only);
        let rows = PersonRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let person = |row: PersonRecord| {
            let job_class = known(JobClass::parse(&row.job_class), "positions.job_class")?;
            Ok((row.id.into(), NeedsPerson { job_class, is_head: row.is_head }))
        };
        rows.into_iter().map(person).collect()
    }

    /// What the assessments of everybody who serves in a group say they lack today: against the position they hold, and against the one their plan of the year, or of the year before, aims at. One statement, whoever they are; somebody
    /// whom no valid evidence tells anything of lacks nothing here.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_gathered(
        &self,
        group: impl Into<NeedsGroup>,
        year: i32,
    ) -> Result<Vec<NeedClaim>, StoreError> {
        let mut sentence =
            Sentence::new("WITH people AS MATERIALIZED (", [self.agency().into(), self.today.into()]);
        self.serving_push(&mut sentence, group.into(), self.people());
        sentence.push(")", []);
        sentence.push(HELD, []);
        sentence.push(
            ",
             short AS MATERIALIZED (
                SELECT h.employee_id, h.standard_id, w.job_class, c.agency, c.id, c.standing
                FROM held h
                JOIN people w ON w.id = h.employee_id,
                    unnest(h.competency_agency_ids, h.competency_ids, h.standings) AS c(agency, id, standing)
                WHERE c.standing BETWEEN -4 AND -1),
             defaults AS MATERIALIZED (
                SELECT k.job_class, d.competency_agency_id, d.competency_id, d.level
                FROM (SELECT DISTINCT job_class FROM short WHERE standard_id IS NULL) k
                CROSS JOIN LATERAL default_requirements_on($1, k.job_class, $2, 'infinity') d),
             aims AS MATERIALIZED (
                SELECT w.id AS employee_id, t.target_id
                FROM people w
                CROSS JOIN LATERAL (
                    SELECT n.target_id FROM plans n
                    WHERE n.agency_id = $1 AND n.employee_id = w.id AND n.state NOT IN ('CANCELLED', 'SUPERSEDED')
                      AND n.year BETWEEN {}::integer - 1 AND {}::integer
                    ORDER BY n.year DESC, n.number DESC LIMIT 1) t
                WHERE t.target_id <> w.position_id),
             wants AS MATERIALIZED (
                SELECT h.id AS position_id, q.competency_agency_id, q.competency_id, q.level, q.weight, q.importance
                FROM (SELECT DISTINCT target_id FROM aims) t
                JOIN positions h ON h.agency_id = $1 AND h.id = t.target_id
                CROSS JOIN LATERAL requirements_on($1, h.id, h.job_class, $2, 'infinity') q)
             SELECT s.employee_id, s.agency AS competency_agency_id, s.id AS competency_id, 'HELD_GAP' AS origin, 'ASSESSMENT' AS speaker,
                    (q.level + s.standing)::smallint AS level_from, q.level AS level_to, q.weight::bigint AS weight, q.importance,
                    NULL::text AS reason
             FROM short s
             JOIN standard_requirements q ON q.agency_id = $1 AND q.standard_id = s.standard_id
                AND q.competency_agency_id = s.agency AND q.competency_id = s.id
             UNION ALL
             SELECT s.employee_id, s.agency, s.id, 'HELD_GAP', 'ASSESSMENT', (d.level + s.standing)::smallint, d.level, 100, 'PENTING', NULL
             FROM short s
             JOIN defaults d ON d.job_class = s.job_class AND d.competency_agency_id = s.agency AND d.competency_id = s.id
             WHERE s.standard_id IS NULL
             UNION ALL
             SELECT m.employee_id, t.competency_agency_id, t.competency_id, 'TARGET_GAP', 'ASSESSMENT', r.level, t.level, t.weight::bigint,
                    t.importance, NULL
             FROM aims m
             JOIN wants t ON t.position_id = m.target_id
             CROSS JOIN LATERAL (",
            [year.into(), year.into()],
        );
        sentence.push(&evidence("m.employee_id", "t.competency_agency_id", "t.competency_id"), []);
        sentence.push(") r WHERE r.level < t.level", []);
        let rows = ClaimRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(ClaimRecord::domain).collect()
    }

    /// The needs of a year that stand in an analysis, or are of one of these people, with what their sides say; levels found
    /// are those of today. `competency` leaves the others out.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_known(
        &self,
        (analysis, year): (NeedsAnalysisId, i32),
        people: &[EmployeeId],
        competency: Option<CompetencyId>,
    ) -> Result<BTreeMap<NeedKey, KnownNeed>, StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let found = evidence("n.employee_id", "n.competency_agency_id", "n.competency_id");
        let mut sentence = Sentence::new(
            &format!(
                "SELECT n.id, n.analysis_id, a.state NOT IN ('COLLECTING', 'RETURNED') AS fixed, n.job_class, n.is_head,
                        n.jp_overdue, n.employee_id, n.competency_agency_id, n.competency_id, o.origin, o.speaker, r.level AS level_from,
                        o.level_to, o.weight, o.importance, o.reason
                 FROM needs n
                 JOIN needs_analyses a ON a.agency_id = n.agency_id AND a.id = n.analysis_id
                 LEFT JOIN need_origins o ON o.agency_id = n.agency_id AND o.need_id = n.id
                 LEFT JOIN LATERAL ({found}) r ON true
                 WHERE n.agency_id = $1 AND n.year = $3 AND (n.analysis_id = $4 OR n.employee_id = ANY ($5))"
            ),
            [
                self.agency().into(),
                self.today.into(),
                year.into(),
                analysis.uuid().into(),
                people.into(),
            ],
        );
        sentence.maybe(" AND n.competency_id = {}", competency.map(CompetencyId::uuid));
        let mut all: BTreeMap<NeedKey, KnownNeed> = BTreeMap::new();
        for row in KnownRecord::find_by_statement(sentence.finish()).all(&self.db).await? {
            let key = NeedKey {
                employee: row.employee_id.into(),
                competency_agency: row.competency_agency_id.into(),
                competency: row.competency_id.into(),
            };
            let known = KnownNeed {
                id: row.id.into(),
                analysis: row.analysis_id.into(),
                fixed: row.fixed,
                facts: NeedFacts {
                    job_class: class(row.job_class.clone())?,
                    is_head: row.is_head,
                    jp_overdue: row.jp_overdue,
                },
                claims: Vec::new(),
            };
            all.entry(key).or_insert(known).claims.extend(row.claim()?);
        }
        Ok(all)
    }

    /// For each of these people the level valid evidence finds in a competency, with the weight and the importance it has in
    /// the position they hold, where that requires it.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_grounds(
        &self,
        people: &[EmployeeId],
        (competency_agency, competency): (AgencyId, CompetencyId),
    ) -> Result<BTreeMap<EmployeeId, NeedGround>, StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let found = evidence("w.id", "$4", "$5");
        let sentence = Sentence::new(
            &format!(
                "SELECT w.id, r.level, q.weight::bigint AS weight, q.importance
                 FROM unnest($3::uuid[]) AS w(id)
                 LEFT JOIN placements_on($1, $2, 'infinity') p ON p.employee_id = w.id
                 LEFT JOIN positions h ON h.agency_id = $1 AND h.id = p.position_id
                 LEFT JOIN LATERAL requirements_on($1, h.id, h.job_class, $2, 'infinity') q
                    ON q.competency_agency_id = $4 AND q.competency_id = $5
                 LEFT JOIN LATERAL ({found}) r ON true"
            ),
            [
                self.agency().into(),
                self.today.into(),
                people.into(),
                competency_agency.uuid().into(),
                competency.uuid().into(),
            ],
        );
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        let ground = |row: &sea_orm::QueryResult| -> Result<_, StoreError> {
            let (found, weight): (Option<i16>, Option<i64>) =
                (row.try_get("", "level")?, row.try_get("", "weight")?);
            let ground = NeedGround {
                level: found.map(level).transpose()?,
                weight: weight.map(hundredths).transpose()?,
                importance: importance(row.try_get("", "importance")?)?,
            };
            Ok((EmployeeId::from(row.try_get::<Uuid>("", "id")?), ground))
        };
        rows.iter().map(ground).collect()
    }

    /// Units with an analysis of the year that the agency has validated: it speaks for those under them, too.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_units_validated(&self, year: i32) -> Result<BTreeSet<UnitId>, StoreError> {
        let sentence = Sentence::new(
            "SELECT unit_id FROM needs_analyses WHERE agency_id = $1 AND year = $2 AND state = 'VALIDATED'",
            [self.agency().into(), year.into()],
        );
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        rows.iter().map(|row| Ok(UnitId::from(row.try_get::<Uuid>("", "unit_id")?))).collect()
    }

    /// Every need of the year in an analysis the agency has validated, dropped ones left out, of people who serve today: what
    /// the agency's plan is made from. By person and competency.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_validated(&self, year: i32) -> Result<Vec<ValidatedNeed>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT n.id, n.employee_id, q.unit_id, a.unit_id AS analysed_unit_id, n.competency_agency_id, n.competency_id,
                    n.level_from, n.level_to, n.rank
             FROM needs_analyses a
             JOIN needs n ON n.agency_id = $1 AND n.analysis_id = a.id
             JOIN placements_on($1, $2, 'infinity') p ON p.employee_id = n.employee_id
             JOIN positions q ON q.agency_id = $1 AND q.id = p.position_id
             WHERE a.agency_id = $1 AND a.year = $3 AND a.state = 'VALIDATED' AND n.dropped_at IS NULL",
            [self.agency().into(), self.today.into(), year.into()],
        );
        sentence.within("n.employee_id", self.people());
        sentence.push(" ORDER BY n.employee_id, n.competency_agency_id, n.competency_id", []);
        let need = |row: ValidatedRecord| {
            Ok(ValidatedNeed {
                id: row.id.into(),
                employee: row.employee_id.into(),
                unit: row.unit_id.into(),
                analysed_unit: row.analysed_unit_id.into(),
                competency_agency: row.competency_agency_id.into(),
                competency: row.competency_id.into(),
                from: row.level_from.map(level).transpose()?,
                to: level(row.level_to)?,
                priority: hundredths(row.rank)?,
            })
        };
        let rows = ValidatedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(need).collect()
    }
}

/// What a proposal about somebody stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NeedGround {
    /// The level valid evidence finds.
    pub level: Option<Level>,
    /// The weight of the requirement of the position held.
    pub weight: Option<Hundredths>,
    /// How much the competency matters in it.
    pub importance: Option<Importance>,
}

impl Tx<'_> {
    /// Keeps an analysis, and every other one of its year in which a need of these people stands, as they are until this
    /// transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_lock(
        &self,
        agency: AgencyId,
        id: NeedsAnalysisId,
        people: &[EmployeeId],
    ) -> Result<(), StoreError> {
        let people: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        // One after the other in the order of their ids, so that nobody waits in a circle.
        let sentence = Sentence::new(
            "SELECT a.id FROM needs_analyses a
             WHERE a.agency_id = $1 AND (a.id = $2 OR a.id IN (
                SELECT n.analysis_id FROM needs n
                JOIN needs_analyses b ON b.agency_id = $1 AND b.id = $2 AND b.year = n.year
                WHERE n.agency_id = $1 AND n.employee_id = ANY ($3)))
             ORDER BY a.id
             FOR NO KEY UPDATE OF a",
            [agency.uuid().into(), id.uuid().into(), people.into()],
        );
        self.db.execute_raw(sentence.finish()).await?;
        Ok(())
    }

    /// Writes needs into an analysis, whichever of the year they stood in before, and what each side says; what somebody
    /// decided on them stays. The caller holds [`Tx::needs_lock`].
    ///
    /// # Errors
    /// `Missing("/employee_ids")`, `Missing("/competency_id")`.
    pub async fn needs_put(
        &self,
        pass: &Pass,
        (analysis, year): (NeedsAnalysisId, i32),
        drafts: &[NeedDraft],
    ) -> Result<(), StoreError> {
        if drafts.is_empty() {
            return Ok(());
        }
        let agency = pass.agency().uuid();
        let count = |number: Option<Hundredths>| number.map_or(0_i64, |number| i64::from(number.count()));
        let short = |level: Option<Level>| level.map_or(0_i16, |level| i16::from(level.get()));
        let class = |class: Option<JobClass>| class.map_or("", JobClass::as_str).to_owned();
        let grave = |one: Option<Importance>| one.map_or("", Importance::as_str).to_owned();
        let ids = |of: fn(&NeedDraft) -> Uuid| -> Vec<Uuid> { drafts.iter().map(of).collect() };
        let texts = |of: &dyn Fn(&NeedDraft) -> String| -> Vec<String> { drafts.iter().map(of).collect() };
        let numbers = |of: &dyn Fn(&NeedDraft) -> i64| -> Vec<i64> { drafts.iter().map(of).collect() };
        let levels = |of: &dyn Fn(&NeedDraft) -> i16| -> Vec<i16> { drafts.iter().map(of).collect() };
        let flags = |of: fn(&NeedDraft) -> bool| -> Vec<bool> { drafts.iter().map(of).collect() };
        let sentence = Sentence::new(
            "INSERT INTO needs AS n (agency_id, id, analysis_id, year, employee_id, competency_agency_id, competency_id,
                level_from, level_to, weight, importance, job_class, is_head, jp_overdue, priority, created_at, updated_at)
             SELECT $1, w.id, $2, $3, w.employee_id, w.competency_agency_id, w.competency_id, nullif(w.level_from, 0),
                    w.level_to, nullif(w.weight, 0), nullif(w.importance, ''), nullif(w.job_class, ''), w.is_head, w.jp_overdue,
                    w.priority, $4, $4
             FROM unnest($5::uuid[], $6::uuid[], $7::uuid[], $8::uuid[], $9::smallint[], $10::smallint[], $11::bigint[],
                $12::text[], $13::text[], $14::boolean[], $15::boolean[], $16::bigint[]) AS w(id, employee_id,
                competency_agency_id, competency_id, level_from, level_to, weight, importance, job_class, is_head, jp_overdue,
                priority)
             ON CONFLICT ON CONSTRAINT uq_needs_person DO UPDATE
             SET analysis_id = excluded.analysis_id, level_from = excluded.level_from, level_to = excluded.level_to,
                 weight = excluded.weight, importance = excluded.importance, job_class = excluded.job_class,
                 is_head = excluded.is_head, jp_overdue = excluded.jp_overdue, priority = excluded.priority,
                 version = n.version + 1, updated_at = excluded.updated_at
             WHERE (n.analysis_id, n.level_from, n.level_to, n.weight, n.importance, n.job_class, n.is_head, n.jp_overdue,
                    n.priority)
                IS DISTINCT FROM (excluded.analysis_id, excluded.level_from, excluded.level_to, excluded.weight,
                    excluded.importance, excluded.job_class, excluded.is_head, excluded.jp_overdue, excluded.priority)",
            [
                agency.into(),
                analysis.uuid().into(),
                year.into(),
                self.now().into(),
                ids(|draft| draft.id.uuid()).into(),
                ids(|draft| draft.need.key.employee.uuid()).into(),
                ids(|draft| draft.need.key.competency_agency.uuid()).into(),
                ids(|draft| draft.need.key.competency.uuid()).into(),
                levels(&|draft| short(draft.need.from)).into(),
                levels(&|draft| short(Some(draft.need.to))).into(),
                numbers(&|draft| count(draft.need.weight)).into(),
                texts(&|draft| grave(draft.need.importance)).into(),
                texts(&|draft| class(draft.facts.job_class)).into(),
                flags(|draft| draft.facts.is_head).into(),
                flags(|draft| draft.facts.jp_overdue).into(),
                numbers(&|draft| i64::from(draft.priority.count())).into(),
            ],
        );
        self.db.execute_raw(sentence.finish()).await?;
        self.need_origins_put(pass, drafts).await
    }

    /// Writes what the sides of needs say over what they said. A word that stays keeps whose and when it was.
    async fn need_origins_put(&self, pass: &Pass, drafts: &[NeedDraft]) -> Result<(), StoreError> {
        let words: Vec<(Uuid, (NeedOrigin, NeedSpeaker), &NeedWord)> = drafts
            .iter()
            .flat_map(|draft| draft.need.origins.iter().map(|(side, word)| (draft.id.uuid(), *side, word)))
            .collect();
        let all: Vec<Uuid> = drafts.iter().map(|draft| draft.id.uuid()).collect();
        let weight = |word: &NeedWord| word.weight.map_or(0_i64, |weight| i64::from(weight.count()));
        let grave = |word: &NeedWord| word.importance.map_or("", Importance::as_str).to_owned();
        let reason = |word: &NeedWord| word.reason.as_ref().map_or_else(String::new, ToString::to_string);
        let needs: Vec<Uuid> = words.iter().map(|(need, _, _)| *need).collect();
        let origins: Vec<String> = words.iter().map(|(_, (origin, _), _)| origin.to_string()).collect();
        let speakers: Vec<String> = words.iter().map(|(_, (_, speaker), _)| speaker.to_string()).collect();
        let gone = Sentence::new(
            "DELETE FROM need_origins o
             WHERE o.agency_id = $1 AND o.need_id = ANY ($2) AND NOT EXISTS (
                SELECT FROM unnest($3::uuid[], $4::text[], $5::text[]) AS w(need_id, origin, speaker)
                WHERE w.need_id = o.need_id AND w.origin = o.origin AND w.speaker = o.speaker)",
            [
                pass.agency().uuid().into(),
                all.into(),
                needs.clone().into(),
                origins.clone().into(),
                speakers.clone().into(),
            ],
        );
        self.db.execute_raw(gone.finish()).await?;
        let told = Sentence::new(
            "INSERT INTO need_origins AS o (agency_id, need_id, origin, speaker, level_to, weight, importance, reason, user_id, at)
             SELECT $1, w.need_id, w.origin, w.speaker, w.level_to, nullif(w.weight, 0), nullif(w.importance, ''), nullif(w.reason, ''),
                    CASE WHEN w.reason <> '' THEN $2::uuid END, $3
             FROM unnest($4::uuid[], $5::text[], $6::smallint[], $7::bigint[], $8::text[], $9::text[], $10::text[])
                AS w(need_id, origin, level_to, weight, importance, reason, speaker)
             ON CONFLICT ON CONSTRAINT pk_need_origins DO UPDATE
             SET level_to = excluded.level_to, weight = excluded.weight, importance = excluded.importance,
                 reason = excluded.reason, user_id = excluded.user_id, at = excluded.at
             WHERE (o.level_to, o.weight, o.importance, o.reason)
                IS DISTINCT FROM (excluded.level_to, excluded.weight, excluded.importance, excluded.reason)",
            [
                pass.agency().uuid().into(),
                pass.user().map(UserId::uuid).into(),
                self.now().into(),
                needs.into(),
                origins.into(),
                words.iter().map(|(_, _, word)| i16::from(word.to.get())).collect::<Vec<_>>().into(),
                words.iter().map(|(_, _, word)| weight(word)).collect::<Vec<_>>().into(),
                words.iter().map(|(_, _, word)| grave(word)).collect::<Vec<_>>().into(),
                words.iter().map(|(_, _, word)| reason(word)).collect::<Vec<_>>().into(),
                speakers.into(),
            ],
        );
        self.db.execute_raw(told.finish()).await?;
        Ok(())
    }

    /// Removes the needs of an analysis that are none of these any more. What was dropped stays with what people said of it, so
    /// that it is not gathered again.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_prune(
        &self,
        pass: &Pass,
        analysis: NeedsAnalysisId,
        drafts: &[NeedDraft],
    ) -> Result<(), StoreError> {
        let kept: Vec<Uuid> = drafts.iter().map(|draft| draft.id.uuid()).collect();
        let values = || [pass.agency().uuid().into(), analysis.uuid().into(), kept.clone().into()];
        let origins = Sentence::new(
            "DELETE FROM need_origins o USING needs n
             WHERE n.agency_id = $1 AND n.analysis_id = $2 AND n.dropped_at IS NOT NULL
               AND NOT EXISTS (SELECT FROM unnest($3::uuid[]) AS w(id) WHERE w.id = n.id)
               AND o.agency_id = $1 AND o.need_id = n.id AND o.origin IN ('HELD_GAP', 'TARGET_GAP')",
            values(),
        );
        self.db.execute_raw(origins.finish()).await?;
        let needs = Sentence::new(
            "DELETE FROM needs n
             WHERE n.agency_id = $1 AND n.analysis_id = $2 AND n.dropped_at IS NULL
               AND NOT EXISTS (SELECT FROM unnest($3::uuid[]) AS w(id) WHERE w.id = n.id)",
            values(),
        );
        self.db.execute_raw(needs.finish()).await?;
        Ok(())
    }
}
