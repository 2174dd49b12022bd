//! The reference data every installation begins with.

use access::{Action, Pass};
use chrono::{DateTime, Utc};
use competency::{Dictionary, DictionaryState, reference};
use entities::{agencies, competency_families, dictionaries, dictionary_versions, policies};
use kernel::{
    AgencyZone, Code, CompetencyId, DictionaryVersionId, Event, NATIONAL, NATIONAL_DICTIONARY, Name,
    PolicyId, RequestId, Resource, Version,
};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, QueryFilter as _, raw_sql,
};

use crate::gap_model::BEGINNING;
use crate::policies::{RubricDocument, document};
use crate::{Store, StoreError, Tx, Unwritten, WriteContext};

/// The lock's key: any constant that nothing else in the database uses.
const LOCK: i64 = 0x0062_616e_676b_6f6e;

/// Since when the reference data of a new installation is known: always. An answer for any `known_at` has it.
const KNOWN_SINCE: DateTime<Utc> = DateTime::UNIX_EPOCH;

impl Store {
    /// Adds what is missing of the reference data: the nation as an agency, the families, the national dictionary with
    /// its first version published, the national rubrics. What is there is left as it is, whatever was made of it.
    /// Another process at the same work is waited for. What is added to a database that was installed before is known from
    /// then on: answers already given do not change.
    ///
    /// # Errors
    /// The database's.
    pub async fn reference_install(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let context = WriteContext {
            user: None,
            agency: NATIONAL,
            request: RequestId::new(),
            operation: "reference_install",
            now,
            idempotency: None,
        };
        let pass = Pass::system(NATIONAL, Action::DictionaryWrite, "reference data comes with the program");
        let written = self
            .write(&context, async |tx| {
                if tx.reference_add(&pass).await? == 0 {
                    return Err(Unwritten::Nothing);
                }
                let event = Event::new(Resource::Agency, NATIONAL, "REFERENCE_INSTALLED");
                Ok(tx.record(&pass, &event, None))
            })
            .await;
        Unwritten::unless_nothing(written).map(drop)
    }
}

