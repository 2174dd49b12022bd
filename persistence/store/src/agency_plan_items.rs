//! The items of an agency plan, with the people they are for.

use std::collections::BTreeMap;

use access::Pass;
use chrono::NaiveDate;
use development::{
    AgencyPlanItem, AgencyPlanItemDraft, AgencyPlanOrigin, AgencyPlanOriginKind, Fund, OfferStep, PlanOffer,
    PlanStepTaken, PlanTarget, Price,
};
use kernel::{
    AgencyPlanId, AgencyPlanItemId, BudgetLineId, ClassId, Code, EmployeeId, Hundredths, Name, Nip, Page,
    PartnerId, ProgrammeId, Rupiah,
};
use sea_orm::{ConnectionTrait as _, FromQueryResult, raw_sql};
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::agency_plans::{pair, read};
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

/// Items of one statement.
const ITEMS_AT_ONCE: usize = 500;

/// An item with the names a reader needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgencyPlanItemRow {
    /// The plan.
    pub plan: AgencyPlanId,
    /// The item.
    pub item: AgencyPlanItem,
    /// Its place among the plan's items.
    pub ordinal: i32,
    /// Code and name of its programme.
    pub programme: Option<(Code, Name)>,
    /// Code of its class.
    pub class_code: Option<Code>,
    /// What its provider is called.
    pub provider: Option<Name>,
    /// What the competent agency is called.
    pub curriculum_owner: Option<Name>,
    /// The types of competency it serves: codes of families.
    pub families: Vec<Code>,
}

/// Somebody an item is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTargetName {
    /// Who.
    pub employee: EmployeeId,
    /// Identity number.
    pub nip: Nip,
    /// Name.
    pub name: Name,
}

#[derive(FromQueryResult)]
struct ItemRow {
    plan_id: Uuid,
    id: Uuid,
    ordinal: i32,
    programme_id: Option<Uuid>,
    class_id: Option<Uuid>,
    title: Option<String>,
    form: Option<String>,
    provider_id: Option<Uuid>,
    starts_on: Option<NaiveDate>,
    ends_on: Option<NaiveDate>,
    curriculum_owner_id: Option<Uuid>,
    curriculum: Option<String>,
    jp: Option<i32>,
    price_per_participant: Option<i64>,
    price_per_class: Option<i64>,
    note: Option<String>,
    origin: String,
    scenario_id: Option<Uuid>,
    carried_plan_id: Option<Uuid>,
    carried_item_id: Option<Uuid>,
    programme_code: Option<String>,
    programme_name: Option<String>,
    withdrawn: bool,
    offer_name: Option<String>,
    offer_form: Option<String>,
    offer_provider: Option<Uuid>,
    offer_owner: Option<Uuid>,
    offer_jp: Option<i32>,
    offer_each: Option<i64>,
    offer_whole: Option<i64>,
    offer_steps: Value,
    class_code: Option<String>,
    seats: Option<i32>,
    class_cancelled: Option<bool>,
    first_on: Option<NaiveDate>,
    last_on: Option<NaiveDate>,
    provider_name: Option<String>,
    owner_name: Option<String>,
    families: Vec<String>,
    funds: Value,
    targets: Value,
}

#[derive(FromQueryResult)]
struct TargetName {
    id: Uuid,
    nip: String,
    name: String,
}

#[derive(Deserialize)]
struct FundJson {
    line: BudgetLineId,
    amount: Option<Rupiah>,
}

#[derive(Deserialize)]
struct TargetJson {
    employee: EmployeeId,
    steps: Vec<PlanStepTaken>,
}

fn hours(count: Option<i32>) -> Result<Option<Hundredths>, StoreError> {
    let of =
        |count: i32| known(u32::try_from(count).ok().map(Hundredths::from_count), "agency_plan_items.jp");
    count.map(of).transpose()
}

