//! Civil servants. What a person's record says is read only for people the scope reaches.

use std::collections::BTreeSet;

use access::Pass;
use chrono::NaiveDate;
use entities::access_records;
use entities::employees::{self, Column};
use kernel::{EmployeeId, Name, Nip, Page, PositionId, UnitId, Version};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _,
    QuerySelect as _, Value,
};
use uuid::Uuid;
use workforce::{ChainLink, Education, Employee, EmployeeStatus, JobClass, SuperiorBasis, superior_of};

use crate::placements::HeldColumns;
use crate::rows::{known, name};
use crate::sentence::Sentence;
use crate::{HeldPosition, PageRequest, Reader, StoreError, Tx};

/// Which people a list holds; everything that is given must hold. Position, unit and job class are those of today.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EmployeeFilter {
    /// With this identity number.
    pub nip: Option<String>,
    /// Serving in this unit itself.
    pub unit: Option<UnitId>,
    /// Serving in this unit or in one under it at any depth.
    pub within: Option<UnitId>,
    /// Holding this position.
    pub position: Option<PositionId>,
    /// Of this standing.
    pub status: Option<EmployeeStatus>,
    /// Holding a position of this job class.
    pub job_class: Option<JobClass>,
    /// With this in their name, in any case.
    pub search: Option<String>,
}

/// A person and the position they hold today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmployeeRow {
    /// The person.
    pub employee: Employee,
    /// The position; none before the first placement and after a release.
    pub held: Option<HeldPosition>,
}

/// A direct superior with the name to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedSuperior {
    /// Who.
    pub employee: EmployeeId,
    /// Their name.
    pub name: Name,
    /// Why they are the superior.
    pub basis: SuperiorBasis,
}

/// What decides who a person's direct superior is, and who it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuperiorChain {
    /// The way from the person's unit to the top of the tree; empty for somebody who serves nowhere.
    pub links: Vec<ChainLink>,
    /// The superior that follows from it.
    pub superior: Option<NamedSuperior>,
}

#[derive(FromQueryResult)]
struct Row {
    #[sea_orm(nested)]
    employee: employees::Model,
    #[sea_orm(nested)]
    held: HeldColumns,
}

impl Row {
    fn domain(self) -> Result<EmployeeRow, StoreError> {
        Ok(EmployeeRow { employee: domain(self.employee)?, held: self.held.held()? })
    }
}

#[derive(FromQueryResult)]
struct LinkRow {
    recorded_id: Option<Uuid>,
    recorded_name: Option<String>,
    unit_id: Option<Uuid>,
    head_id: Option<Uuid>,
    head_name: Option<String>,
}

pub(crate) fn domain(row: employees::Model) -> Result<Employee, StoreError> {
    let education = row.education.map(|text| known(Education::parse(&text), "employees.education"));
    Ok(Employee {
        id: EmployeeId::from(row.id),
        nip: Nip::stored(row.nip),
        name: name(row.name),
        status: known(EmployeeStatus::parse(&row.status), "employees.status")?,
        education: education.transpose()?,
        appointed_on: row.appointed_on,
        superior: row.superior_id.map(EmployeeId::from),
        version: Version::new(row.version),
    })
}

