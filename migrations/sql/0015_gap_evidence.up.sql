-- The evidence of a person's row is read as a whole: one value in place of nine arrays makes the row a third cheaper to read.

DROP FUNCTION gap_profiles_on(uuid, uuid[], date, timestamptz);
DROP TABLE gap_profiles;

-- How the model writes a result: ids of the result and of its event (16 bytes each), level (2), the day it was found, the last
-- day it is valid (4 each, days since 2000-01-01), the instant it was recorded (8, microseconds since 2000-01-01 UTC), then the
-- method and the purpose, each behind its length (2); numbers with the most significant byte first.
CREATE FUNCTION gap_evidence_of(result_id uuid, event_id uuid, level smallint, assessed_on date, valid_until date,
    recorded_at timestamptz, method text, purpose text)
RETURNS bytea LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT uuid_send(result_id) || uuid_send(event_id) || int2send(level) || date_send(assessed_on) || date_send(valid_until)
        || timestamptz_send(recorded_at) || int2send(octet_length(method)::smallint) || textsend(method)
        || int2send(octet_length(purpose)::smallint) || textsend(purpose)
$$;

-- A person's stand, right on every day from `computed_on` on and before `holds_until`. The arrays run in the order of the
-- requirements. A standing is the gap (-4 to 4), 8 for expired, 9 for missing.
CREATE TABLE gap_profiles (
    agency_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    computed_on date NOT NULL,
    holds_until date NOT NULL,
    position_id uuid,
    standard_id uuid,
    policy_id uuid,
    competency_agency_ids uuid[] NOT NULL DEFAULT '{}',
    competency_ids uuid[] NOT NULL DEFAULT '{}',
    standings smallint[] NOT NULL DEFAULT '{}',
    -- The results found, one after the other, each as gap_evidence_of() writes it; none for what is missing.
    evidence bytea NOT NULL DEFAULT '',
    valid_until date[] NOT NULL DEFAULT '{}',
    lasts_until date[] NOT NULL DEFAULT '{}',
    -- As in gap_people, by the rubric RATIO_OF_SUMS.
    filling text NOT NULL,
    mapping text NOT NULL,
    CONSTRAINT pk_gap_profiles PRIMARY KEY (agency_id, employee_id),
    CONSTRAINT fk_gap_profiles_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id) ON DELETE CASCADE
) WITH (fillfactor = 80, toast_tuple_target = 8160);
CREATE INDEX ix_gap_profiles_position ON gap_profiles (agency_id, position_id);
CREATE INDEX ix_gap_profiles_due ON gap_profiles (agency_id, holds_until);