impl Tx<'_> {
    /// Adds what is missing, and counts it.
    async fn reference_add(&self, pass: &Pass) -> Result<u64, StoreError> {
        self.db.query_one_raw(raw_sql!(Postgres, "SELECT pg_advisory_xact_lock({LOCK})")).await?;
        let nation = self.reference_agency().await?;
        let known_since = if nation == 0 { self.stamp().await? } else { KNOWN_SINCE };
        let added = nation
            + self.reference_families().await?
            + self.reference_dictionary(pass, known_since).await?
            + self.reference_policies(known_since).await?;
        if added > 0 {
            self.rules_moved(NATIONAL, Some(BEGINNING));
        }
        Ok(added)
    }

    async fn reference_agency(&self) -> Result<u64, StoreError> {
        self.directory_changes();
        let nation = agencies::ActiveModel {
            id: Set(NATIONAL.uuid()),
            code: Set("NASIONAL".to_owned()),
            name: Set("Nasional".to_owned()),
            zone: Set(AgencyZone::Wib.as_str().to_owned()),
            version: Set(Version::FIRST.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        };
        Ok(agencies::Entity::insert(nation)
            .on_conflict(OnConflict::column(agencies::Column::Id).do_nothing().to_owned())
            .exec_without_returning(&self.db)
            .await?)
    }

    async fn reference_families(&self) -> Result<u64, StoreError> {
        let families = reference::families();
        Ok(competency_families::Entity::insert_many(families.iter().map(crate::families::active))
            .on_conflict(OnConflict::column(competency_families::Column::Code).do_nothing().to_owned())
            .exec_without_returning(&self.db)
            .await?)
    }

    /// The national dictionary with its first version. Once that stands, the nation's own people look after it: they may
    /// give it another code, or its code to another one.
    async fn reference_dictionary(&self, pass: &Pass, known_since: DateTime<Utc>) -> Result<u64, StoreError> {
        let there = dictionaries::Entity::find()
            .filter(dictionaries::Column::AgencyId.eq(NATIONAL.uuid()))
            .filter(
                Condition::any()
                    .add(dictionaries::Column::Id.eq(NATIONAL_DICTIONARY.uuid()))
                    .add(dictionaries::Column::Code.eq(reference::DICTIONARY_CODE)),
            )
            .one(&self.db)
            .await?;
        if there.is_some() {
            return Ok(0);
        }
        let dictionary = Dictionary {
            id: NATIONAL_DICTIONARY,
            agency: NATIONAL,
            code: Code::stored(reference::DICTIONARY_CODE.to_owned()),
            name: Name::stored(reference::DICTIONARY_NAME.to_owned()),
            version: Version::FIRST,
        };
        self.dictionary_insert(pass, &dictionary).await?;
        let draft = self.dictionary_version_insert(pass, DictionaryVersionId::new(), dictionary.id).await?;
        for competency in reference::COMPETENCIES {
            self.content_put(pass, &draft, &competency.content(CompetencyId::new()), None).await?;
        }
        dictionary_versions::Entity::update(dictionary_versions::ActiveModel {
            agency_id: Set(NATIONAL.uuid()),
            id: Set(draft.id.uuid()),
            state: Set(DictionaryState::Published.as_str().to_owned()),
            published_at: Set(Some(known_since)),
            ..Default::default()
        })
        .exec(&self.db)
        .await?;
        Ok(1)
    }

    /// The first version of each national rubric, and those that followed. A number the nation gave to a version of its own is
    /// left to that.
    async fn reference_policies(&self, known_since: DateTime<Utc>) -> Result<u64, StoreError> {
        let jpm = reference::jpm_policies()
            .map(|policy| (policy.name, policy.source, RubricDocument::Jpm(policy.rubric)));
        let validity = reference::validity_policy();
        let levels = reference::default_levels_policy();
        let eligibility = reference::eligibility_policy();
        let forms = development::reference::forms_policy();
        let jp_target = development::jp_target_policy();
        let ranking = development::recommendation_policy();
        let plan = development::development_plan_policy();
        let reminders = development::reminders_policy();
        let evaluation = development::evaluation_policy();
        let priority = development::need_priority_policy();
        let rows = jpm
            .into_iter()
            .chain([
                (validity.name, validity.source, RubricDocument::Validity(validity.rubric)),
                (levels.name, levels.source, RubricDocument::DefaultLevels(levels.rubric)),
                (eligibility.name, eligibility.source, RubricDocument::Eligibility(eligibility.rubric)),
                (forms.name, forms.source, RubricDocument::Forms(forms.rubric)),
                (jp_target.name, jp_target.source, RubricDocument::JpTarget(jp_target.rubric)),
                (ranking.name, ranking.source, RubricDocument::Recommendation(ranking.rubric)),
                (plan.name, plan.source, RubricDocument::DevelopmentPlan(plan.rubric)),
                (reminders.name, reminders.source, RubricDocument::Reminders(reminders.rubric)),
                (evaluation.name, evaluation.source, RubricDocument::Evaluation(evaluation.rubric)),
                (priority.name, priority.source, RubricDocument::NeedPriority(priority.rubric)),
            ])
            .map(|(name, source, rubric)| (1, reference::policies_valid_from(), (name, source, rubric)));
        let amendments = development::reminders_amendments().into_iter().zip(2..);
        let amended = amendments.map(|((first, policy), number)| {
            (number, first, (policy.name, policy.source, RubricDocument::Reminders(policy.rubric)))
        });
        let rows = rows
            .chain(amended)
            .map(|(number, valid_from, (name, source, rubric))| {
                Ok(policies::ActiveModel {
                    agency_id: Set(NATIONAL.uuid()),
                    id: Set(PolicyId::new().uuid()),
                    kind: Set(rubric.kind().as_str().to_owned()),
                    name: Set(name.to_owned()),
                    number: Set(number),
                    valid_from: Set(valid_from),
                    recorded_at: Set(known_since),
                    rubric: Set(document(&rubric)?),
                    source: Set(source.to_owned()),
                })
            })
            .collect::<Result<Vec<_>, StoreError>>()?;
        let key = [
            policies::Column::AgencyId,
            policies::Column::Kind,
            policies::Column::Name,
            policies::Column::Number,
        ];
        Ok(policies::Entity::insert_many(rows)
            .on_conflict(OnConflict::columns(key).do_nothing().to_owned())
            .exec_without_returning(&self.db)
            .await?)
    }
}
