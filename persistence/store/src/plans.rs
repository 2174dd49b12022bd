//! Development plans, their items, and what was said and done about them.

use std::collections::{BTreeMap, BTreeSet};

use access::Pass;
use chrono::{DateTime, Utc};
use development::{
    Audience, CreditedClass, GapSnapshot, ItemProgress, ItemState, Offer, Plan, PlanAction, PlanAttachment,
    PlanDraft, PlanItem, PlanItemDraft, PlanOrigin, PlanParty, PlanState, PlanStepTaken,
};
use entities::{plan_comments, plan_items, plan_progress, plan_snapshots, plan_transitions, plans};
use kernel::{
    AuditEventId, Code, EmployeeId, Hundredths, Level, LongText, Name, Nip, Page, PlanCommentId, PlanId,
    PlanItemId, PositionId, UnitId, UserId, Version, wire_enum,
};
use sea_orm::ActiveValue::{NotSet, Set};
use sea_orm::sea_query::{LockType, OnConflict};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, Iterable as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, raw_sql,
};
use uuid::Uuid;

use crate::programmes::{classes_of, families_of};
use crate::rows::{code, known, long_text, name};
use crate::sentence::Sentence;
use crate::{PageRequest, Reader, StoreError, Tx};

wire_enum! {
    /// When the gaps of a snapshot were looked at.
    pub enum SnapshotMoment {
        /// When the plan was made.
        Made = "MADE",
        /// When it was completed.
        Completed = "COMPLETED",
    }
}

wire_enum! {
    /// Against what the gaps of a snapshot were measured.
    pub enum SnapshotAgainst {
        /// The position held then.
        Held = "HELD",
        /// The position aimed at.
        Target = "TARGET",
    }
}

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

/// A step of a plan's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanTransitionRow {
    /// The identifier.
    pub id: Uuid,
    /// The plan.
    pub plan: PlanId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who; none for the system's own work.
    pub user: Option<UserId>,
    /// What was done; `None` for the making of the plan, or when another version took its place.
    pub action: String,
    /// From which state.
    pub from: Option<PlanState>,
    /// To which state.
    pub to: PlanState,
    /// What they were to the plan.
    pub parties: Vec<PlanParty>,
    /// Why they are the superior.
    pub basis: Option<String>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

/// A comment on a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanCommentRow {
    /// The identifier.
    pub id: PlanCommentId,
    /// The plan.
    pub plan: PlanId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who.
    pub user: UserId,
    /// What they are called in the agency.
    pub user_name: Option<Name>,
    /// What they said.
    pub text: LongText,
}

/// The gaps at a moment of a plan's life.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanSnapshotRow {
    /// When.
    pub moment: SnapshotMoment,
    /// Against what.
    pub against: SnapshotAgainst,
    /// The gaps.
    pub snapshot: GapSnapshot,
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

#[derive(FromQueryResult)]
struct CreditedRow {
    plan_id: Uuid,
    programme_id: Uuid,
    class_id: Uuid,
    hundredths: i64,
}

#[derive(FromQueryResult)]
struct CommentRecord {
    #[sea_orm(nested)]
    comment: plan_comments::Model,
    user_name: Option<String>,
}

fn hours(count: i64) -> Result<Hundredths, StoreError> {
    known(u32::try_from(count).ok().map(Hundredths::from_count), "plan_items.jp")
}

fn level(value: i16) -> Result<Level, StoreError> {
    known(Level::new(i64::from(value)), "plan_items.level")
}

