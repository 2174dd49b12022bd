-- The gap model: how everybody stands on the present day, one row for each person, and the sums over those rows. It holds
-- nothing that the facts do not say, is kept in the transaction of the write that moves it, and can be made anew at any time.

-- The calendar day in a time zone of Indonesia.
CREATE FUNCTION day_in(zone text, at timestamptz) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ((at AT TIME ZONE 'UTC')
        + CASE zone WHEN 'WIB' THEN interval '7 hours' WHEN 'WITA' THEN interval '8 hours' ELSE interval '9 hours' END)::date
$$;

-- The version of a rubric that applies on a day, as it was known at an instant: the agency's own before the nation's.
CREATE FUNCTION policy_on(the_agency uuid, the_kind text, the_name text, the_day date, known_at timestamptz)
RETURNS SETOF policies LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT *
    FROM policies
    WHERE agency_id IN (the_agency, '00000000-0000-7000-8000-000000000001')
      AND kind = the_kind
      AND name = the_name
      AND valid_from <= the_day
      AND recorded_at <= known_at
    ORDER BY agency_id = the_agency DESC, valid_from DESC, recorded_at DESC, id DESC
    LIMIT 1
$$;

-- What a job class requires where a position has no standard: every national competency of the rubric's families, of each
-- national dictionary in the version in use, at the class's level.
CREATE FUNCTION default_requirements_on(the_agency uuid, the_class text, the_day date, known_at timestamptz)
RETURNS TABLE (policy_id uuid, competency_agency_id uuid, competency_id uuid, dictionary_version_id uuid, ordinal integer,
    level smallint) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.id, n.agency_id, n.competency_id, v.id, (row_number() OVER (ORDER BY d.code, c.code))::integer,
           (p.rubric -> 'levels' ->> the_class)::smallint
    FROM policy_on(the_agency, 'DEFAULT_LEVELS', 'DEFAULT_LEVELS', the_day, known_at) p
    JOIN (
        SELECT DISTINCT ON (u.dictionary_id) u.*
        FROM dictionary_versions u
        WHERE u.agency_id = '00000000-0000-7000-8000-000000000001'
          AND u.published_at <= known_at
          AND (u.retired_at IS NULL OR u.retired_at > known_at)
        ORDER BY u.dictionary_id, u.number DESC) v ON true
    JOIN dictionaries d ON d.agency_id = v.agency_id AND d.id = v.dictionary_id
    JOIN competency_contents n ON n.agency_id = v.agency_id AND n.dictionary_version_id = v.id
        AND p.rubric -> 'families' ? n.family
    JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
    WHERE p.rubric -> 'levels' ? the_class
$$;

-- What a position requires, by its standard in force or else by the default levels of its class.
CREATE FUNCTION requirements_on(the_agency uuid, the_position uuid, the_class text, the_day date, known_at timestamptz)
RETURNS TABLE (standard_id uuid, policy_id uuid, competency_agency_id uuid, competency_id uuid,
    dictionary_version_id uuid, ordinal integer, level smallint, weight integer, importance text)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH s AS MATERIALIZED (
        SELECT id FROM standards_on(the_agency, the_day, known_at) WHERE position_id = the_position)
    SELECT s.id, NULL::uuid, q.competency_agency_id, q.competency_id, q.dictionary_version_id, q.ordinal, q.level, q.weight,
           q.importance
    FROM s
    JOIN standard_requirements q ON q.agency_id = the_agency AND q.standard_id = s.id
    UNION ALL
    SELECT NULL::uuid, d.policy_id, d.competency_agency_id, d.competency_id, d.dictionary_version_id, d.ordinal, d.level,
           100, 'PENTING'
    FROM default_requirements_on(the_agency, the_class, the_day, known_at) d
    WHERE NOT EXISTS (SELECT FROM s)
$$;