-- What the row of each of these people is on a day, as it was known at an instant. Before there was a rubric nobody is
-- measured.
CREATE FUNCTION gap_profiles_on(the_agency uuid, the_people uuid[], the_day date, known_at timestamptz)
RETURNS SETOF gap_profiles LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH rule AS MATERIALIZED (
        SELECT rubric -> 'cutoffs' -> 'FILLING' AS filling, rubric -> 'cutoffs' -> 'MAPPING' AS mapping
        FROM policy_on(the_agency, 'JPM', 'RATIO_OF_SUMS', the_day, known_at)),
    later AS MATERIALIZED (
        SELECT min(valid_from) AS day
        FROM policies
        WHERE agency_id IN (the_agency, '00000000-0000-7000-8000-000000000001')
          AND (kind, name) IN (('JPM', 'RATIO_OF_SUMS'), ('DEFAULT_LEVELS', 'DEFAULT_LEVELS'))
          AND valid_from > the_day AND recorded_at <= known_at)
    SELECT the_agency, w.employee_id, the_day,
           coalesce(least(
                g.lapses_on,
                (SELECT min(x.starts_on) FROM placements x
                 WHERE x.agency_id = the_agency AND x.employee_id = w.employee_id AND x.starts_on > the_day
                   AND x.recorded_at <= known_at AND (x.retracted_at IS NULL OR x.retracted_at > known_at)),
                (SELECT min(x.assessed_on) FROM assessment_results x
                 WHERE x.agency_id = the_agency AND x.employee_id = w.employee_id AND x.counts AND x.assessed_on > the_day
                   AND x.recorded_at <= known_at AND (x.superseded_at IS NULL OR x.superseded_at > known_at)),
                (SELECT min(CASE WHEN x.valid_from > the_day THEN x.valid_from ELSE x.revoked_on END)
                 FROM standards x
                 WHERE x.agency_id = the_agency AND x.position_id = g.position_id AND x.enacted_at <= known_at
                   AND (x.valid_from > the_day OR (x.id = g.standard_id AND x.revoked_on > the_day))),
                (SELECT day FROM later)), 'infinity'),
           g.position_id, g.standard_id, g.policy_id,
           coalesce(g.competency_agency_ids, '{}'), coalesce(g.competency_ids, '{}'), coalesce(g.standings, '{}'),
           coalesce(g.evidence, ''), coalesce(g.valid_until, '{}'), coalesce(g.lasts_until, '{}'),
           CASE WHEN g.full_marks IS NULL THEN 'UNMEASURED' WHEN NOT g.complete THEN 'INCOMPLETE' ELSE coalesce((
                SELECT c.category FROM rule, jsonb_to_recordset(rule.filling) AS c(at_least bigint, category text)
                WHERE g.earned * 10000 >= c.at_least * g.full_marks ORDER BY c.at_least DESC LIMIT 1), 'UNMEASURED') END,
           CASE WHEN g.full_marks IS NULL THEN 'UNMEASURED' WHEN NOT g.complete THEN 'INCOMPLETE' ELSE coalesce((
                SELECT c.category FROM rule, jsonb_to_recordset(rule.mapping) AS c(at_least bigint, category text)
                WHERE g.earned * 10000 >= c.at_least * g.full_marks ORDER BY c.at_least DESC LIMIT 1), 'UNMEASURED') END
    FROM unnest(the_people) AS w(employee_id)
    LEFT JOIN LATERAL (
        -- Sorted once below, instead of once for each array.
        SELECT (array_agg(x.position_id))[1] AS position_id, (array_agg(x.standard_id))[1] AS standard_id,
               (array_agg(x.policy_id))[1] AS policy_id,
               array_agg(x.competency_agency_id) FILTER (WHERE x.required IS NOT NULL) AS competency_agency_ids,
               array_agg(x.competency_id) FILTER (WHERE x.required IS NOT NULL) AS competency_ids,
               array_agg(CASE WHEN x.result_id IS NULL THEN 9 ELSE coalesce(x.achieved - x.required, 8) END::smallint)
                    FILTER (WHERE x.required IS NOT NULL) AS standings,
               string_agg(
                    gap_evidence_of(x.result_id, x.event_id, x.level, x.assessed_on, x.valid_until, x.recorded_at, x.method,
                        x.purpose),
                    '') FILTER (WHERE x.result_id IS NOT NULL) AS evidence,
               array_agg(x.valid_until) FILTER (WHERE x.required IS NOT NULL) AS valid_until,
               array_agg(x.lasts_until) FILTER (WHERE x.required IS NOT NULL) AS lasts_until,
               min(x.valid_until) FILTER (WHERE x.achieved IS NOT NULL) + 1 AS lapses_on,
               count(x.required) = count(x.achieved) AS complete,
               sum(x.weight::bigint * x.achieved) AS earned, sum(x.weight::bigint * x.required) AS full_marks
        FROM (
            SELECT o.*, t.method, t.purpose
            FROM gaps_on(the_agency, w.employee_id, the_day, known_at) o
            LEFT JOIN assessment_events t ON t.agency_id = the_agency AND t.id = o.event_id
            ORDER BY o.ordinal
            OFFSET 0) x
        ) g ON true
$$;

