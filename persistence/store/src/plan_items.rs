//! The items of development plans, and what was told of them.

use std::collections::BTreeMap;

use access::Pass;
use development::{
    CreditedClass, ItemProgress, ItemState, Plan, PlanItem, PlanItemDraft, PlanOrigin, PlanStepTaken,
};
use entities::{plan_items, plan_progress};
use kernel::{AuditEventId, Code, EmployeeId, Hundredths, Level, LongText, Name, PlanId, PlanItemId, UserId};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, Iterable as _,
    QueryFilter as _, QuerySelect as _, raw_sql,
};
use uuid::Uuid;

use crate::rows::{code, known, long_text, name};
use crate::{Reader, StoreError, Tx};

/// What an item refers to, as it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PlanItemNames {
    /// Code and name of the competency.
    pub competency: Option<(Code, Name)>,
    /// Code and name of the programme.
    pub programme: Option<(Code, Name)>,
    /// The mentor's name.
    pub mentor: Option<Name>,
}

#[derive(FromQueryResult)]
struct CreditedRow {
    plan_id: Uuid,
    programme_id: Uuid,
    class_id: Uuid,
    hundredths: i64,
}

fn hours(count: i64) -> Result<Hundredths, StoreError> {
    known(u32::try_from(count).ok().map(Hundredths::from_count), "plan_items.jp")
}

pub(crate) fn level(value: i16) -> Result<Level, StoreError> {
    known(Level::new(i64::from(value)), "plan_items.level")
}

pub(crate) fn item(row: plan_items::Model) -> Result<PlanItem, StoreError> {
    let step = match (row.competency_agency_id, row.competency_id, row.level_to) {
        (Some(agency), Some(competency), Some(to)) => Some(PlanStepTaken {
            competency_agency: agency.into(),
            competency: competency.into(),
            from: row.level_from.map(level).transpose()?,
            to: level(to)?,
        }),
        _ => None,
    };
    Ok(PlanItem {
        id: row.id.into(),
        line: row.line_id,
        said: PlanItemDraft {
            step,
            programme: row.programme_id,
            class: row.class_id,
            form: code(row.form),
            title: name(row.title),
            jp: hours(row.jp)?,
            cost: row.cost,
            budget: row.budget.map(name),
            starts_on: row.starts_on,
            due_on: row.due_on,
            mentor: row.mentor_id.map(EmployeeId::from),
            evidence: row.evidence.map(long_text),
            origin: known(PlanOrigin::parse(&row.origin), "plan_items.origin")?,
        },
        carried_from: row.carried_from_id.map(PlanItemId::from),
        template_item: row.template_item_id,
        progress: ItemProgress {
            state: known(ItemState::parse(&row.state), "plan_items.state")?,
            percent: known(u8::try_from(row.percent).ok(), "plan_items.percent")?,
            jp: hours(row.jp_earned)?,
            credited: row.jp_credited.map(hours).transpose()?,
            committed: row.committed,
            realised: row.realised,
            evidence: row.progress_evidence.map(name),
            note: row.progress_note.map(long_text),
        },
    })
}

