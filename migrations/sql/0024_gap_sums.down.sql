DROP FUNCTION gaps_fold(bigint);
DROP TABLE gap_sums;
ALTER TABLE gap_kept RESET (toast_tuple_target);

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

-- Makes the rows of sums that were added to one again, at most so many at a time; returns how many sums those are. Whoever
-- throws sums away holds the lock, too: what is being folded meanwhile would come back.
CREATE FUNCTION gaps_fold(most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    one bigint;
    sums bigint := 0;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('gaps_fold', 0));
    WITH loose AS (
       SELECT DISTINCT agency_id, position_id, competency_agency_id, competency_id, standing
       FROM (SELECT * FROM gap_counts WHERE NOT folded LIMIT most) l),
    gone AS (
       DELETE FROM gap_counts g USING loose m
       WHERE (g.agency_id, g.position_id, g.competency_agency_id, g.competency_id, g.standing)
           = (m.agency_id, m.position_id, m.competency_agency_id, m.competency_id, m.standing)
       RETURNING g.*)
    INSERT INTO gap_counts (agency_id, position_id, competency_agency_id, competency_id, standing, people, folded)
    SELECT agency_id, position_id, competency_agency_id, competency_id, standing, sum(people), true
    FROM gone GROUP BY agency_id, position_id, competency_agency_id, competency_id, standing HAVING sum(people) <> 0;
    GET DIAGNOSTICS one = ROW_COUNT;
    sums := sums + one;
    WITH loose AS (
       SELECT DISTINCT agency_id, position_id, filling, mapping
       FROM (SELECT * FROM gap_people WHERE NOT folded LIMIT most) l),
    gone AS (
       DELETE FROM gap_people g USING loose m
       WHERE (g.agency_id, g.position_id, g.filling, g.mapping)
           = (m.agency_id, m.position_id, m.filling, m.mapping)
       RETURNING g.*)
    INSERT INTO gap_people (agency_id, position_id, filling, mapping, people, folded)
    SELECT agency_id, position_id, filling, mapping, sum(people), true
    FROM gone GROUP BY agency_id, position_id, filling, mapping HAVING sum(people) <> 0;
    GET DIAGNOSTICS one = ROW_COUNT;
    sums := sums + one;
    WITH loose AS (
       SELECT DISTINCT agency_id, position_id, competency_agency_id, competency_id, month
       FROM (SELECT * FROM gap_expiries WHERE NOT folded LIMIT most) l),
    gone AS (
       DELETE FROM gap_expiries g USING loose m
       WHERE (g.agency_id, g.position_id, g.competency_agency_id, g.competency_id, g.month)
           = (m.agency_id, m.position_id, m.competency_agency_id, m.competency_id, m.month)
       RETURNING g.*)
    INSERT INTO gap_expiries (agency_id, position_id, competency_agency_id, competency_id, month, lapsing, reopening, folded)
    SELECT agency_id, position_id, competency_agency_id, competency_id, month, sum(lapsing), sum(reopening), true
    FROM gone GROUP BY agency_id, position_id, competency_agency_id, competency_id, month HAVING sum(lapsing) <> 0 OR sum(reopening) <> 0;
    GET DIAGNOSTICS one = ROW_COUNT;
    sums := sums + one;
    RETURN sums;
END
$$;

-- Whatever stood in the model is made anew, with its sums.
DELETE FROM gap_profiles;
UPDATE gap_models SET changes = changes + 1 WHERE agency_id IN (SELECT agency_id FROM employees);