fn origin(row: &ItemRow) -> Result<AgencyPlanOrigin, StoreError> {
    let kind = known(AgencyPlanOriginKind::parse(&row.origin), "agency_plan_items.origin")?;
    let found = match kind {
        AgencyPlanOriginKind::Manual => Some(AgencyPlanOrigin::Manual),
        AgencyPlanOriginKind::Scenario => row.scenario_id.map(AgencyPlanOrigin::Scenario),
        AgencyPlanOriginKind::CarriedOver => row
            .carried_plan_id
            .zip(row.carried_item_id)
            .map(|(plan, item)| AgencyPlanOrigin::CarriedOver { plan: plan.into(), item: item.into() }),
    };
    known(found, "agency_plan_items.origin")
}

fn item_row(row: ItemRow) -> Result<AgencyPlanItemRow, StoreError> {
    let origin = origin(&row)?;
    let steps: Vec<OfferStep> = read(row.offer_steps, "programme_steps")?;
    let funds: Vec<FundJson> = read(row.funds, "agency_plan_funds")?;
    let targets: Vec<TargetJson> = read(row.targets, "agency_plan_targets")?;
    let programme = pair(row.programme_code, row.programme_name);
    let seats = row.seats.map(|seats| known(u32::try_from(seats).ok(), "classes.seats")).transpose()?;
    let item = AgencyPlanItem {
        id: row.id.into(),
        said: AgencyPlanItemDraft {
            programme: row.programme_id.map(ProgrammeId::from),
            class: row.class_id.map(ClassId::from),
            title: row.title.map(name),
            form: row.form.map(code),
            provider: row.provider_id.map(PartnerId::from),
            days: row.starts_on.zip(row.ends_on),
            curriculum_owner: row.curriculum_owner_id.map(PartnerId::from),
            curriculum: row.curriculum.map(long_text),
            jp: hours(row.jp)?,
            price: Price {
                per_participant: row.price_per_participant.map(Rupiah::stored),
                per_class: row.price_per_class.map(Rupiah::stored),
            },
            funds: funds.into_iter().map(|FundJson { line, amount }| Fund { line, amount }).collect(),
            targets: targets
                .into_iter()
                .map(|TargetJson { employee, steps }| PlanTarget { employee, steps })
                .collect(),
            note: row.note.map(long_text),
        },
        offer: PlanOffer {
            name: row.offer_name.map(name),
            form: row.offer_form.map(code),
            provider: row.offer_provider.map(PartnerId::from),
            curriculum_owner: row.offer_owner.map(PartnerId::from),
            jp: hours(row.offer_jp)?,
            price: Price {
                per_participant: row.offer_each.map(Rupiah::stored),
                per_class: row.offer_whole.map(Rupiah::stored),
            },
            steps,
            days: row.first_on.zip(row.last_on),
            seats,
            cancelled: row.class_cancelled.unwrap_or_default(),
            withdrawn: row.withdrawn,
        },
        origin,
    };
    Ok(AgencyPlanItemRow {
        plan: row.plan_id.into(),
        item,
        ordinal: row.ordinal,
        programme,
        class_code: row.class_code.map(code),
        provider: row.provider_name.map(name),
        curriculum_owner: row.owner_name.map(name),
        families: row.families.into_iter().map(code).collect(),
    })
}

