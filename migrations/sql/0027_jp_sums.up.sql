-- What the kept rows of a position's people come to under a rubric of floors and ceilings, by standing: an agency is answered
-- from as many rows as it has positions. A row is used while it is of the rubric, class and day asked about and nothing marks
-- its position; of other positions the people's rows are asked.
CREATE TABLE jp_sums (
    agency_id uuid NOT NULL,
    position_id uuid NOT NULL,
    -- A digest of the rules.
    rubric text NOT NULL,
    job_class text NOT NULL,
    holds_from date NOT NULL,
    holds_until date NOT NULL,
    statuses text[] NOT NULL,
    people bigint[] NOT NULL,
    with_floor bigint[] NOT NULL,
    met bigint[] NOT NULL,
    short bigint[] NOT NULL,
    short_by_half bigint[] NOT NULL,
    nothing_yet bigint[] NOT NULL,
    with_ceiling bigint[] NOT NULL,
    over bigint[] NOT NULL,
    over_by bigint[] NOT NULL,
    CONSTRAINT pk_jp_sums PRIMARY KEY (agency_id, position_id),
    CONSTRAINT fk_jp_sums_position FOREIGN KEY (agency_id, position_id)
        REFERENCES positions (agency_id, id) ON DELETE CASCADE
);

-- Positions one of whose people's rows changed since their sums were made. Writers only ever add, so that they never wait for
-- each other; whoever makes the sums anew takes the marks it sees in the same statement as the rows.
CREATE TABLE jp_sum_marks (
    agency_id uuid NOT NULL,
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    position_id uuid NOT NULL,
    CONSTRAINT pk_jp_sum_marks PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_jp_sum_marks_position FOREIGN KEY (agency_id, position_id)
        REFERENCES positions (agency_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_jp_sum_marks_position ON jp_sum_marks (agency_id, position_id);

CREATE INDEX ix_jp_standings_position ON jp_standings (agency_id, position_id);
CREATE INDEX ix_jp_standings_ahead ON jp_standings (agency_id, holds_from);

CREATE FUNCTION jp_sums_mark() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jp_sum_marks (agency_id, position_id)
    SELECT DISTINCT agency_id, position_id FROM moved WHERE position_id IS NOT NULL;
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_jp_standings_come AFTER INSERT ON jp_standings REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION jp_sums_mark();
CREATE TRIGGER tr_jp_standings_go AFTER DELETE ON jp_standings REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION jp_sums_mark();
CREATE TRIGGER tr_jp_standings_left AFTER UPDATE ON jp_standings REFERENCING OLD TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION jp_sums_mark();
CREATE TRIGGER tr_jp_standings_taken AFTER UPDATE ON jp_standings REFERENCING NEW TABLE AS moved
    FOR EACH STATEMENT EXECUTE FUNCTION jp_sums_mark();

-- Whoever changes a fact waits for whoever is making the row anew, also where the row is out of use already: what is made then
-- does not know of the change.
CREATE OR REPLACE FUNCTION jp_standing_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM jp_standings WHERE agency_id = NEW.agency_id AND employee_id = NEW.employee_id FOR NO KEY UPDATE;
    UPDATE jp_standings SET holds_until = '-infinity'
    WHERE agency_id = NEW.agency_id AND employee_id = NEW.employee_id AND holds_until > '-infinity';
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION jp_standing_corrected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM jp_standings WHERE agency_id = NEW.agency_id AND employee_id = NEW.id FOR NO KEY UPDATE;
    UPDATE jp_standings SET holds_until = '-infinity'
    WHERE agency_id = NEW.agency_id AND employee_id = NEW.id AND holds_until > '-infinity';
    RETURN NULL;
END
$$;
