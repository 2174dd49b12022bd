//! What the agency has, in the shape of the forms it can be imported from again: the columns of each form, as text.

use chrono::NaiveDate;
use kernel::{EmployeeId, Page};
use sea_orm::{FromQueryResult, Statement, raw_sql};
use uuid::Uuid;

use crate::read::PeopleFilter;
use crate::{PageRequest, Reader, StoreError};

/// A row of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormRow {
    /// A text per column of the form, in its order; a blank one for none.
    pub cells: Vec<String>,
    /// Whom it is about, if anybody.
    pub person: Option<EmployeeId>,
}

/// A row of a form whose last cell is a list: the indicators of a level, what a programme builds on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListFormRow {
    /// The cells before the list.
    pub cells: Vec<String>,
    /// What is on the list, in order.
    pub list: Vec<String>,
}

#[derive(FromQueryResult)]
struct Row {
    cells: Vec<String>,
    key: Vec<String>,
    person: Option<Uuid>,
}

#[derive(FromQueryResult)]
struct ListRow {
    cells: Vec<String>,
    list: Vec<String>,
    key: Vec<String>,
}

impl Reader<'_> {
    pub(crate) async fn form_rows(
        &self,
        statement: Statement,
        page: &PageRequest,
    ) -> Result<Page<FormRow>, StoreError> {
        let rows = Row::find_by_statement(statement).all(&self.db).await?;
        let page = Page::cut(rows, page.limit, |row: &Row| row.key.clone());
        Ok(page.map(|row| FormRow { cells: row.cells, person: row.person.map(EmployeeId::from) }))
    }

    pub(crate) async fn list_form_rows(
        &self,
        statement: Statement,
        page: &PageRequest,
    ) -> Result<Page<ListFormRow>, StoreError> {
        let rows = ListRow::find_by_statement(statement).all(&self.db).await?;
        let page = Page::cut(rows, page.limit, |row: &ListRow| row.key.clone());
        Ok(page.map(|row| ListFormRow { cells: row.cells, list: row.list }))
    }

    /// The unit tree, by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn unit_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, after, limit) = (self.agency(), page.key(0), page.probe());
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[u.code, u.name, coalesce(p.code, ''), coalesce(u.kind, '')] AS cells, ARRAY[u.code] AS key,
                    NULL::uuid AS person
             FROM units u
             LEFT JOIN units p ON p.agency_id = u.agency_id AND p.id = u.parent_id
             WHERE u.agency_id = {agency} AND ({after}::text IS NULL OR u.code > {after})
             ORDER BY u.code
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// Positions that were not abolished, by code.
    ///
    /// # Errors
    /// The database's.
    pub async fn position_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, after, limit) = (self.agency(), page.key(0), page.probe());
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[h.code, h.name, u.code, h.job_class, CASE WHEN h.is_head THEN 'ya' ELSE 'tidak' END] AS cells,
                    ARRAY[h.code] AS key, NULL::uuid AS person
             FROM positions h
             JOIN units u ON u.agency_id = h.agency_id AND u.id = h.unit_id
             WHERE h.agency_id = {agency} AND h.abolished_on IS NULL AND ({after}::text IS NULL OR h.code > {after})
             ORDER BY h.code
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// The people within the scope and the position they hold today, by identity number.
    ///
    /// # Errors
    /// The database's.
    pub async fn employee_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, today, after, limit) = (self.agency(), self.today, page.key(0), page.probe());
        let PeopleFilter { all, own, below, units } = self.people();
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[e.nip, e.name, e.status, coalesce(h.code, ''), coalesce(u.code, ''),
                          coalesce(to_char(e.appointed_on, 'YYYY-MM-DD'), ''), coalesce(e.education, '')] AS cells,
                    ARRAY[e.nip] AS key, e.id AS person
             FROM employees e
             LEFT JOIN placements_on({agency}, {today}, 'infinity') p ON p.employee_id = e.id
             LEFT JOIN positions h ON h.agency_id = e.agency_id AND h.id = p.position_id
             LEFT JOIN units u ON u.agency_id = h.agency_id AND u.id = h.unit_id
             WHERE e.agency_id = {agency} AND ({after}::text IS NULL OR e.nip > {after})
               AND ({all} OR e.id IN (SELECT people_within({agency}, {today}, {own}, {below}, {units})))
             ORDER BY e.nip
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// What the latest versions of the agency's own dictionaries say, by dictionary and code.
    ///
    /// # Errors
    /// The database's.
    pub async fn competency_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, limit) = (self.agency(), page.probe());
        let (after, after_code) = (page.key(0), page.key(1));
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[d.code, c.code, n.name, n.family, n.definition] AS cells, ARRAY[d.code, c.code] AS key,
                    NULL::uuid AS person
             FROM dictionaries d
             JOIN LATERAL (
                SELECT v.id FROM dictionary_versions v
                WHERE v.agency_id = d.agency_id AND v.dictionary_id = d.id
                ORDER BY v.number DESC LIMIT 1) v ON true
             JOIN competency_contents n ON n.agency_id = d.agency_id AND n.dictionary_version_id = v.id
             JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
             WHERE d.agency_id = {agency}
               AND ({after}::text IS NULL OR (d.code, c.code) > ({after}, {after_code}::text))
             ORDER BY d.code, c.code
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// The levels of the same, by dictionary, code and level.
    ///
    /// # Errors
    /// The database's.
    pub async fn level_form(&self, page: &PageRequest) -> Result<Page<ListFormRow>, StoreError> {
        let (agency, limit) = (self.agency(), page.probe());
        let (after, after_code, after_level) = (page.key(0), page.key(1), page.key(2));
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[d.code, c.code, l.level::text, l.description] AS cells, l.indicators AS list,
                    ARRAY[d.code, c.code, l.level::text] AS key
             FROM dictionaries d
             JOIN LATERAL (
                SELECT v.id FROM dictionary_versions v
                WHERE v.agency_id = d.agency_id AND v.dictionary_id = d.id
                ORDER BY v.number DESC LIMIT 1) v ON true
             JOIN competency_levels l ON l.agency_id = d.agency_id AND l.dictionary_version_id = v.id
             JOIN competencies c ON c.agency_id = l.agency_id AND c.id = l.competency_id
             WHERE d.agency_id = {agency}
               AND ({after}::text IS NULL
                    OR (d.code, c.code, l.level::text) > ({after}, {after_code}::text, {after_level}::text))
             ORDER BY d.code, c.code, l.level::text
             LIMIT {limit}"
        );
        self.list_form_rows(statement, page).await
    }

    /// The requirements of every standard in force or replaced by a later one, and not revoked, by position and first day.
    ///
    /// # Errors
    /// The database's.
    pub async fn standard_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, limit) = (self.agency(), page.probe());
        let (after, after_ordinal) = (page.key(0), page.key(2).and_then(|text| text.parse::<i32>().ok()));
        let after_day: Option<NaiveDate> = page.key(1).and_then(|text| text.parse().ok());
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[h.code, d.code, c.code, q.level::text, round(q.weight / 100.0, 2)::text, q.importance,
                          to_char(s.valid_from, 'YYYY-MM-DD')] AS cells,
                    ARRAY[h.code, s.valid_from::text, q.ordinal::text] AS key, NULL::uuid AS person
             FROM standards s
             JOIN positions h ON h.agency_id = s.agency_id AND h.id = s.position_id
             JOIN standard_requirements q ON q.agency_id = s.agency_id AND q.standard_id = s.id
             JOIN competencies c ON c.agency_id = q.competency_agency_id AND c.id = q.competency_id
             JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
             WHERE s.agency_id = {agency} AND s.state = 'IN_FORCE'
               AND ({after}::text IS NULL OR (h.code, s.valid_from, q.ordinal)
                    > ({after}, {after_day}::date, {after_ordinal}::integer))
             ORDER BY h.code, s.valid_from, q.ordinal
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// The final results of the people within the scope that were not corrected, by day; of two of one person, competency
    /// and day the one that counts, and of two that do the later one.
    ///
    /// # Errors
    /// The database's.
    pub async fn assessment_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, today, limit) = (self.agency(), self.today, page.probe());
        let after_day: Option<NaiveDate> = page.key(0).and_then(|text| text.parse().ok());
        let after_id = page.id(1);
        let PeopleFilter { all, own, below, units } = self.people();
        // The form tells results apart by person, competency and day, so that of two only one can be in it.
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[e.nip, d.code, c.code, r.level::text, t.purpose, t.method, t.provider,
                          to_char(r.assessed_on, 'YYYY-MM-DD'), to_char(r.valid_until, 'YYYY-MM-DD'),
                          coalesce(t.reference, '')] AS cells,
                    ARRAY[r.assessed_on::text, r.id::text] AS key, r.employee_id AS person
             FROM assessment_results r
             JOIN assessment_events t ON t.agency_id = r.agency_id AND t.id = r.event_id
             JOIN employees e ON e.agency_id = r.agency_id AND e.id = r.employee_id
             JOIN competencies c ON c.agency_id = r.competency_agency_id AND c.id = r.competency_id
             JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
             WHERE r.agency_id = {agency} AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL
               AND ({all} OR e.id IN (SELECT people_within({agency}, {today}, {own}, {below}, {units})))
               AND NOT EXISTS (
                    SELECT 1 FROM assessment_results n
                    WHERE n.agency_id = r.agency_id AND n.employee_id = r.employee_id
                      AND n.competency_id = r.competency_id AND n.assessed_on = r.assessed_on
                      AND n.recorded_at IS NOT NULL AND n.superseded_at IS NULL
                      AND (n.counts, n.recorded_at, n.id) > (r.counts, r.recorded_at, r.id))
               AND ({after_day}::date IS NULL OR (r.assessed_on, r.id) > ({after_day}, {after_id}::uuid))
             ORDER BY r.assessed_on, r.id
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }
}
