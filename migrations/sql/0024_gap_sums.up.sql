-- The sums of the present stand as those of other days do: one row for a position, in place of one for each figure. A question
-- about an agency reads hundreds of rows instead of tens of thousands, and a writer adds one.

DROP FUNCTION gaps_fold(bigint);
DROP TABLE gap_expiries, gap_people, gap_counts;

-- The sums of the present, by what people hold; the columns are those of gap_kept. A figure is the sum of what all rows of its
-- position say of it, so that writers only ever add rows and never wait for each other; now and then the rows of a position
-- are made one, which is then `folded`.
CREATE TABLE gap_sums (
    agency_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid NOT NULL,
    -- People of whom a competency is required, by how they stand in it (as in gap_profiles).
    count_competency_agency_ids uuid[] NOT NULL,
    count_competency_ids uuid[] NOT NULL,
    count_standings smallint[] NOT NULL,
    count_people integer[] NOT NULL,
    -- Everybody, by the category of the job person match for either purpose, INCOMPLETE, or UNMEASURED for people of whom
    -- nothing is required.
    people_filling text[] NOT NULL,
    people_mapping text[] NOT NULL,
    people_people integer[] NOT NULL,
    -- Evidence that will lapse, by the first of the month of its last valid day: of the result in use (`lapsing`), and of the
    -- last result that could stand in for it (`reopening`).
    expiry_competency_agency_ids uuid[] NOT NULL,
    expiry_competency_ids uuid[] NOT NULL,
    expiry_months date[] NOT NULL,
    expiry_lapsing integer[] NOT NULL,
    expiry_reopening integer[] NOT NULL,
    folded boolean NOT NULL DEFAULT false,
    CONSTRAINT pk_gap_sums PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_gap_sums_position FOREIGN KEY (agency_id, position_id)
        REFERENCES positions (agency_id, id) ON DELETE CASCADE
) WITH (toast_tuple_target = 8160);
CREATE INDEX ix_gap_sums_position ON gap_sums (agency_id, position_id);
CREATE INDEX ix_gap_sums_loose ON gap_sums (agency_id, position_id) WHERE NOT folded;
ALTER TABLE gap_kept SET (toast_tuple_target = 8160);

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
    counts AS (
        SELECT x.position_id, array_agg(x.agency) AS agencies, array_agg(x.id) AS ids, array_agg(x.standing) AS standings,
               array_agg(x.people) AS people
        FROM (
            SELECT s.position_id, c.agency, c.id, c.standing, sum(s.sign)::integer AS people
            FROM signed s, unnest(s.competency_agency_ids, s.competency_ids, s.standings) AS c(agency, id, standing)
            GROUP BY s.position_id, c.agency, c.id, c.standing
            HAVING sum(s.sign) <> 0) x
        GROUP BY x.position_id),
    people AS (
        SELECT x.position_id, array_agg(x.filling) AS filling, array_agg(x.mapping) AS mapping, array_agg(x.people) AS people
        FROM (
            SELECT s.position_id, s.filling, s.mapping, sum(s.sign)::integer AS people
            FROM signed s
            WHERE s.position_id IS NOT NULL
            GROUP BY s.position_id, s.filling, s.mapping
            HAVING sum(s.sign) <> 0) x
        GROUP BY x.position_id),
    expiries AS (
        SELECT x.position_id, array_agg(x.agency) AS agencies, array_agg(x.id) AS ids, array_agg(x.month) AS months,
               array_agg(x.lapsing) AS lapsing, array_agg(x.reopening) AS reopening
        FROM (
            SELECT s.position_id, e.agency, e.id, e.month, sum(s.sign * e.lapsing)::integer AS lapsing,
                   sum(s.sign * e.reopening)::integer AS reopening
            FROM signed s,
                gap_expiries_of(s.competency_agency_ids, s.competency_ids, s.valid_until, s.lasts_until) e
            GROUP BY s.position_id, e.agency, e.id, e.month
            HAVING sum(s.sign * e.lapsing) <> 0 OR sum(s.sign * e.reopening) <> 0) x
        GROUP BY x.position_id)
    INSERT INTO gap_sums (agency_id, position_id, count_competency_agency_ids, count_competency_ids, count_standings,
        count_people, people_filling, people_mapping, people_people, expiry_competency_agency_ids, expiry_competency_ids,
        expiry_months, expiry_lapsing, expiry_reopening)
    SELECT the_agency, position_id, coalesce(c.agencies, '{}'), coalesce(c.ids, '{}'), coalesce(c.standings, '{}'),
           coalesce(c.people, '{}'), coalesce(p.filling, '{}'), coalesce(p.mapping, '{}'), coalesce(p.people, '{}'),
           coalesce(e.agencies, '{}'), coalesce(e.ids, '{}'), coalesce(e.months, '{}'), coalesce(e.lapsing, '{}'),
           coalesce(e.reopening, '{}')
    FROM counts c FULL JOIN people p USING (position_id) FULL JOIN expiries e USING (position_id);
