//! Needs as they are read, and what people decide on them.

use std::collections::BTreeMap;

use access::Pass;
use chrono::{DateTime, Utc};
use development::{Need, NeedFacts, NeedKey, NeedOrigin, NeedSpeaker, NeedWord};
use kernel::{
    Code, CompetencyId, EmployeeId, Hundredths, LongText, Name, NeedId, NeedsAnalysisId, Nip, Page, UserId,
    Version,
};
use sea_orm::FromQueryResult;
use uuid::Uuid;

use super::{NeedFilter, class, hundredths, importance, level};
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// A side of a need, as it is on record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedOriginRow {
    /// Which.
    pub origin: NeedOrigin,
    /// Who speaks for it.
    pub speaker: NeedSpeaker,
    /// What it asks for.
    pub word: NeedWord,
    /// Who brought it.
    pub user: Option<UserId>,
    /// When it was brought or gathered.
    pub at: DateTime<Utc>,
}

/// Something a person decided on a need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedDecision {
    /// Why.
    pub reason: LongText,
    /// Who.
    pub by: Option<UserId>,
    /// When.
    pub at: DateTime<Utc>,
}

/// A need with what a reader needs beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NeedRow {
    /// The identifier.
    pub id: NeedId,
    /// The analysis it stands in.
    pub analysis: NeedsAnalysisId,
    /// The need.
    pub need: Need,
    /// What its priority is computed from beside it.
    pub facts: NeedFacts,
    /// The person's identity number.
    pub nip: Nip,
    /// The person's name.
    pub employee_name: Name,
    /// Whether the person serves in the analysis's unit, or in one under it, today.
    pub serves: bool,
    /// The competency's code.
    pub competency_code: Code,
    /// The competency's name.
    pub competency_name: Name,
    /// The sides it comes from.
    pub origins: Vec<NeedOriginRow>,
    /// The priority the policy gives it.
    pub priority: Hundredths,
    /// The priority somebody gave it.
    pub set: Option<(Hundredths, NeedDecision)>,
    /// That somebody left it out.
    pub dropped: Option<NeedDecision>,
    /// How often the record has been written.
    pub version: Version,
}

#[derive(FromQueryResult)]
struct NeedRecord {
    id: Uuid,
    analysis_id: Uuid,
    employee_id: Uuid,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    level_from: Option<i16>,
    level_to: i16,
    weight: Option<i64>,
    importance: Option<String>,
    job_class: Option<String>,
    is_head: bool,
    jp_overdue: bool,
    priority: i64,
    set_priority: Option<i64>,
    set_for: Option<String>,
    set_by: Option<Uuid>,
    set_at: Option<DateTime<Utc>>,
    dropped_for: Option<String>,
    dropped_by: Option<Uuid>,
    dropped_at: Option<DateTime<Utc>>,
    rank: i64,
    version: i64,
    nip: String,
    employee_name: String,
    serves: bool,
    competency_code: String,
    competency_name: Option<String>,
}

#[derive(FromQueryResult)]
struct OriginRecord {
    need_id: Uuid,
    origin: String,
    speaker: String,
    level_to: i16,
    weight: Option<i64>,
    importance: Option<String>,
    reason: Option<String>,
    user_id: Option<Uuid>,
    at: DateTime<Utc>,
}

impl OriginRecord {
    fn domain(self) -> Result<NeedOriginRow, StoreError> {
        Ok(NeedOriginRow {
            origin: known(NeedOrigin::parse(&self.origin), "need_origins.origin")?,
            speaker: known(NeedSpeaker::parse(&self.speaker), "need_origins.speaker")?,
            word: NeedWord {
                to: level(self.level_to)?,
                weight: self.weight.map(hundredths).transpose()?,
                importance: importance(self.importance)?,
                reason: self.reason.map(long_text),
            },
            user: self.user_id.map(UserId::from),
            at: self.at,
        })
    }
}

fn decision(reason: Option<String>, by: Option<Uuid>, at: Option<DateTime<Utc>>) -> Option<NeedDecision> {
    Some(NeedDecision { reason: long_text(reason?), by: by.map(UserId::from), at: at? })
}