fn item(row: plan_items::Model) -> Result<PlanItem, StoreError> {
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

fn item_active(agency: Uuid, plan: PlanId, (ordinal, item): (i32, &PlanItem)) -> plan_items::ActiveModel {
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

fn transition(row: plan_transitions::Model) -> Result<PlanTransitionRow, StoreError> {
    let from = row.from_state.map(|state| known(PlanState::parse(&state), "plan_transitions.from_state"));
    let parties = row.parties.iter().map(|party| known(PlanParty::parse(party), "plan_transitions.parties"));
    Ok(PlanTransitionRow {
        id: row.id,
        plan: row.plan_id.into(),
        at: row.at,
        user: row.user_id.map(UserId::from),
        action: row.action,
        from: from.transpose()?,
        to: known(PlanState::parse(&row.to_state), "plan_transitions.to_state")?,
        parties: parties.collect::<Result<_, _>>()?,
        basis: row.basis,
        reason: row.reason.map(long_text),
    })
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

    /// What the ledger has of classes that were completed in the year of each of these plans, in the order they were held.
    async fn credited(&self, plans: Vec<Uuid>) -> Result<BTreeMap<Uuid, Vec<CreditedClass>>, StoreError> {
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

    /// The steps of a plan's life, oldest first. The caller has found the plan within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_transitions(
        &self,
        id: PlanId,
        page: &PageRequest,
    ) -> Result<Page<PlanTransitionRow>, StoreError> {
        let mut query = plan_transitions::Entity::find()
            .filter(plan_transitions::Column::AgencyId.eq(self.agency()))
            .filter(plan_transitions::Column::PlanId.eq(id.uuid()))
            .order_by_asc(plan_transitions::Column::Id)
            .limit(page.limit.probe());
        if let Some(after) = page.id(0) {
            query = query.filter(plan_transitions::Column::Id.gt(after));
        }
        let rows = query.all(&self.db).await?;
        let rows = rows.into_iter().map(transition).collect::<Result<_, _>>()?;
        Ok(Page::cut(rows, page.limit, |row: &PlanTransitionRow| vec![row.id.to_string()]))
    }

    /// Comments on a plan, oldest first. The caller has found the plan within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_comments(
        &self,
        id: PlanId,
        page: &PageRequest,
    ) -> Result<Page<PlanCommentRow>, StoreError> {
        let (agency, id, after, limit) = (self.agency(), id.uuid(), page.id(0), page.probe());
        let statement = raw_sql!(
            Postgres,
            "SELECT c.*, (SELECT g.name FROM grants g WHERE g.agency_id = c.agency_id AND g.user_id = c.user_id
                          ORDER BY g.granted_at DESC, g.id DESC LIMIT 1) AS user_name
             FROM plan_comments c
             WHERE c.agency_id = {agency} AND c.plan_id = {id} AND ({after}::uuid IS NULL OR c.id > {after})
             ORDER BY c.id LIMIT {limit}"
        );
        let rows = CommentRecord::find_by_statement(statement).all(&self.db).await?;
        let row = |row: CommentRecord| PlanCommentRow {
            id: row.comment.id.into(),
            plan: row.comment.plan_id.into(),
            at: row.comment.at,
            user: row.comment.user_id.into(),
            user_name: row.user_name.map(name),
            text: long_text(row.comment.text),
        };
        let rows = rows.into_iter().map(row).collect();
        Ok(Page::cut(rows, page.limit, |row: &PlanCommentRow| vec![row.id.to_string()]))
    }

    /// The gaps a plan was made from, and those at its completion. The caller has found the plan within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_snapshots(&self, id: PlanId) -> Result<Vec<PlanSnapshotRow>, StoreError> {
        let rows = plan_snapshots::Entity::find()
            .filter(plan_snapshots::Column::AgencyId.eq(self.agency()))
            .filter(plan_snapshots::Column::PlanId.eq(id.uuid()))
            .order_by_desc(plan_snapshots::Column::Moment)
            .order_by_asc(plan_snapshots::Column::Against)
            .all(&self.db)
            .await?;
        let row = |row: plan_snapshots::Model| {
            Ok(PlanSnapshotRow {
                moment: known(SnapshotMoment::parse(&row.moment), "plan_snapshots.moment")?,
                against: known(SnapshotAgainst::parse(&row.against), "plan_snapshots.against")?,
                snapshot: known(serde_json::from_value(row.snapshot).ok(), "plan_snapshots.snapshot")?,
            })
        };
        rows.into_iter().map(row).collect()
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

/// A step to keep.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlanStepDraft {
    /// The plan.
    pub plan: PlanId,
    /// What was done: an action's name, or what the system did.
    pub action: &'static str,
    /// From which state.
    pub from: Option<PlanState>,
    /// To which state.
    pub to: PlanState,
    /// What the user was to the plan.
    pub parties: Vec<PlanParty>,
    /// Why they are the superior.
    pub basis: Option<String>,
    /// Why it was done.
    pub reason: Option<LongText>,
}

