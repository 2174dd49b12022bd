-- Who can take a seat, what of a person's learning stands in the ledger, hours of an activity year by year, and of whom
-- something is asked.

-- Whether somebody serves on a day.
CREATE FUNCTION serves_on(the_agency uuid, the_person uuid, the_day date)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM placements_on(the_agency, the_day, 'infinity') p
        WHERE p.employee_id = the_person AND p.position_id IS NOT NULL)
$$;

-- Whether somebody who waits for a seat in a class could take it: who serves when it begins, and has no seat at its hours.
CREATE FUNCTION seatable(the_agency uuid, the_person uuid, the_class uuid)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT NOT seated_elsewhere(the_agency, the_person, the_class) AND EXISTS (
        SELECT FROM classes k
        JOIN agencies a ON a.id = k.agency_id
        WHERE k.agency_id = the_agency AND k.id = the_class
          AND serves_on(the_agency, the_person, day_in(a.zone, k.starts_at)))
$$;

-- Whether hours of a source stand in somebody's ledger: credited, and not taken back without a replacement.
CREATE FUNCTION jp_stands(the_agency uuid, the_person uuid, the_source text, the_id uuid)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM jp_entries j
        WHERE j.agency_id = the_agency AND j.employee_id = the_person AND j.source = the_source AND j.source_id = the_id
          AND j.kind <> 'REVERSAL' AND NOT EXISTS (
            SELECT FROM jp_entries r
            WHERE r.agency_id = j.agency_id AND r.corrects_id = j.id AND r.kind = 'REVERSAL'))
$$;

-- What is told twice is credited once; what goes on over New Year is credited once in each year.
DROP INDEX uq_jp_entries_source;
CREATE UNIQUE INDEX uq_jp_entries_source ON jp_entries (agency_id, source, source_id, (extract(year FROM earned_on)))
    WHERE kind = 'CREDIT';

-- Who is asked something about a class, and has not answered: the participant, or the superior of the day about them. Scores
-- of tests are entered by whoever runs the class, and results are assessments: of those nobody is asked.
CREATE OR REPLACE FUNCTION evaluation_notices(the_agency uuid, the_ids uuid[], the_day date)
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT w.employee_id, 'EVALUATION_DUE', 'EVALUATION_TASK', t.id, w.about_id, p.name, t.due_at, NULL::date,
           '{}'::jsonb, NULL::text[]
    FROM evaluation_tasks t
    JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
    JOIN programmes p ON p.agency_id = k.agency_id AND p.id = k.programme_id
    CROSS JOIN LATERAL (
        SELECT CASE t.instrument WHEN 'BEHAVIOUR_SUPERIOR' THEN direct_superior_on(the_agency, t.employee_id, the_day)
                    ELSE t.employee_id END AS employee_id,
               CASE t.instrument WHEN 'BEHAVIOUR_SUPERIOR' THEN t.employee_id END AS about_id) w
    WHERE t.agency_id = the_agency AND t.id = ANY (the_ids) AND t.opened_at IS NOT NULL AND t.void IS NULL
      AND t.answered_at IS NULL AND t.instrument IN ('REACTION', 'BEHAVIOUR_SELF', 'BEHAVIOUR_SUPERIOR')
      AND w.employee_id IS NOT NULL
$$;
