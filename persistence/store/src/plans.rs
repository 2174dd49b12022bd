//! Development plans: what they say and where they stand.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use development::{Audience, Offer, Plan, PlanAttachment, PlanDraft, PlanItem, PlanState};
use entities::{plan_items, plans};
use kernel::{Code, EmployeeId, Hundredths, Name, Nip, Page, PlanId, PositionId, UnitId, UserId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::LockType;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QueryOrder as _, QuerySelect as _, raw_sql,
};
use uuid::Uuid;

use crate::plan_items::{PlanItemNames, item, item_active, level};
use crate::programmes::{classes_of, families_of};
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Which plans a list holds; everything that is given must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanFilter {
    /// Of this person.
    pub employee: Option<EmployeeId>,
    /// For this year.
    pub year: Option<i32>,
    /// In this state.
    pub state: Option<PlanState>,
    /// Of people who serve in this unit or in one under it today.
    pub within: Option<UnitId>,
    /// With an item of this programme.
    pub programme: Option<Uuid>,
}

/// A plan with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanRow {
    /// The plan.
    pub plan: Plan,
    /// The person's identity number.
    pub nip: Nip,
    /// The person's name.
    pub employee_name: Name,
    /// Code and name of the position aimed at.
    pub target: Option<(Code, Name)>,
    /// The names of each item, in order.
    pub names: Vec<PlanItemNames>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    plan: plans::Model,
    nip: String,
    employee_name: String,
    target_code: Option<String>,
    target_name: Option<String>,
}

#[derive(FromQueryResult)]
struct ItemRow {
    #[sea_orm(nested)]
    item: plan_items::Model,
    competency_code: Option<String>,
    competency_name: Option<String>,
    programme_code: Option<String>,
    programme_name: Option<String>,
    mentor_name: Option<String>,
}

#[derive(FromQueryResult)]
struct OfferRow {
    id: Uuid,
    code: String,
    name: String,
    form: String,
    jp: Option<i32>,
    price: Option<i64>,
    competency_agency_id: Uuid,
    competency_id: Uuid,
    level_from: Option<i16>,
    level_to: i16,
    job_classes: Vec<String>,
    job_families: Vec<String>,
}

fn plan(row: plans::Model, items: Vec<PlanItem>) -> Result<Plan, StoreError> {
    let attachments: Option<Vec<PlanAttachment>> = serde_json::from_value(row.attachments).ok();
    Ok(Plan {
        id: row.id.into(),
        employee: row.employee_id.into(),
        year: row.year,
        number: row.number,
        state: known(PlanState::parse(&row.state), "plans.state")?,
        revises: row.revises_id.map(PlanId::from),
        said: PlanDraft {
            target: row.target_id.map(PositionId::from),
            goal: row.goal.map(long_text),
            items,
            attachments: known(attachments, "plans.attachments")?,
        },
        endorsed_by: row.endorsed_by.map(UserId::from),
        confirmed_by: row.confirmed_by.map(UserId::from),
        approved_at: row.approved_at,
        activated_at: row.activated_at,
        completed_at: row.completed_at,
        version: Version::new(row.version),
    })
}

fn pair(code_text: Option<String>, name_text: Option<String>) -> Option<(Code, Name)> {
    Some((code(code_text?), name(name_text?)))
}