impl PlanStepDraft {
    /// The making of a plan.
    #[must_use]
    pub fn made(plan: &Plan, parties: Vec<PlanParty>, reason: Option<LongText>) -> Self {
        Self { plan: plan.id, action: "CREATE", from: None, to: plan.state, parties, basis: None, reason }
    }

    /// What an action did to a plan.
    #[must_use]
    pub fn done(
        plan: PlanId,
        action: PlanAction,
        (from, to): (PlanState, PlanState),
        (parties, basis): (Vec<PlanParty>, Option<String>),
        reason: Option<LongText>,
    ) -> Self {
        Self { plan, action: action.as_str(), from: Some(from), to, parties, basis, reason }
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

    /// Writes the items a plan has now over those it had. An item that stays is changed and never made anew: what was told of
    /// it, and what continues it, refers to it.
    async fn items_replace(&self, agency: Uuid, plan: &Plan) -> Result<(), StoreError> {
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
    async fn items_insert(&self, items: Vec<plan_items::ActiveModel>) -> Result<(), StoreError> {
        for part in items.chunks(1_000) {
            plan_items::Entity::insert_many(part.to_vec()).exec_without_returning(&self.db).await?;
        }
        Ok(())
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

    /// Keeps steps of plans' lives.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_steps(&self, pass: &Pass, steps: &[PlanStepDraft]) -> Result<(), StoreError> {
        let row = |step: &PlanStepDraft| plan_transitions::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(AuditEventId::new().uuid()),
            plan_id: Set(step.plan.uuid()),
            at: Set(self.now()),
            user_id: Set(pass.user().map(UserId::uuid)),
            action: Set(step.action.to_owned()),
            from_state: Set(step.from.map(|state| state.as_str().to_owned())),
            to_state: Set(step.to.as_str().to_owned()),
            parties: Set(step.parties.iter().map(|party| party.as_str().to_owned()).collect()),
            basis: Set(step.basis.clone()),
            reason: Set(step.reason.as_ref().map(ToString::to_string)),
        };
        for part in steps.chunks(1_000) {
            plan_transitions::Entity::insert_many(part.iter().map(row))
                .exec_without_returning(&self.db)
                .await?;
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

    /// Adds a comment.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_comment_insert(
        &self,
        pass: &Pass,
        (plan, id): (PlanId, PlanCommentId),
        text: &LongText,
    ) -> Result<(), StoreError> {
        let user = known(pass.user(), "plan_comments.user_id")?;
        let row = plan_comments::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(id.uuid()),
            plan_id: Set(plan.uuid()),
            at: Set(self.now()),
            user_id: Set(user.uuid()),
            text: Set(text.to_string()),
        };
        plan_comments::Entity::insert(row).exec_without_returning(&self.db).await?;
        Ok(())
    }

    /// Keeps gaps with plans. What was seen of the same position before stays as it was seen.
    ///
    /// # Errors
    /// The database's.
    pub async fn plan_snapshots_insert(
        &self,
        pass: &Pass,
        moment: SnapshotMoment,
        all: &[(PlanId, SnapshotAgainst, GapSnapshot)],
    ) -> Result<(), StoreError> {
        let mut rows = Vec::with_capacity(all.len());
        for (plan, against, snapshot) in all {
            rows.push(plan_snapshots::ActiveModel {
                agency_id: Set(pass.agency().uuid()),
                plan_id: Set(plan.uuid()),
                moment: Set(moment.as_str().to_owned()),
                against: Set(against.as_str().to_owned()),
                snapshot: Set(known(serde_json::to_value(snapshot).ok(), "plan_snapshots.snapshot")?),
                position_id: NotSet,
            });
        }
        if !rows.is_empty() {
            use plan_snapshots::Column as C;
            let key = [C::AgencyId, C::PlanId, C::Moment, C::Against, C::PositionId];
            let there = OnConflict::columns(key).do_nothing().to_owned();
            plan_snapshots::Entity::insert_many(rows)
                .on_conflict(there)
                .exec_without_returning(&self.db)
                .await?;
        }
        Ok(())
    }
}
