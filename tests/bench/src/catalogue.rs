//! A catalogue of 5,000 programmes, half of them with a class to come, and learning hours of this year, written by SQL: how
//! they came in is not measured.

/// Programmes of a catalogue.
const PROGRAMMES: u32 = 5_000;

/// Fills the catalogue of an agency: each programme teaches two competencies that its positions require, from every level to
/// every higher one in turn.
pub(crate) fn sql(agency: &str) -> String {
    format!(
        "CREATE TABLE bench.taught AS
            SELECT row_number() OVER (ORDER BY q.competency_id) - 1 AS place, q.competency_id, q.competency_agency_id,
                   min(q.dictionary_version_id::text)::uuid AS version
            FROM standard_requirements q WHERE q.agency_id = '{agency}' GROUP BY q.competency_id, q.competency_agency_id;
         CREATE TABLE bench.programmes AS
            SELECT n, gen_random_uuid() AS id, gen_random_uuid() AS class FROM generate_series(1, {PROGRAMMES}) n;
         INSERT INTO partners (agency_id, id, code, name, kind, created_at, updated_at)
            VALUES ('{agency}', '{agency}', 'BENCH', 'Mitra Bench', 'OWN', now(), now());
         INSERT INTO programmes (agency_id, id, code, name, objectives, form, partner_id, mode, jp, price_per_participant,
                job_classes, job_families, state, created_at, updated_at)
            SELECT '{agency}', id, 'P-' || n, 'Program ' || n, 'Peserta mampu', 'KL03', '{agency}', 'OFFLINE',
                   100 * (n % 40 + 1), 10000 * (n % 97), '{{}}', '{{}}', 'PUBLISHED', now(), now()
            FROM bench.programmes;
         INSERT INTO programme_steps (agency_id, programme_id, competency_id, competency_agency_id, dictionary_version_id,
                ordinal, level_from, level_to)
            SELECT '{agency}', p.id, t.competency_id, t.competency_agency_id, t.version, s.ordinal, p.n % 3 + 1,
                   p.n % 3 + 2 + p.n % 2
            FROM bench.programmes p
            CROSS JOIN generate_series(0, 1) AS s(ordinal)
            JOIN bench.taught t ON t.place = (p.n + s.ordinal) % (SELECT count(*) FROM bench.taught);
         INSERT INTO classes (agency_id, id, programme_id, code, seats, registration_opens_at, registration_closes_at, state,
                starts_at, ends_at, created_at, updated_at)
            SELECT '{agency}', class, id, 'K-' || n, 30, now() - interval '1 day', now() + interval '1 day', 'OPEN',
                   now() + n * interval '1 hour', now() + (n + 8) * interval '1 hour', now(), now()
            FROM bench.programmes WHERE n % 2 = 0;
         ANALYZE programmes, programme_steps, classes"
    )
}

/// Credits two thirds of an agency's people with hours of this year, half of them with enough.
pub(crate) fn hours(agency: &str) -> String {
    format!(
        "INSERT INTO jp_entries (agency_id, id, employee_id, kind, source, source_id, earned_on, hundredths, basis, title,
                form, recorded_at)
            SELECT '{agency}', gen_random_uuid(), p.id, 'CREDIT', 'OWN_LEARNING', gen_random_uuid(),
                   date_trunc('year', current_date)::date, CASE p.n % 3 WHEN 1 THEN 800 ELSE 2000 END, 'CONVERSION',
                   'Belajar mandiri', 'NKL09', now()
            FROM bench.people p WHERE p.n % 3 > 0;
         ANALYZE jp_entries, jp_years, jp_contract_years, jp_standings"
    )
}
