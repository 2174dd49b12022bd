//! Rubrics in versions: the agency's own beside the nation's. Never changed; a later version takes over.

use access::Pass;
use chrono::NaiveDate;
use competency::{
    DefaultLevelsRubric, EligibilityRubric, JpmMethod, JpmRubric, PolicyKind, PolicyVersion, Rubric,
    ValidityRubric,
};
use development::{
    EvaluationRubric, FormsRubric, JpTargetRubric, PlanRubric, PriorityRubric, RankingRubric, RemindersRubric,
};
use entities::policies;
use kernel::{AgencyId, Code, LongText, NATIONAL, Page, PolicyId};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult as _, QueryFilter as _, raw_sql,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize as _, Serialize};
use serde_json::Value;

use crate::rows::{code, known, long_text};
use crate::{PageRequest, Reader, StoreError, Tx};

/// The document of a policy of any kind. It is stored and sent as the document alone: the kind stands beside it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum RubricDocument {
    /// How the job person match is computed and graded.
    Jpm(JpmRubric),
    /// How long an assessment result is valid.
    Validity(ValidityRubric),
    /// Which level a job class requires where a position has no standard.
    DefaultLevels(DefaultLevelsRubric),
    /// Who may be appointed to a position of a job class.
    Eligibility(EligibilityRubric),
    /// Forms of development and what they are worth in learning hours.
    Forms(FormsRubric),
    /// How many learning hours a year asks for, and how many it allows.
    JpTarget(JpTargetRubric),
    /// What decides between programmes that are recommended.
    Recommendation(RankingRubric),
    /// How development plans are drawn up and approved.
    DevelopmentPlan(PlanRubric),
    /// How long before something is due people are reminded of it.
    Reminders(RemindersRubric),
    /// How classes are evaluated.
    Evaluation(EvaluationRubric),
    /// Which needs of development go before which.
    NeedPriority(PriorityRubric),
}

impl RubricDocument {
    /// What it is about.
    #[must_use]
    pub const fn kind(&self) -> PolicyKind {
        match self {
            Self::Jpm(_) => PolicyKind::Jpm,
            Self::Validity(_) => PolicyKind::Validity,
            Self::DefaultLevels(_) => PolicyKind::DefaultLevels,
            Self::Eligibility(_) => PolicyKind::Eligibility,
            Self::Forms(_) => PolicyKind::Forms,
            Self::JpTarget(_) => PolicyKind::JpTarget,
            Self::Recommendation(_) => PolicyKind::Recommendation,
            Self::DevelopmentPlan(_) => PolicyKind::DevelopmentPlan,
            Self::Reminders(_) => PolicyKind::Reminders,
            Self::Evaluation(_) => PolicyKind::Evaluation,
            Self::NeedPriority(_) => PolicyKind::NeedPriority,
        }
    }

    /// Reads the document of a policy of `kind`.
    ///
    /// # Errors
    /// Why it is none.
    pub fn read(kind: PolicyKind, document: &Value) -> Result<Self, serde_json::Error> {
        Ok(match kind {
            PolicyKind::Jpm => Self::Jpm(JpmRubric::deserialize(document)?),
            PolicyKind::Validity => Self::Validity(ValidityRubric::deserialize(document)?),
            PolicyKind::DefaultLevels => Self::DefaultLevels(DefaultLevelsRubric::deserialize(document)?),
            PolicyKind::Eligibility => Self::Eligibility(EligibilityRubric::deserialize(document)?),
            PolicyKind::Forms => Self::Forms(FormsRubric::deserialize(document)?),
            PolicyKind::JpTarget => Self::JpTarget(JpTargetRubric::deserialize(document)?),
            PolicyKind::Recommendation => Self::Recommendation(RankingRubric::deserialize(document)?),
            PolicyKind::DevelopmentPlan => Self::DevelopmentPlan(PlanRubric::deserialize(document)?),
            PolicyKind::Reminders => Self::Reminders(RemindersRubric::deserialize(document)?),
            PolicyKind::Evaluation => Self::Evaluation(EvaluationRubric::deserialize(document)?),
            PolicyKind::NeedPriority => Self::NeedPriority(PriorityRubric::deserialize(document)?),
        })
    }
}

/// A version of a rubric about to be recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyDraft {
    /// Its id.
    pub id: PolicyId,
    /// Its name.
    pub name: Code,
    /// The first day it applies to.
    pub valid_from: NaiveDate,
    /// Where its numbers come from.
    pub source: LongText,
    /// The document.
    pub rubric: RubricDocument,
}

fn version(row: policies::Model) -> PolicyVersion<Value> {
    PolicyVersion {
        id: PolicyId::from(row.id),
        agency: AgencyId::from(row.agency_id),
        name: code(row.name),
        number: row.number,
        valid_from: row.valid_from,
        recorded_at: row.recorded_at,
        source: long_text(row.source),
        rubric: row.rubric,
    }
}

fn domain(row: policies::Model) -> Result<PolicyVersion<RubricDocument>, StoreError> {
    let kind = known(PolicyKind::parse(&row.kind), "policies.kind")?;
    version(row).try_map(|document| known(RubricDocument::read(kind, &document).ok(), "policies.rubric"))
}