pub(crate) fn item_active(
    agency: Uuid,
    plan: PlanId,
    (ordinal, item): (i32, &PlanItem),
) -> plan_items::ActiveModel {
    let PlanItem { id, line, said, carried_from, template_item, progress } = item.clone();
    let PlanItemDraft {
        step,
        programme,
        class,
        form,
        title,
        jp,
        cost,
        budget,
        starts_on,
        due_on,
        mentor,
        evidence,
        origin,
    } = said;
    plan_items::ActiveModel {
        agency_id: Set(agency),
        id: Set(id.uuid()),
        plan_id: Set(plan.uuid()),
        line_id: Set(line),
        ordinal: Set(ordinal),
        competency_agency_id: Set(step.map(|step| step.competency_agency.uuid())),
        competency_id: Set(step.map(|step| step.competency.uuid())),
        level_from: Set(step.and_then(|step| step.from).map(|level| i16::from(level.get()))),
        level_to: Set(step.map(|step| i16::from(step.to.get()))),
        programme_id: Set(programme),
        class_id: Set(class),
        form: Set(form.into_string()),
        title: Set(title.into_string()),
        jp: Set(i64::from(jp.count())),
        cost: Set(cost),
        budget: Set(budget.map(Name::into_string)),
        starts_on: Set(starts_on),
        due_on: Set(due_on),
        mentor_id: Set(mentor.map(EmployeeId::uuid)),
        evidence: Set(evidence.map(LongText::into_string)),
        origin: Set(origin.as_str().to_owned()),
        carried_from_id: Set(carried_from.map(PlanItemId::uuid)),
        template_item_id: Set(template_item),
        state: Set(progress.state.as_str().to_owned()),
        percent: Set(i16::from(progress.percent)),
        jp_earned: Set(i64::from(progress.jp.count())),
        // Read from the ledger until the plan is over: see `Tx::plan_credits_keep`.
        jp_credited: Set(None),
        committed: Set(progress.committed),
        realised: Set(progress.realised),
        progress_evidence: Set(progress.evidence.map(Name::into_string)),
        progress_note: Set(progress.note.map(LongText::into_string)),
    }
}

impl Reader<'_> {
    /// What the ledger has of classes that were completed in the year of each of these plans, in the order they were held.
    pub(crate) async fn credited(
        &self,
        plans: Vec<Uuid>,
    ) -> Result<BTreeMap<Uuid, Vec<CreditedClass>>, StoreError> {
        let mut of_plan: BTreeMap<Uuid, Vec<CreditedClass>> = BTreeMap::new();
        if plans.is_empty() {
            return Ok(of_plan);
        }
        let agency = self.agency();
        let statement = raw_sql!(
            Postgres,
            "SELECT p.id AS plan_id, k.programme_id, k.id AS class_id, sum(j.hundredths)::bigint AS hundredths
             FROM plans p
             JOIN jp_entries j ON j.agency_id = p.agency_id AND j.employee_id = p.employee_id AND j.source = 'COMPLETION'
                AND j.earned_on BETWEEN make_date(p.year, 1, 1) AND make_date(p.year, 12, 31)
             JOIN certificates c ON c.agency_id = j.agency_id AND c.id = j.source_id
             JOIN classes k ON k.agency_id = c.agency_id AND k.id = c.class_id
             WHERE p.agency_id = {agency} AND p.id = ANY ({plans})
             GROUP BY p.id, k.programme_id, k.id, k.starts_at
             ORDER BY p.id, k.starts_at, k.id"
        );
        for row in CreditedRow::find_by_statement(statement).all(&self.db).await? {
            let jp = hours(row.hundredths.max(0))?;
            let one = CreditedClass { programme: row.programme_id, class: row.class_id, jp };
            of_plan.entry(row.plan_id).or_default().push(one);
        }
        Ok(of_plan)
    }

    /// The lines that items belong to through the versions of their plans. The caller has found the plans within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_lines(
        &self,
        items: impl IntoIterator<Item = PlanItemId>,
    ) -> Result<BTreeMap<PlanItemId, Uuid>, StoreError> {
        use plan_items::Column as C;
        let ids: Vec<Uuid> = items.into_iter().map(PlanItemId::uuid).collect();
        let rows: Vec<(Uuid, Uuid)> = plan_items::Entity::find()
            .select_only()
            .columns([C::Id, C::LineId])
            .filter(C::AgencyId.eq(self.agency()))
            .filter(C::Id.is_in(ids))
            .into_tuple()
            .all(&self.db)
            .await?;
        Ok(rows.into_iter().map(|(id, line)| (id.into(), line)).collect())
    }
}