impl Reader<'_> {
    /// One item of a plan. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_item(
        &self,
        plan: AgencyPlanId,
        id: AgencyPlanItemId,
    ) -> Result<Option<AgencyPlanItemRow>, StoreError> {
        let mut sentence = self.agency_plan_item_sentence(plan);
        sentence.push(" AND i.id = {}", [id.uuid().into()]);
        ItemRow::find_by_statement(sentence.finish()).one(&self.db).await?.map(item_row).transpose()
    }

    /// Items of a plan, in order. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_items(
        &self,
        plan: AgencyPlanId,
        page: &PageRequest,
    ) -> Result<Page<AgencyPlanItemRow>, StoreError> {
        let mut sentence = self.agency_plan_item_sentence(plan);
        let after: Option<i32> = page.key(0).and_then(|key| key.parse().ok());
        sentence.maybe(" AND i.ordinal > {}", after);
        sentence.push(" ORDER BY i.ordinal LIMIT {}", [page.probe().into()]);
        let rows = ItemRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        let rows = rows.into_iter().map(item_row).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &AgencyPlanItemRow| vec![row.ordinal.to_string()]))
    }

    /// All items of a plan, in order. The caller has found the plan.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_items_all(
        &self,
        plan: AgencyPlanId,
    ) -> Result<Vec<AgencyPlanItemRow>, StoreError> {
        let mut sentence = self.agency_plan_item_sentence(plan);
        sentence.push(" ORDER BY i.ordinal", []);
        let rows = ItemRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(item_row).collect()
    }

    fn agency_plan_item_sentence(&self, plan: AgencyPlanId) -> Sentence {
        Sentence::new(
            "SELECT i.*, g.code AS programme_code, g.name AS programme_name, coalesce(g.state <> 'PUBLISHED', false) AS withdrawn,
                    f.offer ->> 'name' AS offer_name, f.offer ->> 'form' AS offer_form,
                    (f.offer ->> 'provider')::uuid AS offer_provider, (f.offer ->> 'owner')::uuid AS offer_owner,
                    (f.offer ->> 'jp')::integer AS offer_jp, (f.offer ->> 'each')::bigint AS offer_each,
                    (f.offer ->> 'whole')::bigint AS offer_whole, f.offer -> 'steps' AS offer_steps,
                    (f.offer ->> 'first')::date AS first_on, (f.offer ->> 'last')::date AS last_on,
                    k.code AS class_code, k.seats, k.state = 'CANCELLED' AS class_cancelled,
                    pr.name AS provider_name, co.name AS owner_name,
                    ARRAY(SELECT DISTINCT x.family
                          FROM (SELECT s.competency_agency, s.competency
                                FROM jsonb_to_recordset(f.offer -> 'steps') AS s(competency_agency uuid, competency uuid)
                                UNION
                                SELECT s.competency_agency_id, s.competency_id FROM agency_plan_steps s
                                WHERE s.agency_id = i.agency_id AND s.plan_id = i.plan_id AND s.item_id = i.id) c
                          CROSS JOIN LATERAL (
                            SELECT x.family FROM competency_contents x
                            JOIN dictionary_versions v ON v.agency_id = x.agency_id AND v.id = x.dictionary_version_id
                            WHERE x.agency_id = c.competency_agency AND x.competency_id = c.competency
                            ORDER BY v.published_at IS NULL, v.number DESC LIMIT 1) x
                          ORDER BY 1) AS families,
                    (SELECT coalesce(jsonb_agg(jsonb_build_object('line', f.line_id, 'amount', f.amount) ORDER BY f.ordinal),
                            '[]')
                     FROM agency_plan_funds f
                     WHERE f.agency_id = i.agency_id AND f.plan_id = i.plan_id AND f.item_id = i.id) AS funds,
                    (SELECT coalesce(jsonb_agg(jsonb_build_object('employee', t.employee_id, 'steps', (
                            SELECT coalesce(jsonb_agg(jsonb_build_object('competency_agency', s.competency_agency_id,
                                'competency', s.competency_id, 'from', s.level_from, 'to', s.level_to) ORDER BY s.ordinal), '[]')
                            FROM agency_plan_steps s
                            WHERE s.agency_id = t.agency_id AND s.plan_id = t.plan_id AND s.item_id = t.item_id
                              AND s.employee_id = t.employee_id)) ORDER BY t.ordinal), '[]')
                     FROM agency_plan_targets t
                     WHERE t.agency_id = i.agency_id AND t.plan_id = i.plan_id AND t.item_id = i.id) AS targets
             FROM agency_plan_items i
             CROSS JOIN LATERAL (SELECT agency_plan_offer(i) AS offer OFFSET 0) f
             LEFT JOIN programmes g ON g.agency_id = i.agency_id AND g.id = i.programme_id
             LEFT JOIN classes k ON k.agency_id = i.agency_id AND k.id = i.class_id
             LEFT JOIN partners pr ON pr.agency_id = i.agency_id
                AND pr.id = coalesce(i.provider_id, (f.offer ->> 'provider')::uuid)
             LEFT JOIN partners co ON co.agency_id = i.agency_id
                AND co.id = coalesce(i.curriculum_owner_id, (f.offer ->> 'owner')::uuid)
             WHERE i.agency_id = $1 AND i.plan_id = $2",
            [self.agency().into(), plan.uuid().into()],
        )
    }

    /// What these people are called.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_target_names(
        &self,
        people: &[EmployeeId],
    ) -> Result<BTreeMap<EmployeeId, PlanTargetName>, StoreError> {
        let (agency, ids): (_, Vec<Uuid>) = (self.agency(), people.iter().map(|id| id.uuid()).collect());
        let statement = raw_sql!(
            Postgres,
            "SELECT id, nip, name FROM employees WHERE agency_id = {agency} AND id = ANY ({ids})"
        );
        let rows = TargetName::find_by_statement(statement).all(&self.db).await?;
        let row = |row: TargetName| {
            let employee = EmployeeId::from(row.id);
            (employee, PlanTargetName { employee, nip: Nip::stored(row.nip), name: name(row.name) })
        };
        Ok(rows.into_iter().map(row).collect())
    }
}