/// A document as stored.
pub(crate) fn document(rubric: &impl Serialize) -> Result<Value, StoreError> {
    known(serde_json::to_value(rubric).ok(), "policies.rubric")
}

impl Reader<'_> {
    /// Versions of rubrics by kind, name and number, the agency's own and the nation's; `kind` leaves out the others.
    ///
    /// # Errors
    /// The database's.
    pub async fn policies(
        &self,
        kind: Option<PolicyKind>,
        page: &PageRequest,
    ) -> Result<Page<PolicyVersion<RubricDocument>>, StoreError> {
        let (own, national, limit) = (self.agency(), NATIONAL.uuid(), page.probe());
        let kind = kind.map(PolicyKind::as_str);
        let (after_kind, after_name, after_id) = (page.key(0), page.key(1), page.id(3));
        let after_number: Option<i32> = page.key(2).and_then(|number| number.parse().ok());
        let statement = raw_sql!(
            Postgres,
            "SELECT * FROM policies
             WHERE agency_id IN ({own}, {national})
               AND ({kind}::text IS NULL OR kind = {kind})
               AND ({after_kind}::text IS NULL OR (kind, name, number, id)
                    > ({after_kind}, {after_name}, {after_number}::integer, {after_id}::uuid))
             ORDER BY kind, name, number, id
             LIMIT {limit}"
        );
        let rows = policies::Model::find_by_statement(statement).all(&self.db).await?;
        let rows = rows.into_iter().map(domain).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |policy: &PolicyVersion<RubricDocument>| {
            let kind = policy.rubric.kind().to_string();
            vec![kind, policy.name.to_string(), policy.number.to_string(), policy.id.to_string()]
        }))
    }

    /// One version of a rubric.
    ///
    /// # Errors
    /// The database's.
    pub async fn policy(&self, id: PolicyId) -> Result<Option<PolicyVersion<RubricDocument>>, StoreError> {
        let row = policies::Entity::find()
            .filter(policies::Column::AgencyId.is_in([self.agency(), NATIONAL.uuid()]))
            .filter(policies::Column::Id.eq(id.uuid()))
            .one(&self.db)
            .await?;
        row.map(domain).transpose()
    }

    /// Every version of one kind, the agency's own and the nation's: what [`competency::policy_on`] chooses from.
    ///
    /// # Errors
    /// The database's.
    pub async fn policies_for<R: Rubric + DeserializeOwned>(
        &self,
    ) -> Result<Vec<PolicyVersion<R>>, StoreError> {
        let rows = policies::Entity::find()
            .filter(policies::Column::AgencyId.is_in([self.agency(), NATIONAL.uuid()]))
            .filter(policies::Column::Kind.eq(R::KIND.as_str()))
            .all(&self.db)
            .await?;
        let read = |document| known(serde_json::from_value(document).ok(), "policies.rubric");
        rows.into_iter().map(|row| version(row).try_map(read)).collect()
    }
}

impl Tx<'_> {
    /// Records a version of a rubric, with the next number of its name. It is known from this transaction's
    /// [stamp](Tx::stamp) on.
    ///
    /// # Errors
    /// The database's.
    pub async fn policy_insert(
        &self,
        pass: &Pass,
        draft: &PolicyDraft,
    ) -> Result<PolicyVersion<RubricDocument>, StoreError> {
        let agency = pass.agency().uuid();
        // Two versions of one name at once would take the same number.
        let lock =
            raw_sql!(Postgres, "SELECT pg_advisory_xact_lock(hashtextextended({agency}::uuid::text, 3))");
        self.db.query_one_raw(lock).await?;
        let (id, kind, name) = (draft.id.uuid(), draft.rubric.kind().as_str(), draft.name.as_str());
        let (valid_from, stamp) = (draft.valid_from, self.stamp().await?);
        let (rubric, source) = (document(&draft.rubric)?, draft.source.as_str());
        let statement = raw_sql!(
            Postgres,
            "INSERT INTO policies (agency_id, id, kind, name, number, valid_from, recorded_at, rubric, source)
             SELECT {agency}::uuid, {id}::uuid, {kind}::text, {name}::text, coalesce(max(number), 0) + 1,
                    {valid_from}::date, {stamp}::timestamptz, {rubric}::jsonb, {source}::text
             FROM policies WHERE agency_id = {agency} AND kind = {kind} AND name = {name}
             RETURNING *"
        );
        let row = policies::Model::find_by_statement(statement).one(&self.db).await?;
        // The model grades by one rubric; the others are read when they are asked for.
        let moves = match &draft.rubric {
            RubricDocument::Jpm(_) => name == JpmMethod::RatioOfSums.as_str(),
            RubricDocument::DefaultLevels(_) => true,
            RubricDocument::Validity(_)
            | RubricDocument::Eligibility(_)
            | RubricDocument::Forms(_)
            | RubricDocument::JpTarget(_)
            | RubricDocument::Recommendation(_)
            | RubricDocument::DevelopmentPlan(_)
            | RubricDocument::Reminders(_)
            | RubricDocument::Evaluation(_)
            | RubricDocument::NeedPriority(_) => false,
        };
        self.rules_moved(pass.agency(), moves.then_some(valid_from));
        domain(known(row, "policies")?)
    }
}