impl Tx<'_> {
    /// Writes the items a plan has now over those it had. An item that stays is changed and never made anew: what was told of
    /// it, and what continues it, refers to it.
    pub(crate) async fn items_replace(&self, agency: Uuid, plan: &Plan) -> Result<(), StoreError> {
        let id = plan.id.uuid();
        let kept: Vec<Uuid> = plan.said.items.iter().map(|item| item.id.uuid()).collect();
        let gone = raw_sql!(
            Postgres,
            "DELETE FROM plan_items WHERE agency_id = {agency} AND plan_id = {id} AND NOT id = ANY ({kept})"
        );
        self.db.execute_raw(gone).await?;
        // Out of the way of the places that are given below.
        let aside = raw_sql!(
            Postgres,
            "UPDATE plan_items SET ordinal = -ordinal WHERE agency_id = {agency} AND plan_id = {id}"
        );
        self.db.execute_raw(aside).await?;
        use plan_items::Column as C;
        let rows: Vec<_> = (1..).zip(&plan.said.items).map(|one| item_active(agency, plan.id, one)).collect();
        if rows.is_empty() {
            return Ok(());
        }
        let said = C::iter().filter(|column| !matches!(column, C::AgencyId | C::Id | C::PlanId | C::LineId));
        let over = OnConflict::columns([C::AgencyId, C::Id]).update_columns(said).to_owned();
        plan_items::Entity::insert_many(rows).on_conflict(over).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Below the bound on parameters of one statement.
    pub(crate) async fn items_insert(&self, items: Vec<plan_items::ActiveModel>) -> Result<(), StoreError> {
        for part in items.chunks(1_000) {
            plan_items::Entity::insert_many(part.to_vec()).exec_without_returning(&self.db).await?;
        }
        Ok(())
    }

    /// Keeps with the items of a plan that is about to be over what the ledger has for them: what is taken back or added there
    /// later changes it no more.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_credits_keep(&self, pass: &Pass, plan: &Plan) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), plan.id.uuid());
        let credited =
            plan.said.items.iter().filter_map(|item| Some((item.id.uuid(), item.progress.credited?)));
        let (items, hours): (Vec<Uuid>, Vec<i64>) =
            credited.map(|(item, jp)| (item, i64::from(jp.count()))).unzip();
        if items.is_empty() {
            return Ok(());
        }
        let kept = raw_sql!(
            Postgres,
            "UPDATE plan_items i SET jp_credited = c.jp
             FROM unnest({items}::uuid[], {hours}::bigint[]) AS c (id, jp)
             WHERE i.agency_id = {agency} AND i.plan_id = {id} AND i.id = c.id"
        );
        self.db.execute_raw(kept).await?;
        Ok(())
    }

    /// Keeps what was told of an item; the item itself is written with [`Tx::plan_progress_put`].
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_progress_put(
        &self,
        pass: &Pass,
        plan: PlanId,
        item: PlanItemId,
        progress: &ItemProgress,
    ) -> Result<(), StoreError> {
        let ItemProgress { state, percent, jp, credited: _, committed, realised, evidence, note } =
            progress.clone();
        let (evidence, note) = (evidence.map(Name::into_string), note.map(LongText::into_string));
        let (state, percent, jp) = (state.as_str().to_owned(), i16::from(percent), i64::from(jp.count()));
        plan_items::Entity::update_many()
            .set(plan_items::ActiveModel {
                state: Set(state.clone()),
                percent: Set(percent),
                jp_earned: Set(jp),
                committed: Set(committed),
                realised: Set(realised),
                progress_evidence: Set(evidence.clone()),
                progress_note: Set(note.clone()),
                ..Default::default()
            })
            .filter(plan_items::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(plan_items::Column::PlanId.eq(plan.uuid()))
            .filter(plan_items::Column::Id.eq(item.uuid()))
            .exec(&self.db)
            .await?;
        let row = plan_progress::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(AuditEventId::new().uuid()),
            plan_id: Set(plan.uuid()),
            item_id: Set(item.uuid()),
            at: Set(self.now()),
            user_id: Set(pass.user().map(UserId::uuid)),
            state: Set(state),
            percent: Set(percent),
            jp_earned: Set(jp),
            committed: Set(committed),
            realised: Set(realised),
            evidence: Set(evidence),
            note: Set(note),
        };
        plan_progress::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }
}