impl Reader<'_> {
    /// One plan of somebody the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan(&self, id: PlanId) -> Result<Option<PlanRow>, StoreError> {
        let mut sentence = self.plan_sentence();
        sentence.push(" AND p.id = {}", [id.uuid().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        Ok(self.with_items(rows).await?.pop())
    }

    /// These plans, those the scope does not reach left out; in no order.
    ///
    /// # Errors
    /// The database's.
    pub async fn plans_named(&self, plans: &[PlanId]) -> Result<Vec<PlanRow>, StoreError> {
        let ids: Vec<Uuid> = plans.iter().map(|id| id.uuid()).collect();
        let mut sentence = self.plan_sentence();
        sentence.push(" AND p.id = ANY ({})", [ids.into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        self.with_items(rows).await
    }

    /// Plans of the people the scope reaches, oldest first.
    ///
    /// # Errors
    /// The database's.
    pub async fn plans(&self, filter: &PlanFilter, page: &PageRequest) -> Result<Page<PlanRow>, StoreError> {
        let PlanFilter { employee, year, state, within, programme } = filter.clone();
        let mut sentence = self.plan_sentence();
        sentence.maybe(" AND p.employee_id = {}", employee.map(EmployeeId::uuid));
        sentence.maybe(" AND p.year = {}", year);
        sentence.maybe(" AND p.state = {}", state.map(PlanState::as_str));
        sentence.maybe(
            " AND p.employee_id IN (
                SELECT s.employee_id
                FROM unit_ancestors a
                JOIN positions q ON q.agency_id = $1 AND q.unit_id = a.unit_id
                JOIN placements_on($1, $2, 'infinity') s ON s.position_id = q.id
                WHERE a.agency_id = $1 AND a.ancestor_id = {})",
            within.map(UnitId::uuid),
        );
        sentence.maybe(
            " AND EXISTS (SELECT FROM plan_items i
                WHERE i.agency_id = $1 AND i.plan_id = p.id AND i.programme_id = {})",
            programme,
        );
        sentence.maybe(" AND p.id > {}", page.id(0));
        sentence.push(" ORDER BY p.id LIMIT {}", [page.probe().into()]);
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = self.with_items(rows).await?;
        Ok(Page::cut(rows, page.limit, |row: &PlanRow| vec![row.plan.id.to_string()]))
    }

    fn plan_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT p.*, e.nip, e.name AS employee_name, t.code AS target_code, t.name AS target_name
             FROM plans p
             JOIN employees e ON e.agency_id = p.agency_id AND e.id = p.employee_id
             LEFT JOIN positions t ON t.agency_id = p.agency_id AND t.id = p.target_id
             WHERE p.agency_id = $1 AND ($2::date IS NOT NULL)",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("p.employee_id", self.people());
        sentence
    }

    /// The same plans with their items, in one statement for all of them. What brought hours is read from the ledger, as long as
    /// the plan is not over.
    async fn with_items(&self, rows: Vec<Row>) -> Result<Vec<PlanRow>, StoreError> {
        let (agency, ids): (_, Vec<Uuid>) = (self.agency(), rows.iter().map(|row| row.plan.id).collect());
        let statement = raw_sql!(
            Postgres,
            "SELECT i.*, c.code AS competency_code, n.name AS competency_name, g.code AS programme_code,
                    g.name AS programme_name, m.name AS mentor_name
             FROM plan_items i
             LEFT JOIN competencies c ON c.agency_id = i.competency_agency_id AND c.id = i.competency_id
             LEFT JOIN LATERAL (
                SELECT x.name FROM competency_contents x
                JOIN dictionary_versions v ON v.agency_id = x.agency_id AND v.id = x.dictionary_version_id
                WHERE x.agency_id = c.agency_id AND x.competency_id = c.id
                ORDER BY v.published_at IS NULL, v.number DESC LIMIT 1) n ON true
             LEFT JOIN programmes g ON g.agency_id = i.agency_id AND g.id = i.programme_id
             LEFT JOIN employees m ON m.agency_id = i.agency_id AND m.id = i.mentor_id
             WHERE i.agency_id = {agency} AND i.plan_id = ANY ({ids})
             ORDER BY i.plan_id, i.ordinal"
        );
        let mut of_plan: BTreeMap<Uuid, (Vec<PlanItem>, Vec<PlanItemNames>)> = BTreeMap::new();
        let mut naming = BTreeSet::new();
        if !ids.is_empty() {
            for row in ItemRow::find_by_statement(statement).all(&self.db).await? {
                let (items, names) = of_plan.entry(row.item.plan_id).or_default();
                if row.item.programme_id.is_some() {
                    naming.insert(row.item.plan_id);
                }
                names.push(PlanItemNames {
                    competency: pair(row.competency_code, row.competency_name),
                    programme: pair(row.programme_code, row.programme_name),
                    mentor: row.mentor_name.map(name),
                });
                items.push(item(row.item)?);
            }
        }
        let frozen = |row: &Row| matches!(row.plan.state.as_str(), "COMPLETED" | "SUPERSEDED");
        let live = rows.iter().filter(|row| naming.contains(&row.plan.id) && !frozen(row));
        let mut credited = self.credited(live.map(|row| row.plan.id).collect()).await?;
        let domain = |row: Row| {
            let (items, names) = of_plan.remove(&row.plan.id).unwrap_or_default();
            let completed = (!frozen(&row)).then(|| credited.remove(&row.plan.id).unwrap_or_default());
            let plan = plan(row.plan, items)?;
            Ok(PlanRow {
                nip: Nip::stored(row.nip),
                employee_name: name(row.employee_name),
                target: pair(row.target_code, row.target_name),
                plan: match completed {
                    Some(completed) => plan.with_ledger(&completed),
                    None => plan,
                },
                names,
            })
        };
        rows.into_iter().map(domain).collect()
    }

    /// Every step a published programme of the agency teaches, for plans that are drawn up by themselves.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_offers(&self) -> Result<Vec<Offer>, StoreError> {
        let agency = self.agency();
        let statement = raw_sql!(
            Postgres,
            "SELECT g.id, g.code, g.name, g.form, g.jp, g.price_per_participant AS price, s.competency_agency_id,
                    s.competency_id, s.level_from, s.level_to, g.job_classes, g.job_families
             FROM programmes g
             JOIN programme_steps s ON s.agency_id = g.agency_id AND s.programme_id = g.id
             WHERE g.agency_id = {agency} AND g.state = 'PUBLISHED'
             ORDER BY g.code, s.ordinal"
        );
        let offer = |row: OfferRow| {
            let jp = row.jp.map(|jp| known(u32::try_from(jp).ok(), "programmes.jp")).transpose()?;
            Ok(Offer {
                programme: row.id,
                code: code(row.code),
                name: name(row.name),
                form: code(row.form),
                jp: jp.map(Hundredths::from_count),
                price: row.price,
                competency_agency: row.competency_agency_id.into(),
                competency: row.competency_id.into(),
                from: row.level_from.map(level).transpose()?,
                to: level(row.level_to)?,
                audience: Audience {
                    job_classes: classes_of(&row.job_classes)?,
                    job_families: families_of(&row.job_families)?,
                },
            })
        };
        OfferRow::find_by_statement(statement).all(&self.db).await?.into_iter().map(offer).collect()
    }

    /// The states of somebody's plans for a year, latest first. The caller has found the person within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_states(
        &self,
        employee: EmployeeId,
        year: i32,
    ) -> Result<Vec<(PlanId, i32, PlanState)>, StoreError> {
        let rows = plans::Entity::find()
            .filter(plans::Column::AgencyId.eq(self.agency()))
            .filter(plans::Column::EmployeeId.eq(employee.uuid()))
            .filter(plans::Column::Year.eq(year))
            .order_by_desc(plans::Column::Number)
            .all(&self.db)
            .await?;
        let row = |row: plans::Model| {
            Ok((row.id.into(), row.number, known(PlanState::parse(&row.state), "plans.state")?))
        };
        rows.into_iter().map(row).collect()
    }
}