impl NeedRecord {
    fn domain(self, origins: Vec<NeedOriginRow>) -> Result<NeedRow, StoreError> {
        let set = decision(self.set_for, self.set_by, self.set_at);
        let words = origins.iter().map(|row| ((row.origin, row.speaker), row.word.clone()));
        Ok(NeedRow {
            id: self.id.into(),
            analysis: self.analysis_id.into(),
            need: Need {
                key: NeedKey {
                    employee: self.employee_id.into(),
                    competency_agency: self.competency_agency_id.into(),
                    competency: self.competency_id.into(),
                },
                from: self.level_from.map(level).transpose()?,
                to: level(self.level_to)?,
                weight: self.weight.map(hundredths).transpose()?,
                importance: importance(self.importance)?,
                origins: words.collect(),
            },
            facts: NeedFacts {
                job_class: class(self.job_class)?,
                is_head: self.is_head,
                jp_overdue: self.jp_overdue,
            },
            nip: Nip::stored(self.nip),
            employee_name: name(self.employee_name),
            serves: self.serves,
            competency_name: name(self.competency_name.unwrap_or_else(|| self.competency_code.clone())),
            competency_code: code(self.competency_code),
            origins,
            priority: hundredths(self.priority)?,
            set: self.set_priority.map(hundredths).transpose()?.zip(set),
            dropped: decision(self.dropped_for, self.dropped_by, self.dropped_at),
            version: Version::new(self.version),
        })
    }
}

impl Reader<'_> {
    /// Needs of an analysis, of the people within the scope, the most urgent first.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs(
        &self,
        analysis: NeedsAnalysisId,
        filter: &NeedFilter,
        page: &PageRequest,
    ) -> Result<Page<NeedRow>, StoreError> {
        let NeedFilter { employee, competency, origin, dropped } = *filter;
        let mut sentence = self.need_sentence();
        sentence.push(" AND n.analysis_id = {}", [analysis.uuid().into()]);
        sentence.maybe(" AND n.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND n.competency_id = {}", competency.map(CompetencyId::uuid));
        sentence.maybe(
            " AND EXISTS (
                SELECT FROM need_origins o WHERE o.agency_id = $1 AND o.need_id = n.id AND o.origin = {})",
            origin.map(NeedOrigin::as_str),
        );
        sentence.maybe(" AND (n.dropped_at IS NOT NULL) = {}", dropped);
        let rank: Option<i64> = page.key(0).and_then(|rank| rank.parse().ok());
        if let Some(rank) = rank {
            sentence.push(" AND (-n.rank, n.id) > (-{}::bigint, {}::uuid)", [rank.into(), page.id(1).into()]);
        }
        sentence.push(" ORDER BY -n.rank, n.id LIMIT {}", [page.probe().into()]);
        let rows = NeedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        let page =
            Page::cut(rows, page.limit, |row: &NeedRecord| vec![row.rank.to_string(), row.id.to_string()]);
        Ok(Page { items: self.with_origins(page.items).await?, next: page.next })
    }

    /// These needs of an analysis, of the people within the scope, the most urgent first.
    ///
    /// # Errors
    /// The database's.
    pub async fn needs_named(
        &self,
        analysis: NeedsAnalysisId,
        ids: &[NeedId],
    ) -> Result<Vec<NeedRow>, StoreError> {
        let ids: Vec<Uuid> = ids.iter().map(|id| id.uuid()).collect();
        let mut sentence = self.need_sentence();
        sentence.push(" AND n.analysis_id = {} AND n.id = ANY ({})", [analysis.uuid().into(), ids.into()]);
        sentence.push(" ORDER BY -n.rank, n.id", []);
        let rows = NeedRecord::find_by_statement(sentence.finish()).all(&self.db).await?;
        self.with_origins(rows).await
    }

    fn need_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT n.*, e.nip, e.name AS employee_name, c.code AS competency_code, t.name AS competency_name,
                    EXISTS (
                        SELECT FROM placements_on($1, $2, 'infinity') p
                        JOIN positions q ON q.agency_id = $1 AND q.id = p.position_id
                        JOIN unit_ancestors x ON x.agency_id = $1 AND x.unit_id = q.unit_id AND x.ancestor_id = a.unit_id
                        WHERE p.employee_id = n.employee_id) AS serves
             FROM needs n
             JOIN needs_analyses a ON a.agency_id = n.agency_id AND a.id = n.analysis_id
             JOIN employees e ON e.agency_id = n.agency_id AND e.id = n.employee_id
             JOIN competencies c ON c.agency_id = n.competency_agency_id AND c.id = n.competency_id
             LEFT JOIN LATERAL (
                SELECT x.name FROM competency_contents x
                JOIN dictionary_versions v ON v.agency_id = x.agency_id AND v.id = x.dictionary_version_id
                WHERE x.agency_id = c.agency_id AND x.competency_id = c.id
                ORDER BY v.published_at IS NULL, v.number DESC LIMIT 1) t ON true
             WHERE n.agency_id = $1 AND $2::date IS NOT NULL",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("n.employee_id", self.people());
        sentence
    }

    /// The same needs with their sides: one statement for all of them.
    async fn with_origins(&self, rows: Vec<NeedRecord>) -> Result<Vec<NeedRow>, StoreError> {
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut of_need: BTreeMap<Uuid, Vec<NeedOriginRow>> = BTreeMap::new();
        if !ids.is_empty() {
            let sentence = Sentence::new(
                "SELECT o.need_id, o.origin, o.speaker, o.level_to, o.weight, o.importance, o.reason, o.user_id, o.at
                 FROM need_origins o WHERE o.agency_id = $1 AND o.need_id = ANY ($2)",
                [self.agency().into(), ids.into()],
            );
            for row in OriginRecord::find_by_statement(sentence.finish()).all(&self.db).await? {
                of_need.entry(row.need_id).or_default().push(row.domain()?);
            }
        }
        let with = |row: NeedRecord| {
            let mut origins = of_need.remove(&row.id).unwrap_or_default();
            origins.sort_by_key(|one| (one.origin, one.speaker));
            row.domain(origins)
        };
        rows.into_iter().map(with).collect()
    }
}