-- How a person stands in each competency their position requires on a day, as it was known at an instant; one row without
-- a competency when nothing is required of the position, none for somebody who holds no position. `achieved` is the level of
-- valid evidence; `valid_until` that of the result that counts, an expired one included; `lasts_until` the last day on which
-- any result found by then is valid.
CREATE FUNCTION gaps_on(the_agency uuid, the_person uuid, the_day date, known_at timestamptz)
RETURNS TABLE (position_id uuid, standard_id uuid, policy_id uuid, competency_agency_id uuid, competency_id uuid,
    ordinal integer, required smallint, weight integer, importance text, result_id uuid, event_id uuid, achieved smallint,
    level smallint, assessed_on date, valid_until date, recorded_at timestamptz, lasts_until date)
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.position_id, q.standard_id, q.policy_id, q.competency_agency_id, q.competency_id, q.ordinal, q.level,
           q.weight, q.importance, r.id, r.event_id, CASE WHEN r.valid_until >= the_day THEN r.level END, r.level,
           r.assessed_on, r.valid_until, r.recorded_at,
           CASE WHEN r.valid_until >= the_day THEN (
                SELECT max(o.valid_until)
                FROM assessment_results o
                WHERE o.agency_id = the_agency AND o.employee_id = the_person AND o.competency_id = q.competency_id
                  AND o.competency_agency_id = q.competency_agency_id AND o.counts AND o.assessed_on <= the_day
                  AND o.recorded_at <= known_at AND (o.superseded_at IS NULL OR o.superseded_at > known_at)) END
    FROM placements_on(the_agency, the_day, known_at) p
    JOIN positions h ON h.agency_id = the_agency AND h.id = p.position_id
    LEFT JOIN LATERAL requirements_on(the_agency, h.id, h.job_class, the_day, known_at) q ON true
    LEFT JOIN evidence_on(the_agency, the_day, known_at) r
        ON r.employee_id = the_person AND r.competency_id = q.competency_id
        AND r.competency_agency_id = q.competency_agency_id
    WHERE p.employee_id = the_person
$$;

-- One for each agency: whether everything in its model has to be made anew.
CREATE TABLE gap_models (
    agency_id uuid NOT NULL,
    -- How often rubrics and the nation's dictionaries changed: what was read of them before is read again.
    rules bigint NOT NULL DEFAULT 1,
    -- How often one of them changed that moves everybody.
    changes bigint NOT NULL DEFAULT 1,
    -- As of which of these changes every row stands.
    built bigint NOT NULL DEFAULT 0,
    -- The latest day a row stands for.
    latest_on date NOT NULL DEFAULT '-infinity',
    CONSTRAINT pk_gap_models PRIMARY KEY (agency_id),
    CONSTRAINT fk_gap_models_agency FOREIGN KEY (agency_id) REFERENCES agencies (id) ON DELETE CASCADE
);
CREATE FUNCTION gap_model_begin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Of an agency without people everything is known.
    INSERT INTO gap_models (agency_id, built) VALUES (NEW.id, 1);
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_agencies_gap_model AFTER INSERT ON agencies FOR EACH ROW EXECUTE FUNCTION gap_model_begin();
INSERT INTO gap_models (agency_id) SELECT id FROM agencies;

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
    result_ids uuid[] NOT NULL DEFAULT '{}',
    event_ids uuid[] NOT NULL DEFAULT '{}',
    levels smallint[] NOT NULL DEFAULT '{}',
    methods text[] NOT NULL DEFAULT '{}',
    purposes text[] NOT NULL DEFAULT '{}',
    assessed_on date[] NOT NULL DEFAULT '{}',
    valid_until date[] NOT NULL DEFAULT '{}',
    recorded_at timestamptz[] NOT NULL DEFAULT '{}',
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