-- Makes the rows of these people anew for a day, and moves the sums by what changed. From the lock to the commit nobody else
-- does so for the same people, and each of these statements sees what was committed before it began: whoever comes second
-- sees what the first one wrote. Planning takes twenty times as long as running for one person, and no plan is better than
-- the one that goes from person to person.
--
-- Where facts changed, `since` says from which day on: the past of every position these people ever held is marked. That is
-- looked up under the lock, too, or a position somebody else is just giving one of them would be missed.
CREATE OR REPLACE FUNCTION gaps_refresh(the_agency uuid, the_people uuid[], the_day date, since date) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM FROM employees e WHERE e.agency_id = the_agency AND e.id = ANY (the_people) ORDER BY e.id FOR NO KEY UPDATE;
    IF since IS NOT NULL THEN
        INSERT INTO gap_marks (agency_id, position_id, since)
        SELECT DISTINCT the_agency, p.position_id, gaps_refresh.since
        FROM placements p
        WHERE p.agency_id = the_agency AND p.employee_id = ANY (the_people) AND p.position_id IS NOT NULL;
    END IF;
    UPDATE gap_models m SET latest_on = the_day WHERE m.agency_id = the_agency AND m.latest_on < the_day;
    WITH fresh AS MATERIALIZED (
        SELECT * FROM gap_profiles_on(the_agency, the_people, the_day, 'infinity')),
    signed AS MATERIALIZED (
        SELECT -1 AS sign, b.* FROM gap_profiles b WHERE b.agency_id = the_agency AND b.employee_id = ANY (the_people)
        UNION ALL
        SELECT 1, f.* FROM fresh f),
    written AS (
        INSERT INTO gap_profiles SELECT * FROM fresh
        ON CONFLICT ON CONSTRAINT pk_gap_profiles DO UPDATE
        SET computed_on = excluded.computed_on, holds_until = excluded.holds_until, position_id = excluded.position_id,
            standard_id = excluded.standard_id, policy_id = excluded.policy_id,
            competency_agency_ids = excluded.competency_agency_ids, competency_ids = excluded.competency_ids,
            standings = excluded.standings, evidence = excluded.evidence, valid_until = excluded.valid_until,
            lasts_until = excluded.lasts_until, filling = excluded.filling, mapping = excluded.mapping),
    counted AS (
        INSERT INTO gap_counts (agency_id, position_id, competency_agency_id, competency_id, standing, people)
        SELECT the_agency, s.position_id, c.agency, c.id, c.standing, sum(s.sign)
        FROM signed s, unnest(s.competency_agency_ids, s.competency_ids, s.standings) AS c(agency, id, standing)
        GROUP BY s.position_id, c.agency, c.id, c.standing
        HAVING sum(s.sign) <> 0),
    lapsing AS (
        INSERT INTO gap_expiries (agency_id, position_id, competency_agency_id, competency_id, month, lapsing, reopening)
        SELECT the_agency, s.position_id, e.agency, e.id, e.month, sum(s.sign * e.lapsing), sum(s.sign * e.reopening)
        FROM signed s,
            gap_expiries_of(s.competency_agency_ids, s.competency_ids, s.valid_until, s.lasts_until) e
        GROUP BY s.position_id, e.agency, e.id, e.month
        HAVING sum(s.sign * e.lapsing) <> 0 OR sum(s.sign * e.reopening) <> 0)
    INSERT INTO gap_people (agency_id, position_id, filling, mapping, people)
    SELECT the_agency, s.position_id, s.filling, s.mapping, sum(s.sign)
    FROM signed s
    WHERE s.position_id IS NOT NULL
    GROUP BY s.position_id, s.filling, s.mapping
    HAVING sum(s.sign) <> 0;
END
$$;

-- Whatever stood in the model is made anew, with its sums.
DELETE FROM gap_counts;
DELETE FROM gap_people;
DELETE FROM gap_expiries;
DELETE FROM gap_kept;
UPDATE gap_models SET changes = changes + 1 WHERE agency_id IN (SELECT agency_id FROM employees);