impl Tx<'_> {
    /// Puts items into a draft: one that is there already is replaced in its place, others come last, in this order.
    ///
    /// # Errors
    /// `Missing` of what an item refers to.
    pub async fn agency_plan_items_put(
        &self,
        pass: &Pass,
        plan: AgencyPlanId,
        items: &[AgencyPlanItem],
    ) -> Result<(), StoreError> {
        for part in items.chunks(ITEMS_AT_ONCE) {
            self.items_part(pass, plan, part).await?;
        }
        Ok(())
    }

    async fn items_part(
        &self,
        pass: &Pass,
        plan: AgencyPlanId,
        items: &[AgencyPlanItem],
    ) -> Result<(), StoreError> {
        let (agency, plan) = (pass.agency().uuid(), plan.uuid());
        let rows: Value = (1..).zip(items).map(item_json).collect();
        // A row that stays keeps its place; what hangs below it is made anew.
        let written = raw_sql!(
            Postgres,
            "INSERT INTO agency_plan_items (agency_id, plan_id, id, ordinal, programme_id, class_id, title, form, provider_id,
                starts_on, ends_on, curriculum_owner_id, curriculum, jp, price_per_participant, price_per_class, note, origin,
                scenario_id, carried_plan_id, carried_item_id)
             SELECT {agency}, {plan}, i.id, i.ordinal + (
                    SELECT coalesce(max(o.ordinal), 0) FROM agency_plan_items o
                    WHERE o.agency_id = {agency} AND o.plan_id = {plan}), i.programme_id, i.class_id, i.title, i.form,
                i.provider_id, i.starts_on, i.ends_on, i.curriculum_owner_id, i.curriculum, i.jp, i.price_per_participant,
                i.price_per_class, i.note, i.origin, i.scenario_id, i.carried_plan_id, i.carried_item_id
             FROM jsonb_to_recordset({rows}::jsonb) AS i(id uuid, ordinal integer, programme_id uuid, class_id uuid, title text,
                form text, provider_id uuid, starts_on date, ends_on date, curriculum_owner_id uuid, curriculum text, jp integer,
                price_per_participant bigint, price_per_class bigint, note text, origin text, scenario_id uuid,
                carried_plan_id uuid, carried_item_id uuid)
             ON CONFLICT ON CONSTRAINT pk_agency_plan_items DO UPDATE
             SET programme_id = excluded.programme_id, class_id = excluded.class_id, title = excluded.title,
                 form = excluded.form, provider_id = excluded.provider_id, starts_on = excluded.starts_on,
                 ends_on = excluded.ends_on, curriculum_owner_id = excluded.curriculum_owner_id,
                 curriculum = excluded.curriculum, jp = excluded.jp,
                 price_per_participant = excluded.price_per_participant, price_per_class = excluded.price_per_class,
                 note = excluded.note, origin = excluded.origin, scenario_id = excluded.scenario_id,
                 carried_plan_id = excluded.carried_plan_id, carried_item_id = excluded.carried_item_id"
        );
        self.db.execute_raw(written).await?;
        let ids: Vec<Uuid> = items.iter().map(|item| item.id.uuid()).collect();
        let (funds, targets) = (ids.clone(), ids);
        let no_funds = raw_sql!(
            Postgres,
            "DELETE FROM agency_plan_funds
             WHERE agency_id = {agency} AND plan_id = {plan} AND item_id = ANY ({funds})"
        );
        self.db.execute_raw(no_funds).await?;
        let no_targets = raw_sql!(
            Postgres,
            "DELETE FROM agency_plan_targets
             WHERE agency_id = {agency} AND plan_id = {plan} AND item_id = ANY ({targets})"
        );
        self.db.execute_raw(no_targets).await?;
        let paid = raw_sql!(
            Postgres,
            "INSERT INTO agency_plan_funds (agency_id, plan_id, item_id, line_id, ordinal, amount)
             SELECT {agency}, {plan}, i.id, (f.fund ->> 'line')::uuid, f.ordinal, (f.fund ->> 'amount')::bigint
             FROM jsonb_to_recordset({rows}::jsonb) AS i(id uuid, funds jsonb)
             CROSS JOIN LATERAL jsonb_array_elements(i.funds) WITH ORDINALITY f (fund, ordinal)"
        );
        self.db.execute_raw(paid).await?;
        let meant = raw_sql!(
            Postgres,
            "INSERT INTO agency_plan_targets (agency_id, plan_id, item_id, employee_id, ordinal)
             SELECT {agency}, {plan}, i.id, (t.target ->> 'employee')::uuid, t.ordinal
             FROM jsonb_to_recordset({rows}::jsonb) AS i(id uuid, targets jsonb)
             CROSS JOIN LATERAL jsonb_array_elements(i.targets) WITH ORDINALITY t (target, ordinal)"
        );
        self.db.execute_raw(meant).await?;
        let steps = raw_sql!(
            Postgres,
            "INSERT INTO agency_plan_steps (agency_id, plan_id, item_id, employee_id, competency_id, competency_agency_id,
                ordinal, level_from, level_to)
             SELECT {agency}, {plan}, i.id, (t.target ->> 'employee')::uuid, (s.step ->> 'competency')::uuid,
                    (s.step ->> 'competency_agency')::uuid, s.ordinal, (s.step ->> 'from')::smallint,
                    (s.step ->> 'to')::smallint
             FROM jsonb_to_recordset({rows}::jsonb) AS i(id uuid, targets jsonb)
             CROSS JOIN LATERAL jsonb_array_elements(i.targets) t (target)
             CROSS JOIN LATERAL jsonb_array_elements(t.target -> 'steps') WITH ORDINALITY s (step, ordinal)"
        );
        self.db.execute_raw(steps).await?;
        Ok(())
    }

    /// Replaces all items of a draft: what takes a scenario over needs no more.
    ///
    /// # Errors
    /// Those of [`Tx::agency_plan_items_put`].
    pub async fn agency_plan_items_replace(
        &self,
        pass: &Pass,
        plan: AgencyPlanId,
        items: &[AgencyPlanItem],
    ) -> Result<(), StoreError> {
        let (agency, id) = (pass.agency().uuid(), plan.uuid());
        let gone =
            raw_sql!(Postgres, "DELETE FROM agency_plan_items WHERE agency_id = {agency} AND plan_id = {id}");
        self.db.execute_raw(gone).await?;
        self.agency_plan_items_put(pass, plan, items).await
    }

    /// Takes an item out of a draft.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_item_delete(
        &self,
        pass: &Pass,
        plan: AgencyPlanId,
        item: AgencyPlanItemId,
    ) -> Result<(), StoreError> {
        let (agency, plan, item) = (pass.agency().uuid(), plan.uuid(), item.uuid());
        let gone = raw_sql!(
            Postgres,
            "DELETE FROM agency_plan_items WHERE agency_id = {agency} AND plan_id = {plan} AND id = {item}"
        );
        self.db.execute_raw(gone).await?;
        Ok(())
    }

    /// Keeps what programmes and classes say with the items of a draft that is about to be submitted.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_offers_keep(&self, pass: &Pass, plan: AgencyPlanId) -> Result<(), StoreError> {
        let (agency, plan) = (pass.agency().uuid(), plan.uuid());
        let kept = raw_sql!(
            Postgres,
            "UPDATE agency_plan_items i SET offer = agency_plan_offer(i)
             WHERE i.agency_id = {agency} AND i.plan_id = {plan}"
        );
        self.db.execute_raw(kept).await?;
        Ok(())
    }

    /// Lets the items of a plan that is drawn up again follow their programmes and classes.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_offers_forget(&self, pass: &Pass, plan: AgencyPlanId) -> Result<(), StoreError> {
        let (agency, plan) = (pass.agency().uuid(), plan.uuid());
        let forgotten = raw_sql!(
            Postgres,
            "UPDATE agency_plan_items SET offer = NULL WHERE agency_id = {agency} AND plan_id = {plan}"
        );
        self.db.execute_raw(forgotten).await?;
        Ok(())
    }

    /// Copies lines and items of one version into another, identifiers and all. What programmes and classes say is not copied:
    /// the copy follows them until it is submitted.
    ///
    /// # Errors
    /// The database's.
    pub async fn agency_plan_copy(
        &self,
        pass: &Pass,
        from: AgencyPlanId,
        to: AgencyPlanId,
    ) -> Result<(), StoreError> {
        let (agency, from, to) = (pass.agency().uuid(), from.uuid(), to.uuid());
        let tables = [
            ("agency_plan_budget_lines", "id, ordinal, code, name, source, unit_id, amount"),
            (
                "agency_plan_items",
                "id, ordinal, programme_id, class_id, title, form, provider_id, starts_on, ends_on, curriculum_owner_id,
                 curriculum, jp, price_per_participant, price_per_class, note, origin, scenario_id, carried_plan_id,
                 carried_item_id",
            ),
            ("agency_plan_funds", "item_id, line_id, ordinal, amount"),
            ("agency_plan_targets", "item_id, employee_id, ordinal"),
            (
                "agency_plan_steps",
                "item_id, employee_id, competency_id, competency_agency_id, ordinal, level_from, level_to",
            ),
        ];
        for (table, columns) in tables {
            let text = format!(
                "INSERT INTO {table} (agency_id, plan_id, {columns})
                 SELECT agency_id, $3, {columns} FROM {table} WHERE agency_id = $1 AND plan_id = $2"
            );
            let sentence = Sentence::new(&text, [agency.into(), from.into(), to.into()]);
            self.db.execute_raw(sentence.finish()).await?;
        }
        Ok(())
    }
}