impl Tx<'_> {
    /// Gives a need another priority, or takes that back; `version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn need_prioritise(
        &self,
        pass: &Pass,
        (id, version): (NeedId, Version),
        priority: Option<Hundredths>,
        reason: &LongText,
    ) -> Result<(), StoreError> {
        let set = priority.is_some();
        let sentence = Sentence::new(
            "UPDATE needs
             SET set_priority = $4, set_for = $5, set_by = $6, set_at = $7, version = version + 1, updated_at = $8
             WHERE agency_id = $1 AND id = $2 AND version = $3",
            [
                pass.agency().uuid().into(),
                id.uuid().into(),
                version.get().into(),
                priority.map(|priority| i64::from(priority.count())).into(),
                set.then(|| reason.to_string()).into(),
                pass.user().filter(|_| set).map(UserId::uuid).into(),
                set.then(|| self.now()).into(),
                self.now().into(),
            ],
        );
        self.guarded(sentence).await
    }

    /// Leaves a need out with the reason, or takes it up again without one; `version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`].
    pub async fn need_drop(
        &self,
        pass: &Pass,
        (id, version): (NeedId, Version),
        reason: Option<&LongText>,
    ) -> Result<(), StoreError> {
        let sentence = Sentence::new(
            "UPDATE needs SET dropped_for = $4, dropped_by = $5, dropped_at = $6, version = version + 1, updated_at = $7
             WHERE agency_id = $1 AND id = $2 AND version = $3",
            [
                pass.agency().uuid().into(),
                id.uuid().into(),
                version.get().into(),
                reason.map(ToString::to_string).into(),
                pass.user().filter(|_| reason.is_some()).map(UserId::uuid).into(),
                reason.map(|_| self.now()).into(),
                self.now().into(),
            ],
        );
        self.guarded(sentence).await
    }
}