-- The sums of the present, by what people hold. A figure is the sum of all rows of its key, so that writers only ever add
-- rows and never wait for each other; now and then the rows of a key are made one, which is then `folded`.
CREATE TABLE gap_counts (
    agency_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    standing smallint NOT NULL,
    people integer NOT NULL,
    folded boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_gap_counts PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_gap_counts_position FOREIGN KEY (agency_id, position_id)
        REFERENCES positions (agency_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_gap_counts_position ON gap_counts (agency_id, position_id);
CREATE INDEX ix_gap_counts_loose ON gap_counts (agency_id, position_id) WHERE NOT folded;

-- `filling` and `mapping`: the category of the job person match for that purpose, INCOMPLETE, or UNMEASURED for people of
-- whom nothing is required.
CREATE TABLE gap_people (
    agency_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid NOT NULL,
    filling text NOT NULL,
    mapping text NOT NULL,
    people integer NOT NULL,
    folded boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_gap_people PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_gap_people_position FOREIGN KEY (agency_id, position_id)
        REFERENCES positions (agency_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_gap_people_position ON gap_people (agency_id, position_id);
CREATE INDEX ix_gap_people_loose ON gap_people (agency_id, position_id) WHERE NOT folded;

-- Evidence that will lapse, by the first of the month of its last valid day: of the result in use (`lapsing`), and of the
-- last result that could stand in for it (`reopening`).
CREATE TABLE gap_expiries (
    agency_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    month date NOT NULL,
    lapsing integer NOT NULL,
    reopening integer NOT NULL,
    folded boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_gap_expiries PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_gap_expiries_position FOREIGN KEY (agency_id, position_id)
        REFERENCES positions (agency_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_gap_expiries_position ON gap_expiries (agency_id, position_id, month);
CREATE INDEX ix_gap_expiries_loose ON gap_expiries (agency_id, position_id) WHERE NOT folded;

-- The sums of a position on another day, made when somebody asks. `seen` is what their maker saw: they hold as long as
-- everything that changed the past of the position since (`gap_marks`) was seen.
CREATE TABLE gap_kept (
    agency_id uuid NOT NULL,
    day date NOT NULL,
    position_id uuid NOT NULL,
    seen pg_snapshot NOT NULL,
    made_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    -- Whether the day is a month's last: those are asked for again and again.
    month_end boolean NOT NULL,
    count_competency_agency_ids uuid[] NOT NULL,
    count_competency_ids uuid[] NOT NULL,
    count_standings smallint[] NOT NULL,
    count_people integer[] NOT NULL,
    people_filling text[] NOT NULL,
    people_mapping text[] NOT NULL,
    people_people integer[] NOT NULL,
    expiry_competency_agency_ids uuid[] NOT NULL,
    expiry_competency_ids uuid[] NOT NULL,
    expiry_months date[] NOT NULL,
    expiry_lapsing integer[] NOT NULL,
    expiry_reopening integer[] NOT NULL,
    CONSTRAINT pk_gap_kept PRIMARY KEY (agency_id, day, position_id),
    CONSTRAINT fk_gap_kept_position FOREIGN KEY (agency_id, position_id)
        REFERENCES positions (agency_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_gap_kept_once ON gap_kept (made_at) WHERE NOT month_end;
-- What was written of a position's past from a day on; without a position, of all.
CREATE TABLE gap_marks (
    agency_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid,
    since date NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT pk_gap_marks PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_gap_marks_agency FOREIGN KEY (agency_id) REFERENCES agencies (id) ON DELETE CASCADE
);
CREATE INDEX ix_gap_marks_position ON gap_marks (agency_id, position_id, since);

-- The months in which the evidence of a row of gap_profiles lapses and its gaps reopen.
CREATE FUNCTION gap_expiries_of(agencies uuid[], competencies uuid[], valid_until date[], lasts_until date[])
RETURNS TABLE (agency uuid, id uuid, month date, lapsing integer, reopening integer)
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT c.agency, c.id, date_trunc('month', m.day)::date, m.lapsing, m.reopening
    FROM unnest(agencies, competencies, valid_until, lasts_until) AS c(agency, id, valid_until, lasts_until),
        LATERAL (VALUES (c.valid_until, 1, 0), (c.lasts_until, 0, 1)) AS m(day, lapsing, reopening)
    WHERE c.lasts_until IS NOT NULL
$$;

-- What the row of each of these people is on a day, as it was known at an instant.
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
           coalesce(g.result_ids, '{}'), coalesce(g.event_ids, '{}'), coalesce(g.levels, '{}'), coalesce(g.methods, '{}'),
           coalesce(g.purposes, '{}'), coalesce(g.assessed_on, '{}'), coalesce(g.valid_until, '{}'),
           coalesce(g.recorded_at, '{}'), coalesce(g.lasts_until, '{}'),
           CASE WHEN g.full_marks IS NULL THEN 'UNMEASURED' WHEN NOT g.complete THEN 'INCOMPLETE' ELSE (
                SELECT c.category FROM rule, jsonb_to_recordset(rule.filling) AS c(at_least bigint, category text)
                WHERE g.earned * 10000 >= c.at_least * g.full_marks ORDER BY c.at_least DESC LIMIT 1) END,
           CASE WHEN g.full_marks IS NULL THEN 'UNMEASURED' WHEN NOT g.complete THEN 'INCOMPLETE' ELSE (
                SELECT c.category FROM rule, jsonb_to_recordset(rule.mapping) AS c(at_least bigint, category text)
                WHERE g.earned * 10000 >= c.at_least * g.full_marks ORDER BY c.at_least DESC LIMIT 1) END
    FROM unnest(the_people) AS w(employee_id)
    LEFT JOIN LATERAL (
        -- Sorted once below, instead of once for each array.
        SELECT (array_agg(x.position_id))[1] AS position_id, (array_agg(x.standard_id))[1] AS standard_id,
               (array_agg(x.policy_id))[1] AS policy_id,
               array_agg(x.competency_agency_id) FILTER (WHERE x.required IS NOT NULL) AS competency_agency_ids,
               array_agg(x.competency_id) FILTER (WHERE x.required IS NOT NULL) AS competency_ids,
               array_agg(CASE WHEN x.result_id IS NULL THEN 9 ELSE coalesce(x.achieved - x.required, 8) END::smallint)
                    FILTER (WHERE x.required IS NOT NULL) AS standings,
               array_agg(x.result_id) FILTER (WHERE x.required IS NOT NULL) AS result_ids,
               array_agg(x.event_id) FILTER (WHERE x.required IS NOT NULL) AS event_ids,
               array_agg(x.level) FILTER (WHERE x.required IS NOT NULL) AS levels,
               array_agg(x.method) FILTER (WHERE x.required IS NOT NULL) AS methods,
               array_agg(x.purpose) FILTER (WHERE x.required IS NOT NULL) AS purposes,
               array_agg(x.assessed_on) FILTER (WHERE x.required IS NOT NULL) AS assessed_on,
               array_agg(x.valid_until) FILTER (WHERE x.required IS NOT NULL) AS valid_until,
               array_agg(x.recorded_at) FILTER (WHERE x.required IS NOT NULL) AS recorded_at,
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
CREATE FUNCTION gaps_refresh(the_agency uuid, the_people uuid[], the_day date) RETURNS void LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    PERFORM FROM employees e WHERE e.agency_id = the_agency AND e.id = ANY (the_people) ORDER BY e.id FOR NO KEY UPDATE;
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
            standings = excluded.standings, result_ids = excluded.result_ids, event_ids = excluded.event_ids,
            levels = excluded.levels, methods = excluded.methods, purposes = excluded.purposes,
            assessed_on = excluded.assessed_on, valid_until = excluded.valid_until, recorded_at = excluded.recorded_at,
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

-- Makes the sums of these positions on a day, and keeps them.
CREATE FUNCTION gaps_keep(the_agency uuid, the_positions uuid[], the_day date) RETURNS void LANGUAGE sql AS $$
    WITH held AS MATERIALIZED (
        SELECT g.*
        FROM gap_profiles_on(the_agency, ARRAY(
            SELECT p.employee_id FROM placements_on(the_agency, the_day, 'infinity') p
            WHERE p.position_id = ANY (the_positions)), the_day, 'infinity') g),
    counts AS (
        SELECT x.position_id, array_agg(x.agency) AS agencies, array_agg(x.id) AS ids, array_agg(x.standing) AS standings,
               array_agg(x.people) AS people
        FROM (
            SELECT h.position_id, c.agency, c.id, c.standing, count(*)::integer AS people
            FROM held h, unnest(h.competency_agency_ids, h.competency_ids, h.standings) AS c(agency, id, standing)
            GROUP BY h.position_id, c.agency, c.id, c.standing) x
        GROUP BY x.position_id),
    people AS (
        SELECT x.position_id, array_agg(x.filling) AS filling, array_agg(x.mapping) AS mapping, array_agg(x.people) AS people
        FROM (SELECT h.position_id, h.filling, h.mapping, count(*)::integer AS people
              FROM held h GROUP BY h.position_id, h.filling, h.mapping) x
        GROUP BY x.position_id),
    expiries AS (
        SELECT x.position_id, array_agg(x.agency) AS agencies, array_agg(x.id) AS ids, array_agg(x.month) AS months,
               array_agg(x.lapsing) AS lapsing, array_agg(x.reopening) AS reopening
        FROM (
            SELECT h.position_id, e.agency, e.id, e.month, sum(e.lapsing)::integer AS lapsing,
                   sum(e.reopening)::integer AS reopening
            FROM held h,
                gap_expiries_of(h.competency_agency_ids, h.competency_ids, h.valid_until, h.lasts_until) e
            GROUP BY h.position_id, e.agency, e.id, e.month) x
        GROUP BY x.position_id)
    INSERT INTO gap_kept (agency_id, day, position_id, seen, month_end, count_competency_agency_ids, count_competency_ids,
        count_standings, count_people, people_filling, people_mapping, people_people, expiry_competency_agency_ids,
        expiry_competency_ids, expiry_months, expiry_lapsing, expiry_reopening)
    SELECT the_agency, the_day, w.id, pg_current_snapshot(), extract(day FROM the_day + 1) = 1, coalesce(c.agencies, '{}'), coalesce(c.ids, '{}'),
           coalesce(c.standings, '{}'), coalesce(c.people, '{}'), coalesce(p.filling, '{}'), coalesce(p.mapping, '{}'),
           coalesce(p.people, '{}'), coalesce(e.agencies, '{}'), coalesce(e.ids, '{}'), coalesce(e.months, '{}'),
           coalesce(e.lapsing, '{}'), coalesce(e.reopening, '{}')
    FROM positions w
    LEFT JOIN counts c ON c.position_id = w.id
    LEFT JOIN people p ON p.position_id = w.id
    LEFT JOIN expiries e ON e.position_id = w.id
    WHERE w.agency_id = the_agency AND w.id = ANY (the_positions)
    ORDER BY w.id
    ON CONFLICT ON CONSTRAINT pk_gap_kept DO UPDATE
    SET seen = excluded.seen, made_at = excluded.made_at,
        count_competency_agency_ids = excluded.count_competency_agency_ids,
        count_competency_ids = excluded.count_competency_ids, count_standings = excluded.count_standings,
        count_people = excluded.count_people, people_filling = excluded.people_filling,
        people_mapping = excluded.people_mapping, people_people = excluded.people_people,
        expiry_competency_agency_ids = excluded.expiry_competency_agency_ids,
        expiry_competency_ids = excluded.expiry_competency_ids, expiry_months = excluded.expiry_months,
        expiry_lapsing = excluded.expiry_lapsing, expiry_reopening = excluded.expiry_reopening
$$;

-- Leaves the rows of these people to be made anew later, in parts: until then nobody reads them. Whoever has none gets one.
CREATE FUNCTION gaps_put_off(the_agency uuid, the_people uuid[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM employees e WHERE e.agency_id = the_agency AND e.id = ANY (the_people) ORDER BY e.id FOR NO KEY UPDATE;
    INSERT INTO gap_profiles (agency_id, employee_id, computed_on, holds_until, filling, mapping)
    SELECT the_agency, w.id, '-infinity', '-infinity', 'UNMEASURED', 'UNMEASURED'
    FROM unnest(the_people) AS w(id)
    ON CONFLICT ON CONSTRAINT pk_gap_profiles DO UPDATE SET holds_until = '-infinity';
END
$$;