impl Reader<'_> {
    /// One person.
    ///
    /// # Errors
    /// The database's.
    pub async fn employee(&self, id: EmployeeId) -> Result<Option<EmployeeRow>, StoreError> {
        self.employee_one(" AND e.id = {}", id.uuid().into()).await
    }

    /// The person with this identity number.
    ///
    /// # Errors
    /// The database's.
    pub async fn employee_by_nip(&self, nip: &Nip) -> Result<Option<EmployeeRow>, StoreError> {
        self.employee_one(" AND e.nip = {}", nip.as_str().into()).await
    }

    /// People by name.
    ///
    /// # Errors
    /// The database's.
    pub async fn employees(
        &self,
        filter: &EmployeeFilter,
        page: &PageRequest,
    ) -> Result<Page<EmployeeRow>, StoreError> {
        let rows = self.employee_rows(filter, Some(page)).await?;
        Ok(Page::cut(rows, page.limit, |row: &EmployeeRow| {
            vec![row.employee.name.to_string(), row.employee.id.to_string()]
        }))
    }

    /// Those of `people` whom the scope reaches.
    ///
    /// # Errors
    /// The database's.
    pub async fn reached(&self, people: &BTreeSet<EmployeeId>) -> Result<BTreeSet<EmployeeId>, StoreError> {
        let filter = self.people();
        if filter.all || people.is_empty() {
            return Ok(people.clone());
        }
        let asked: Vec<Uuid> = people.iter().map(|id| id.uuid()).collect();
        let mut sentence = Sentence::new(
            "SELECT e.id FROM employees e WHERE e.agency_id = $1 AND ($2::date IS NOT NULL) AND e.id = ANY ($3)",
            [self.agency().into(), self.today.into(), asked.into()],
        );
        sentence.within("e.id", filter);
        let rows = self.db.query_all_raw(sentence.finish()).await?;
        rows.iter().map(|row| Ok(EmployeeId::from(row.try_get::<Uuid>("", "id")?))).collect()
    }

    /// The person for whom `condition` holds.
    async fn employee_one(&self, condition: &str, value: Value) -> Result<Option<EmployeeRow>, StoreError> {
        let mut sentence = self.employee_sentence();
        sentence.push(condition, [value]);
        Row::find_by_statement(sentence.finish()).one(&self.db).await?.map(Row::domain).transpose()
    }

    /// One page, or everything without one.
    async fn employee_rows(
        &self,
        filter: &EmployeeFilter,
        page: Option<&PageRequest>,
    ) -> Result<Vec<EmployeeRow>, StoreError> {
        let EmployeeFilter { nip, unit, within, position, status, job_class, search } = filter.clone();
        let mut sentence = self.employee_sentence();
        sentence.maybe(" AND e.nip = {}", nip);
        sentence.maybe(" AND e.status = {}", status.map(EmployeeStatus::as_str));
        sentence.maybe(" AND strpos(lower(e.name), lower({})) > 0", search);
        sentence.maybe(" AND q.id = {}", position.map(PositionId::uuid));
        sentence.maybe(" AND q.unit_id = {}", unit.map(UnitId::uuid));
        sentence.maybe(
            " AND q.unit_id = ANY (ARRAY(
                SELECT a.unit_id FROM unit_ancestors a WHERE a.agency_id = $1 AND a.ancestor_id = {}))",
            within.map(UnitId::uuid),
        );
        sentence.maybe(" AND q.job_class = {}", job_class.map(JobClass::as_str));
        if let Some(name) = page.and_then(|page| page.key(0)) {
            let id = page.and_then(|page| page.id(1));
            sentence.push(" AND (e.name, e.id) > ({}, {})", [name.into(), id.into()]);
        }
        sentence.push(" ORDER BY e.name, e.id", []);
        sentence.maybe(" LIMIT {}", page.map(PageRequest::probe));
        let rows = Row::find_by_statement(sentence.finish()).all(&self.db).await?;
        rows.into_iter().map(Row::domain).collect()
    }

    /// People within the scope and what they hold today; conditions follow.
    fn employee_sentence(&self) -> Sentence {
        let mut sentence = Sentence::new(
            "SELECT e.*, p.id AS held_placement_id, p.starts_on AS held_since, q.id AS held_position_id,
                    q.code AS held_code, q.name AS held_name, q.job_class AS held_job_class,
                    q.is_head AS held_is_head, u.id AS held_unit_id, u.code AS held_unit_code, u.name AS held_unit_name
             FROM employees e
             LEFT JOIN placements_on($1, $2, 'infinity') p ON p.employee_id = e.id
             LEFT JOIN positions q ON q.agency_id = $1 AND q.id = p.position_id
             LEFT JOIN units u ON u.agency_id = $1 AND u.id = q.unit_id
             WHERE e.agency_id = $1",
            [self.agency().into(), self.today.into()],
        );
        sentence.within("e.id", self.people());
        sentence
    }

    /// Who leads `employee` on `day`, and what decides it: the superior on record, while they hold a position, and the heads of the units from
    /// theirs to the top of the tree, as placements were on that day and the tree is now. Of several who hold a head
    /// position at once the one who took it last counts. The superior is named whether or not the scope reaches them;
    /// none at all for an `employee` it does not reach.
    ///
    /// # Errors
    /// The database's.
    pub async fn superior_chain(
        &self,
        employee: EmployeeId,
        day: NaiveDate,
    ) -> Result<Option<SuperiorChain>, StoreError> {
        let mut sentence = Sentence::new(
            "SELECT r.id AS recorded_id, r.name AS recorded_name, a.ancestor_id AS unit_id, h.id AS head_id,
                    h.name AS head_name
             FROM employees e
             LEFT JOIN placements_on($1, $3, 'infinity') o ON o.employee_id = e.superior_id AND o.position_id IS NOT NULL
             LEFT JOIN employees r ON r.agency_id = e.agency_id AND r.id = o.employee_id
             LEFT JOIN placements_on($1, $3, 'infinity') p ON p.employee_id = e.id
             LEFT JOIN positions q ON q.agency_id = p.agency_id AND q.id = p.position_id
             LEFT JOIN unit_ancestors a ON a.agency_id = q.agency_id AND a.unit_id = q.unit_id
             LEFT JOIN placements s
                ON s.agency_id = a.agency_id AND s.id = head_on($1, a.ancestor_id, $3)
             LEFT JOIN employees h ON h.agency_id = s.agency_id AND h.id = s.employee_id
             WHERE e.agency_id = $1 AND e.id = $4",
            [self.agency().into(), self.today.into(), day.into(), employee.uuid().into()],
        );
        sentence.within("e.id", self.people());
        sentence.push(" ORDER BY a.depth", []);
        let rows = LinkRow::find_by_statement(sentence.finish()).all(&self.db).await?;
        Ok(rows.first().map(|first| {
            let recorded = first.recorded_id.map(EmployeeId::from);
            let links: Vec<ChainLink> = rows
                .iter()
                .filter_map(|row| {
                    let unit = UnitId::from(row.unit_id?);
                    Some(ChainLink { unit, head: row.head_id.map(EmployeeId::from) })
                })
                .collect();
            let mut names = rows
                .iter()
                .flat_map(|row| [(row.recorded_id, &row.recorded_name), (row.head_id, &row.head_name)]);
            let superior = superior_of(employee, recorded, &links).and_then(|found| {
                let (_, text) = names.find(|(id, _)| *id == Some(found.employee.uuid()))?;
                Some(NamedSuperior {
                    employee: found.employee,
                    name: name(text.clone()?),
                    basis: found.basis,
                })
            });
            SuperiorChain { links, superior }
        }))
    }
}

