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
      AND t.answered_at IS NULL AND t.instrument <> 'RESULT' AND w.employee_id IS NOT NULL
$$;
DROP INDEX uq_jp_entries_source;
CREATE UNIQUE INDEX uq_jp_entries_source ON jp_entries (agency_id, source, source_id) WHERE kind = 'CREDIT';
DROP FUNCTION jp_stands(uuid, uuid, text, uuid);
DROP FUNCTION seatable(uuid, uuid, uuid);
DROP FUNCTION serves_on(uuid, uuid, date);