impl Tx<'_> {
    /// Keeps the plans of a person from being made by others until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn plans_lock(&self, pass: &Pass, employee: EmployeeId) -> Result<(), StoreError> {
        let key = (pass.agency().uuid(), employee.uuid());
        entities::employees::Entity::find_by_id(key).lock(LockType::NoKeyUpdate).one(&self.db).await?;
        Ok(())
    }

    /// Keeps a plan from being written by others until this transaction ends.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_hold(&self, pass: &Pass, plan: PlanId) -> Result<(), StoreError> {
        let key = (pass.agency().uuid(), plan.uuid());
        plans::Entity::find_by_id(key).lock(LockType::NoKeyUpdate).one(&self.db).await?;
        Ok(())
    }

    /// Adds plans with their items.
    ///
    /// # Errors
    /// `Missing("/employee_id")`, `Missing("/target_position_id")`, `Missing("/items")`; `Taken("/year")` when the person has
    /// such a plan already.
    pub async fn plans_insert(&self, pass: &Pass, all: &[Plan]) -> Result<(), StoreError> {
        if all.is_empty() {
            return Ok(());
        }
        let agency = pass.agency().uuid();
        let mut rows = Vec::with_capacity(all.len());
        for plan in all {
            rows.push(plans::ActiveModel {
                agency_id: Set(agency),
                id: Set(plan.id.uuid()),
                employee_id: Set(plan.employee.uuid()),
                year: Set(plan.year),
                number: Set(plan.number),
                version: Set(plan.version.get()),
                created_at: Set(self.now()),
                ..self.plan_active(plan)?
            });
        }
        plans::Entity::insert_many(rows).exec_without_returning(&self.db).await?;
        let items: Vec<_> = all
            .iter()
            .flat_map(|plan| (1..).zip(&plan.said.items).map(|one| item_active(agency, plan.id, one)))
            .collect();
        self.items_insert(items).await
    }

    fn plan_active(&self, plan: &Plan) -> Result<plans::ActiveModel, StoreError> {
        Ok(plans::ActiveModel {
            state: Set(plan.state.as_str().to_owned()),
            revises_id: Set(plan.revises.map(PlanId::uuid)),
            target_id: Set(plan.said.target.map(PositionId::uuid)),
            goal: Set(plan.said.goal.as_ref().map(ToString::to_string)),
            attachments: Set(known(serde_json::to_value(&plan.said.attachments).ok(), "plans.attachments")?),
            endorsed_by: Set(plan.endorsed_by.map(UserId::uuid)),
            confirmed_by: Set(plan.confirmed_by.map(UserId::uuid)),
            approved_at: Set(plan.approved_at),
            activated_at: Set(plan.activated_at),
            completed_at: Set(plan.completed_at),
            updated_at: Set(self.now()),
            ..Default::default()
        })
    }

    /// Replaces what a plan says of itself, and of a draft its items; `plan.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`]; those of [`Tx::plans_insert`].
    pub async fn plan_update(&self, pass: &Pass, plan: &Plan, items: bool) -> Result<Version, StoreError> {
        let (agency, next) = (pass.agency().uuid(), plan.version.next());
        let updated = plans::Entity::update_many()
            .set(plans::ActiveModel { version: Set(next.get()), ..self.plan_active(plan)? })
            .filter(plans::Column::AgencyId.eq(agency))
            .filter(plans::Column::Id.eq(plan.id.uuid()))
            .filter(plans::Column::Version.eq(plan.version.get()))
            .exec(&self.db)
            .await?;
        if updated.rows_affected == 0 {
            return Err(StoreError::Stale);
        }
        if items {
            self.items_replace(agency, plan).await?;
        }
        Ok(next)
    }

    /// Puts an active version out of use: from here on nothing more is told of it.
    ///
    /// # Errors
    /// [`StoreError::Stale`] when it is not active any more.
    pub async fn plan_supersede(&self, pass: &Pass, old: PlanId) -> Result<(), StoreError> {
        let (agency, old, now) = (pass.agency().uuid(), old.uuid(), self.now());
        let gone = raw_sql!(
            Postgres,
            "UPDATE plans SET state = 'SUPERSEDED', version = version + 1, updated_at = {now}
             WHERE agency_id = {agency} AND id = {old} AND state = 'ACTIVE'"
        );
        if self.db.execute_raw(gone).await?.rows_affected() == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }
}