/// An item as a statement takes it.
fn item_json((ordinal, item): (i32, &AgencyPlanItem)) -> Value {
    let AgencyPlanItem { id, said, offer: _, origin } = item;
    let AgencyPlanItemDraft {
        programme,
        class,
        title,
        form,
        provider,
        days,
        curriculum_owner,
        curriculum,
        jp,
        price,
        funds,
        targets,
        note,
    } = said;
    let (scenario, carried_plan, carried_item) = match *origin {
        AgencyPlanOrigin::Manual => (None, None, None),
        AgencyPlanOrigin::Scenario(id) => (Some(id), None, None),
        AgencyPlanOrigin::CarriedOver { plan, item } => (None, Some(plan), Some(item)),
    };
    let fund = |fund: &Fund| json!({"line": fund.line, "amount": fund.amount});
    let target = |target: &PlanTarget| json!({"employee": target.employee, "steps": target.steps});
    json!({
        "id": id, "ordinal": ordinal, "programme_id": programme, "class_id": class, "title": title, "form": form,
        "provider_id": provider, "starts_on": days.map(|(first, _)| first), "ends_on": days.map(|(_, last)| last),
        "curriculum_owner_id": curriculum_owner, "curriculum": curriculum, "jp": jp.map(Hundredths::count),
        "price_per_participant": price.per_participant, "price_per_class": price.per_class, "note": note,
        "origin": origin.kind(), "scenario_id": scenario, "carried_plan_id": carried_plan,
        "carried_item_id": carried_item, "funds": funds.iter().map(fund).collect::<Vec<_>>(),
        "targets": targets.iter().map(target).collect::<Vec<_>>(),
    })
}