impl Tx<'_> {
    /// Adds a person.
    ///
    /// # Errors
    /// `Taken("/nip")`, `Missing("/superior_id")`.
    pub async fn employee_insert(&self, pass: &Pass, employee: &Employee) -> Result<(), StoreError> {
        employees::Entity::insert(employees::ActiveModel {
            agency_id: Set(pass.agency().uuid()),
            id: Set(employee.id.uuid()),
            nip: Set(employee.nip.as_str().to_owned()),
            name: Set(employee.name.to_string()),
            status: Set(employee.status.as_str().to_owned()),
            education: Set(employee.education.map(|level| level.as_str().to_owned())),
            appointed_on: Set(employee.appointed_on),
            superior_id: Set(employee.superior.map(EmployeeId::uuid)),
            version: Set(employee.version.get()),
            created_at: Set(self.now()),
            updated_at: Set(self.now()),
        })
        .exec_without_returning(&self.db)
        .await?;
        Ok(())
    }

    /// Replaces what a person's record says; `employee.version` is the version that was read.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `Taken("/nip")`, `Missing("/superior_id")`.
    pub async fn employee_update(&self, pass: &Pass, employee: &Employee) -> Result<Employee, StoreError> {
        let row = employees::Entity::update_many()
            .set(employees::ActiveModel {
                nip: Set(employee.nip.as_str().to_owned()),
                name: Set(employee.name.to_string()),
                status: Set(employee.status.as_str().to_owned()),
                education: Set(employee.education.map(|level| level.as_str().to_owned())),
                appointed_on: Set(employee.appointed_on),
                superior_id: Set(employee.superior.map(EmployeeId::uuid)),
                version: Set(employee.version.next().get()),
                updated_at: Set(self.now()),
                ..Default::default()
            })
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(employee.id.uuid()))
            .filter(Column::Version.eq(employee.version.get()))
            .exec_with_returning(&self.db)
            .await?
            .pop();
        domain(row.ok_or(StoreError::Stale)?)
    }

    /// Removes a person that nothing refers to: somebody entered by mistake a moment ago. Who looked at them goes with
    /// them: the only one to ask for that is gone, and a look must not keep a mistake from being undone.
    ///
    /// # Errors
    /// [`StoreError::Stale`], `StillReferenced`; [`StoreError::Unavailable`] when somebody is noting a look for longer than
    /// a second.
    pub async fn employee_delete(
        &self,
        pass: &Pass,
        id: EmployeeId,
        expected: Version,
    ) -> Result<(), StoreError> {
        // Nobody is noted to have looked once the notes are gone: notes under way are waited for, later ones find nobody. Taken
        // first, as whoever notes a look inside a transaction may be waiting for this person. Every note of every agency stands
        // in line behind whoever waits here, so the wait is short: this one can be tried again.
        self.db
            .execute_unprepared(
                "SET LOCAL lock_timeout = '1s';
                 LOCK TABLE access_records IN SHARE ROW EXCLUSIVE MODE;
                 SET LOCAL lock_timeout TO DEFAULT",
            )
            .await?;
        access_records::Entity::delete_many()
            .filter(access_records::Column::AgencyId.eq(pass.agency().uuid()))
            .filter(access_records::Column::EmployeeId.eq(id.uuid()))
            .exec(&self.db)
            .await?;
        let gone = employees::Entity::delete_many()
            .filter(Column::AgencyId.eq(pass.agency().uuid()))
            .filter(Column::Id.eq(id.uuid()))
            .filter(Column::Version.eq(expected.get()))
            .exec(&self.db)
            .await
            .map_err(StoreError::removing)?;
        if gone.rows_affected == 0 { Err(StoreError::Stale) } else { Ok(()) }
    }

    /// The person, kept from change until this transaction ends: writers of one history wait for each other. Taken
    /// before the first [`Tx::stamp`], so that stamps follow the order of the writers.
    ///
    /// # Errors
    /// The database's.
    pub async fn employee_lock(&self, pass: &Pass, id: EmployeeId) -> Result<Option<Employee>, StoreError> {
        let key = (pass.agency().uuid(), id.uuid());
        let row = employees::Entity::find_by_id(key).lock_exclusive().one(&self.db).await?;
        row.map(domain).transpose()
    }
}