END
$$;

-- Makes the rows that were added to the sums of a position one again, of at most so many positions at a time; returns of how
-- many. Whoever throws sums away holds the lock, too: what is being folded meanwhile would come back. Figures stand by
-- competency, so that whoever adds them up goes from one to the next.
CREATE FUNCTION gaps_fold(most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    positions bigint;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('gaps_fold', 0));
    WITH loose AS (
        SELECT DISTINCT agency_id, position_id FROM gap_sums WHERE NOT folded ORDER BY agency_id, position_id LIMIT most),
    gone AS (
        DELETE FROM gap_sums g USING loose m
        WHERE (g.agency_id, g.position_id) = (m.agency_id, m.position_id)
        RETURNING g.*),
    counts AS (
        SELECT x.agency_id, x.position_id, array_agg(x.agency) AS agencies, array_agg(x.id) AS ids,
               array_agg(x.standing) AS standings, array_agg(x.people) AS people
        FROM (
            SELECT g.agency_id, g.position_id, c.agency, c.id, c.standing, sum(c.people)::integer AS people
            FROM gone g, unnest(g.count_competency_agency_ids, g.count_competency_ids, g.count_standings, g.count_people)
                AS c(agency, id, standing, people)
            GROUP BY g.agency_id, g.position_id, c.agency, c.id, c.standing
            HAVING sum(c.people) <> 0
            ORDER BY g.agency_id, g.position_id, c.id, c.standing) x
        GROUP BY x.agency_id, x.position_id),
    people AS (
        SELECT x.agency_id, x.position_id, array_agg(x.filling) AS filling, array_agg(x.mapping) AS mapping,
               array_agg(x.people) AS people
        FROM (
            SELECT g.agency_id, g.position_id, c.filling, c.mapping, sum(c.people)::integer AS people
            FROM gone g, unnest(g.people_filling, g.people_mapping, g.people_people) AS c(filling, mapping, people)
            GROUP BY g.agency_id, g.position_id, c.filling, c.mapping
            HAVING sum(c.people) <> 0) x
        GROUP BY x.agency_id, x.position_id),
    expiries AS (
        SELECT x.agency_id, x.position_id, array_agg(x.agency) AS agencies, array_agg(x.id) AS ids,
               array_agg(x.month) AS months, array_agg(x.lapsing) AS lapsing, array_agg(x.reopening) AS reopening
        FROM (
            SELECT g.agency_id, g.position_id, c.agency, c.id, c.month, sum(c.lapsing)::integer AS lapsing,
                   sum(c.reopening)::integer AS reopening
            FROM gone g, unnest(g.expiry_competency_agency_ids, g.expiry_competency_ids, g.expiry_months, g.expiry_lapsing,
                g.expiry_reopening) AS c(agency, id, month, lapsing, reopening)
            GROUP BY g.agency_id, g.position_id, c.agency, c.id, c.month
            HAVING sum(c.lapsing) <> 0 OR sum(c.reopening) <> 0) x
        GROUP BY x.agency_id, x.position_id),
    one AS (
        INSERT INTO gap_sums (agency_id, position_id, count_competency_agency_ids, count_competency_ids, count_standings,
            count_people, people_filling, people_mapping, people_people, expiry_competency_agency_ids, expiry_competency_ids,
            expiry_months, expiry_lapsing, expiry_reopening, folded)
        SELECT agency_id, position_id, coalesce(c.agencies, '{}'), coalesce(c.ids, '{}'), coalesce(c.standings, '{}'),
               coalesce(c.people, '{}'), coalesce(p.filling, '{}'), coalesce(p.mapping, '{}'), coalesce(p.people, '{}'),
               coalesce(e.agencies, '{}'), coalesce(e.ids, '{}'), coalesce(e.months, '{}'), coalesce(e.lapsing, '{}'),
               coalesce(e.reopening, '{}'), true
        FROM counts c
        FULL JOIN people p USING (agency_id, position_id)
        FULL JOIN expiries e USING (agency_id, position_id))
    SELECT count(*) INTO positions FROM loose;
    RETURN positions;
END
$$;

-- Whatever stood in the model is made anew, with its sums: a row's old share is no longer in them.
DELETE FROM gap_profiles;
UPDATE gap_models SET changes = changes + 1 WHERE agency_id IN (SELECT agency_id FROM employees);
