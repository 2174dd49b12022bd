//! The catalogue and what people learned, in the shape of the forms they can be imported from again.

use kernel::Page;
use sea_orm::raw_sql;

use crate::read::PeopleFilter;
use crate::{FormRow, ListFormRow, PageRequest, Reader, StoreError};

impl Reader<'_> {
    /// Programmes, by code; on the list are the codes of the programmes they build on.
    ///
    /// # Errors
    /// The database's.
    pub async fn programme_form(&self, page: &PageRequest) -> Result<Page<ListFormRow>, StoreError> {
        let (agency, after, limit) = (self.agency(), page.key(0), page.probe());
        // Classes and families are names of ours, without a bar.
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[p.code, p.name, p.objectives, p.form, o.code, coalesce(w.code, ''), p.mode,
                          coalesce(round(p.jp / 100.0, 2)::text, ''), coalesce(p.price_per_participant::text, ''),
                          coalesce(p.price_per_class::text, ''), coalesce(p.accreditation, ''),
                          coalesce(p.certificate_months::text, ''), array_to_string(p.job_classes, '|'),
                          array_to_string(p.job_families, '|'), p.state] AS cells,
                    ARRAY(
                        SELECT b.code FROM programme_prerequisites q
                        JOIN programmes b ON b.agency_id = q.agency_id AND b.id = q.required_programme_id
                        WHERE q.agency_id = p.agency_id AND q.programme_id = p.id
                        ORDER BY q.ordinal) AS list,
                    ARRAY[p.code] AS key
             FROM programmes p
             JOIN partners o ON o.agency_id = p.agency_id AND o.id = p.partner_id
             LEFT JOIN partners w ON w.agency_id = p.agency_id AND w.id = p.curriculum_owner_id
             WHERE p.agency_id = {agency} AND ({after}::text IS NULL OR p.code > {after})
             ORDER BY p.code
             LIMIT {limit}"
        );
        self.list_form_rows(statement, page).await
    }

    /// What programmes teach, by programme and in its order.
    ///
    /// # Errors
    /// The database's.
    pub async fn programme_step_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, limit) = (self.agency(), page.probe());
        let (after, after_ordinal) = (page.key(0), page.key(1).and_then(|text| text.parse::<i32>().ok()));
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[p.code, d.code, c.code, coalesce(q.level_from::text, ''), q.level_to::text] AS cells,
                    ARRAY[p.code, q.ordinal::text] AS key, NULL::uuid AS person
             FROM programmes p
             JOIN programme_steps q ON q.agency_id = p.agency_id AND q.programme_id = p.id
             JOIN competencies c ON c.agency_id = q.competency_agency_id AND c.id = q.competency_id
             JOIN dictionaries d ON d.agency_id = c.agency_id AND d.id = c.dictionary_id
             WHERE p.agency_id = {agency}
               AND ({after}::text IS NULL OR (p.code, q.ordinal) > ({after}, {after_ordinal}::integer))
             ORDER BY p.code, q.ordinal
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// The sessions of classes that are planned or announced, by class and in their order, by the agency's clock.
    ///
    /// # Errors
    /// The database's.
    pub async fn class_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, limit) = (self.agency(), page.probe());
        let (after, after_number) = (page.key(0), page.key(1).and_then(|text| text.parse::<i32>().ok()));
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[k.code, p.code, k.seats::text,
                          coalesce(k.min_participants::text, ''), coalesce(k.waitlist::text, ''),
                          clock_in(a.zone, k.registration_opens_at), clock_in(a.zone, k.registration_closes_at),
                          coalesce(clock_in(a.zone, x.starts_at), ''), coalesce(clock_in(a.zone, x.ends_at), ''),
                          coalesce(x.place, ''), coalesce(x.url, ''), coalesce(x.topic, ''), coalesce(k.note, ''),
                          k.state] AS cells,
                    ARRAY[k.code, coalesce(x.number, 0)::text] AS key, NULL::uuid AS person
             FROM classes k
             JOIN agencies a ON a.id = k.agency_id
             JOIN programmes p ON p.agency_id = k.agency_id AND p.id = k.programme_id
             LEFT JOIN class_sessions x ON x.agency_id = k.agency_id AND x.class_id = k.id
             WHERE k.agency_id = {agency} AND k.state IN ('PLANNED', 'OPEN')
               AND ({after}::text IS NULL OR (k.code, coalesce(x.number, 0)) > ({after}, {after_number}::integer))
             ORDER BY k.code, coalesce(x.number, 0)
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// Own learning of the people within the scope that waits or was verified; of two that are told apart by nothing, the
    /// first.
    ///
    /// # Errors
    /// The database's.
    pub async fn own_learning_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, today, limit, after) = (self.agency(), self.today, page.probe(), page.id(0));
        let PeopleFilter { all, own, below, units } = self.people();
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[e.nip, o.title, coalesce(o.provider, ''), o.form, to_char(o.started_on, 'YYYY-MM-DD'),
                          to_char(o.ended_on, 'YYYY-MM-DD'),
                          array_to_string(ARRAY(
                            SELECT to_char(u.day, 'YYYY-MM-DD')
                            FROM unnest(o.units) WITH ORDINALITY AS u(day, n) ORDER BY u.n), '|'),
                          CASE WHEN o.international THEN 'ya' ELSE 'tidak' END,
                          coalesce(round(o.certificate_jp / 100.0, 2)::text, ''), coalesce(o.certificate_number, ''),
                          coalesce(to_char(o.certificate_on, 'YYYY-MM-DD'), ''),
                          coalesce(to_char(o.valid_until, 'YYYY-MM-DD'), ''), o.document, coalesce(o.note, '')] AS cells,
                    ARRAY[o.id::text] AS key, e.id AS person
             FROM own_learnings o
             JOIN employees e ON e.agency_id = o.agency_id AND e.id = o.employee_id
             WHERE o.agency_id = {agency} AND o.state IN ('SUBMITTED', 'VERIFIED')
               AND ({all} OR e.id IN (SELECT people_within({agency}, {today}, {own}, {below}, {units})))
               AND NOT EXISTS (
                    SELECT 1 FROM own_learnings n
                    WHERE n.agency_id = o.agency_id AND n.employee_id = o.employee_id AND n.id < o.id
                      AND n.state IN ('SUBMITTED', 'VERIFIED') AND n.certificate_number IS NULL
                      AND o.certificate_number IS NULL AND lower(n.title) = lower(o.title)
                      AND n.started_on = o.started_on AND n.ended_on = o.ended_on)
               AND ({after}::uuid IS NULL OR o.id > {after})
             ORDER BY o.id
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }

    /// The records of training of the people within the scope.
    ///
    /// # Errors
    /// The database's.
    pub async fn training_record_form(&self, page: &PageRequest) -> Result<Page<FormRow>, StoreError> {
        let (agency, today, limit, after) = (self.agency(), self.today, page.probe(), page.id(0));
        let PeopleFilter { all, own, below, units } = self.people();
        let statement = raw_sql!(
            Postgres,
            "SELECT ARRAY[e.nip, t.title, coalesce(t.provider, ''), t.form, to_char(t.started_on, 'YYYY-MM-DD'),
                          to_char(t.ended_on, 'YYYY-MM-DD'), coalesce(round(t.jp / 100.0, 2)::text, ''),
                          coalesce(t.certificate_number, ''), coalesce(to_char(t.certificate_on, 'YYYY-MM-DD'), ''),
                          coalesce(to_char(t.valid_until, 'YYYY-MM-DD'), ''), coalesce(t.document, '')] AS cells,
                    ARRAY[t.id::text] AS key, e.id AS person
             FROM training_records t
             JOIN employees e ON e.agency_id = t.agency_id AND e.id = t.employee_id
             WHERE t.agency_id = {agency}
               AND ({all} OR e.id IN (SELECT people_within({agency}, {today}, {own}, {below}, {units})))
               AND ({after}::uuid IS NULL OR t.id > {after})
             ORDER BY t.id
             LIMIT {limit}"
        );
        self.form_rows(statement, page).await
    }
}
