-- Learning hours: who was credited with what, what people log themselves, and how a year stands.

ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind CHECK (kind IN (
        'JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS', 'JP_TARGET', 'DEVELOPMENT_PLAN'));

-- The standings somebody had before the one their record tells: what is asked of a year depends on them.
CREATE TABLE former_standings (
    agency_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    ended_on date NOT NULL,
    status text NOT NULL,
    appointed_on date,
    recorded_at timestamptz NOT NULL,
    CONSTRAINT pk_former_standings PRIMARY KEY (agency_id, employee_id, ended_on),
    CONSTRAINT fk_former_standings_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id) ON DELETE CASCADE
);

-- Append-only: a wrong entry is taken back by a counter-entry.
CREATE TABLE jp_entries (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    kind text NOT NULL,
    source text NOT NULL,
    source_id uuid NOT NULL,
    earned_on date NOT NULL,
    hundredths bigint NOT NULL,
    basis text NOT NULL,
    title text NOT NULL,
    form text,
    certificate_number text,
    certificate_on date,
    valid_until date,
    corrects_id uuid,
    reason text,
    recorded_at timestamptz NOT NULL,
    recorded_by uuid,
    -- Whether its certificate can expire while its hours are still asked about.
    lapses boolean NOT NULL GENERATED ALWAYS AS (coalesce(valid_until < earned_on + 366, false)) STORED,
    CONSTRAINT pk_jp_entries PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_jp_entries_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_jp_entries_corrects FOREIGN KEY (agency_id, corrects_id) REFERENCES jp_entries (agency_id, id),
    CONSTRAINT fk_jp_entries_recorder FOREIGN KEY (recorded_by) REFERENCES users (id),
    CONSTRAINT ck_jp_entries_source CHECK (source IN ('COMPLETION', 'OWN_LEARNING')),
    CONSTRAINT ck_jp_entries_basis CHECK (basis IN ('CERTIFICATE', 'CONVERSION', 'CORRECTION')),
    CONSTRAINT ck_jp_entries_certificate CHECK (
        (certificate_number IS NULL) = (certificate_on IS NULL) AND (certificate_on IS NOT NULL OR valid_until IS NULL)),
    CONSTRAINT ck_jp_entries_kind CHECK (
        (kind = 'CREDIT' AND hundredths > 0 AND corrects_id IS NULL)
        OR (kind = 'REVERSAL' AND hundredths < 0 AND corrects_id IS NOT NULL AND reason IS NOT NULL)
        OR (kind = 'REPLACEMENT' AND hundredths > 0 AND corrects_id IS NOT NULL AND reason IS NOT NULL))
);
-- What is told twice is credited once, and what is taken back twice is taken back once.
CREATE UNIQUE INDEX uq_jp_entries_source ON jp_entries (agency_id, source, source_id) WHERE kind = 'CREDIT';
CREATE UNIQUE INDEX uq_jp_entries_reversal ON jp_entries (agency_id, corrects_id) WHERE kind = 'REVERSAL';
CREATE INDEX ix_jp_entries_employee ON jp_entries (agency_id, employee_id, earned_on);
CREATE INDEX ix_jp_entries_corrects ON jp_entries (agency_id, corrects_id) WHERE corrects_id IS NOT NULL;
CREATE INDEX ix_jp_entries_lapsing ON jp_entries (agency_id, earned_on) WHERE lapses;
CREATE TRIGGER tr_jp_entries_append_only BEFORE UPDATE OR DELETE ON jp_entries
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What a person's certificates are used for: each once, whoever logs it and whichever way its number is written. `key` is
-- the number without what people write differently.
CREATE TABLE jp_certificates (
    agency_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    key text NOT NULL,
    issued_on date NOT NULL,
    source text NOT NULL,
    source_id uuid NOT NULL,
    CONSTRAINT pk_jp_certificates PRIMARY KEY (agency_id, employee_id, key, issued_on),
    CONSTRAINT fk_jp_certificates_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id)
);
CREATE INDEX ix_jp_certificates_key ON jp_certificates (agency_id, key, issued_on);
CREATE INDEX ix_jp_certificates_source ON jp_certificates (agency_id, source, source_id);

CREATE TABLE own_learnings (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    title text NOT NULL,
    provider text,
    form text NOT NULL,
    started_on date NOT NULL,
    ended_on date NOT NULL,
    units date[] NOT NULL,
    international boolean NOT NULL,
    certificate_jp bigint,
    certificate_number text,
    certificate_on date,
    valid_until date,
    document text NOT NULL,
    note text,
    state text NOT NULL,
    submitted_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_own_learnings PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_own_learnings_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_own_learnings_decider FOREIGN KEY (decided_by) REFERENCES users (id),
    CONSTRAINT ck_own_learnings_days CHECK (ended_on >= started_on),
    CONSTRAINT ck_own_learnings_hours CHECK (cardinality(units) > 0 OR certificate_jp IS NOT NULL),
    CONSTRAINT ck_own_learnings_state CHECK (
        (state IN ('SUBMITTED', 'WITHDRAWN') AND (state = 'WITHDRAWN' OR decided_at IS NULL))
        OR (state = 'VERIFIED' AND decided_by IS NOT NULL AND decided_at IS NOT NULL)
        OR (state = 'REFUSED' AND decided_by IS NOT NULL AND decided_at IS NOT NULL AND reason IS NOT NULL))
);
CREATE INDEX ix_own_learnings_employee ON own_learnings (agency_id, employee_id);
CREATE INDEX ix_own_learnings_state ON own_learnings (agency_id, state, id);

-- The sum of a person's entries in a year, and in each contract year, kept in the transaction of the entry. They hold
-- nothing the entries do not say, and expired certificates are taken off when somebody asks.
CREATE TABLE jp_years (
    agency_id uuid NOT NULL,
    year integer NOT NULL,
    employee_id uuid NOT NULL,
    hundredths bigint NOT NULL,
    CONSTRAINT pk_jp_years PRIMARY KEY (agency_id, year, employee_id),
    CONSTRAINT fk_jp_years_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id)
);

CREATE TABLE jp_contract_years (
    agency_id uuid NOT NULL,
    status text NOT NULL,
    starts_on date NOT NULL,
    employee_id uuid NOT NULL,
    hundredths bigint NOT NULL,
    CONSTRAINT pk_jp_contract_years PRIMARY KEY (agency_id, status, starts_on, employee_id),
    CONSTRAINT fk_jp_contract_years_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id)
);
CREATE INDEX ix_jp_contract_years_employee ON jp_contract_years (agency_id, employee_id);

-- The first day of the contract year that holds a day, of a contract that began on `began`; none before it.
CREATE FUNCTION contract_year_start(began date, the_day date) RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN the_day < began THEN NULL
        WHEN (began + make_interval(years => extract(year FROM the_day)::integer - extract(year FROM began)::integer))::date <= the_day
            THEN (began + make_interval(years => extract(year FROM the_day)::integer - extract(year FROM began)::integer))::date
        ELSE (began + make_interval(years => extract(year FROM the_day)::integer - extract(year FROM began)::integer - 1))::date END
$$;

-- The standing somebody had on a day, and the appointment it rests on.
CREATE FUNCTION standing_on(the_agency uuid, the_person uuid, the_day date)
RETURNS TABLE (status text, appointed_on date) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(f.status, e.status), CASE WHEN f.ended_on IS NULL THEN e.appointed_on ELSE f.appointed_on END
    FROM employees e
    LEFT JOIN LATERAL (
        SELECT * FROM former_standings x
        WHERE x.agency_id = the_agency AND x.employee_id = the_person AND x.ended_on >= the_day
        ORDER BY x.ended_on LIMIT 1) f ON true
    WHERE e.agency_id = the_agency AND e.id = the_person
$$;

-- The contract year an entry of a day falls in; none for hours from before the appointment. Without a day on record a
-- contract is taken to begin with the year.
CREATE FUNCTION jp_contract_year_on(the_agency uuid, the_person uuid, the_day date)
RETURNS TABLE (status text, starts_on date) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT s.status, contract_year_start(coalesce(s.appointed_on, date_trunc('year', the_day)::date), the_day)
    FROM standing_on(the_agency, the_person, the_day) s
    WHERE s.appointed_on IS NULL OR s.appointed_on <= the_day
$$;

-- What the sums of a person's contract years should be.
CREATE FUNCTION jp_contract_years_of(the_agency uuid, the_person uuid)
RETURNS TABLE (status text, starts_on date, hundredths bigint) LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.status, c.starts_on, sum(j.hundredths)::bigint
    FROM jp_entries j, jp_contract_year_on(the_agency, the_person, j.earned_on) c
    WHERE j.agency_id = the_agency AND j.employee_id = the_person
    GROUP BY c.status, c.starts_on
$$;

-- Adds an entry to its sums. Whoever writes entries holds the person's row, so that a standing that changes meanwhile is
-- seen here, or sees this entry.
CREATE FUNCTION jp_sums_add() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jp_years (agency_id, year, employee_id, hundredths)
    VALUES (NEW.agency_id, extract(year FROM NEW.earned_on)::integer, NEW.employee_id, NEW.hundredths)
    ON CONFLICT ON CONSTRAINT pk_jp_years DO UPDATE SET hundredths = jp_years.hundredths + excluded.hundredths;
    INSERT INTO jp_contract_years (agency_id, status, starts_on, employee_id, hundredths)
    SELECT NEW.agency_id, c.status, c.starts_on, NEW.employee_id, NEW.hundredths
    FROM jp_contract_year_on(NEW.agency_id, NEW.employee_id, NEW.earned_on) c
    ON CONFLICT ON CONSTRAINT pk_jp_contract_years
        DO UPDATE SET hundredths = jp_contract_years.hundredths + excluded.hundredths;
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_jp_entries_sums AFTER INSERT ON jp_entries FOR EACH ROW EXECUTE FUNCTION jp_sums_add();

-- Keeps the standing that ends, and counts the contract years anew. A new standing begins with the appointment the record
-- then names, or where that does not change with the day of the change.
CREATE FUNCTION standing_changes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.status <> OLD.status THEN
        INSERT INTO former_standings (agency_id, employee_id, ended_on, status, appointed_on, recorded_at)
        SELECT NEW.agency_id, NEW.id,
               CASE WHEN NEW.appointed_on > OLD.appointed_on OR (OLD.appointed_on IS NULL AND NEW.appointed_on IS NOT NULL)
                   THEN NEW.appointed_on ELSE day_in(a.zone, NEW.updated_at) END - 1,
               OLD.status, OLD.appointed_on, NEW.updated_at
        FROM agencies a WHERE a.id = NEW.agency_id
        ON CONFLICT ON CONSTRAINT pk_former_standings DO NOTHING;
    END IF;
    DELETE FROM jp_contract_years c WHERE c.agency_id = NEW.agency_id AND c.employee_id = NEW.id;
    INSERT INTO jp_contract_years (agency_id, status, starts_on, employee_id, hundredths)
    SELECT NEW.agency_id, c.status, c.starts_on, NEW.id, c.hundredths
    FROM jp_contract_years_of(NEW.agency_id, NEW.id) c;
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_employees_standing AFTER UPDATE OF status, appointed_on ON employees FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.appointed_on IS DISTINCT FROM NEW.appointed_on)
    EXECUTE FUNCTION standing_changes();

-- How everybody stands on the present day before any rule is asked, one narrow row each: where they serve, as what, and their
-- hours. A row holds nothing the facts do not say, and holds until the day on which time alone would change it. Whatever
-- changes a fact puts its row out of use in the same transaction; a worker makes it anew, and until then readers go to the
-- facts for that person.
CREATE TABLE jp_standings (
    agency_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    position_id uuid,
    status text NOT NULL,
    appointed_on date,
    before_on date,
    ended_on date,
    counted bigint NOT NULL,
    of_contract bigint NOT NULL,
    holds_from date NOT NULL,
    holds_until date NOT NULL,
    CONSTRAINT pk_jp_standings PRIMARY KEY (agency_id, employee_id),
    CONSTRAINT fk_jp_standings_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_jp_standings_due ON jp_standings (agency_id, holds_until);
INSERT INTO jp_standings (agency_id, employee_id, status, counted, of_contract, holds_from, holds_until)
SELECT agency_id, id, status, 0, 0, '-infinity', '-infinity' FROM employees;

-- What the rows of these people are on a day.
CREATE FUNCTION jp_standings_on(the_agency uuid, the_people uuid[], the_day date)
RETURNS SETOF jp_standings LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT the_agency, e.id, p.position_id, s.status, s.appointed_on, b.ended_on, s.ended_on,
           coalesce(y.hundredths, 0) - coalesce(l.of_year, 0), coalesce(c.hundredths, 0) - coalesce(l.of_contract, 0),
           the_day,
           coalesce(least((date_trunc('year', the_day) + interval '1 year')::date, s.ended_on + 1,
                (k.starts_on + interval '1 year')::date, n.starts_on, l.next + 1), 'infinity')
    FROM unnest(the_people) AS w(id)
    JOIN employees e ON e.agency_id = the_agency AND e.id = w.id
    LEFT JOIN LATERAL (
        SELECT x.position_id FROM placements x
        WHERE x.agency_id = the_agency AND x.employee_id = e.id AND x.starts_on <= the_day AND x.retracted_at IS NULL
        ORDER BY x.starts_on DESC, x.recorded_at DESC, x.id DESC LIMIT 1) p ON true
    LEFT JOIN LATERAL (
        SELECT min(x.starts_on) AS starts_on FROM placements x
        WHERE x.agency_id = the_agency AND x.employee_id = e.id AND x.starts_on > the_day AND x.retracted_at IS NULL) n ON true
    CROSS JOIN LATERAL (
        SELECT coalesce(f.status, e.status) AS status,
               CASE WHEN f.ended_on IS NULL THEN e.appointed_on ELSE f.appointed_on END AS appointed_on, f.ended_on
        FROM (SELECT 1) one
        LEFT JOIN LATERAL (
            SELECT * FROM former_standings x
            WHERE x.agency_id = the_agency AND x.employee_id = e.id AND x.ended_on >= the_day
            ORDER BY x.ended_on LIMIT 1) f ON true) s
    LEFT JOIN LATERAL (
        SELECT max(x.ended_on) AS ended_on FROM former_standings x
        WHERE x.agency_id = the_agency AND x.employee_id = e.id AND x.ended_on < the_day) b ON true
    CROSS JOIN LATERAL (
        SELECT contract_year_start(coalesce(s.appointed_on, date_trunc('year', the_day)::date), the_day) AS starts_on) k
    LEFT JOIN jp_years y ON y.agency_id = the_agency AND y.year = extract(year FROM the_day)::integer AND y.employee_id = e.id
    LEFT JOIN jp_contract_years c ON c.agency_id = the_agency AND c.employee_id = e.id AND c.status = s.status
        AND c.starts_on = k.starts_on
    LEFT JOIN LATERAL (
        SELECT sum(j.hundredths) FILTER (WHERE j.valid_until < the_day AND j.earned_on >= date_trunc('year', the_day)
                   AND j.earned_on < date_trunc('year', the_day) + interval '1 year') AS of_year,
               sum(j.hundredths) FILTER (WHERE j.valid_until < the_day AND j.earned_on >= k.starts_on
                   AND j.earned_on < k.starts_on + interval '1 year') AS of_contract,
               min(j.valid_until) FILTER (WHERE j.valid_until >= the_day) AS next
        FROM jp_entries j
        WHERE j.agency_id = the_agency AND j.employee_id = e.id AND j.lapses AND j.earned_on > the_day - 367) l ON true
$$;

-- Makes rows that no longer hold on a day anew, at most so many; returns how many. Whoever changes a fact meanwhile waits for
-- the row, and puts it out of use again; from the lock on each statement sees what was committed before it began.
CREATE FUNCTION jp_standings_refresh(the_agency uuid, the_day date, most bigint) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    due uuid[];
    made bigint;
BEGIN
    due := ARRAY(
        SELECT k.employee_id FROM jp_standings k
        WHERE k.agency_id = the_agency AND (k.holds_until <= the_day OR k.holds_from > the_day)
        ORDER BY k.holds_until LIMIT most FOR UPDATE SKIP LOCKED);
    UPDATE jp_standings k
    SET position_id = f.position_id, status = f.status, appointed_on = f.appointed_on, before_on = f.before_on,
        ended_on = f.ended_on, counted = f.counted, of_contract = f.of_contract, holds_from = f.holds_from,
        holds_until = f.holds_until
    FROM jp_standings_on(the_agency, due, the_day) f
    WHERE k.agency_id = the_agency AND k.employee_id = f.employee_id;
    GET DIAGNOSTICS made = ROW_COUNT;
    RETURN made;
END
$$;

CREATE FUNCTION jp_standing_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO jp_standings (agency_id, employee_id, status, counted, of_contract, holds_from, holds_until)
    VALUES (NEW.agency_id, NEW.id, NEW.status, 0, 0, '-infinity', '-infinity');
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_employees_jp_standing AFTER INSERT ON employees FOR EACH ROW EXECUTE FUNCTION jp_standing_begins();

CREATE FUNCTION jp_standing_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jp_standings SET holds_until = '-infinity'
    WHERE agency_id = NEW.agency_id AND employee_id = NEW.employee_id AND holds_until > '-infinity';
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_placements_jp_standing AFTER INSERT OR UPDATE ON placements
    FOR EACH ROW EXECUTE FUNCTION jp_standing_moves();
CREATE TRIGGER tr_jp_entries_standing AFTER INSERT ON jp_entries FOR EACH ROW EXECUTE FUNCTION jp_standing_moves();
CREATE TRIGGER tr_former_standings_jp_standing AFTER INSERT ON former_standings
    FOR EACH ROW EXECUTE FUNCTION jp_standing_moves();

-- An appointment that is corrected moves the contract years.
CREATE FUNCTION jp_standing_corrected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jp_standings SET holds_until = '-infinity'
    WHERE agency_id = NEW.agency_id AND employee_id = NEW.id AND holds_until > '-infinity';
    RETURN NULL;
END
$$;
CREATE TRIGGER tr_employees_jp_standing_corrected AFTER UPDATE OF status, appointed_on ON employees FOR EACH ROW
    WHEN (OLD.status IS DISTINCT FROM NEW.status OR OLD.appointed_on IS DISTINCT FROM NEW.appointed_on)
    EXECUTE FUNCTION jp_standing_corrected();

-- A floor's or a ceiling's share for the days somebody has the standing in a year, rounded up to a hundredth.
CREATE FUNCTION jp_share(hundredths bigint, appointed_on date, before_on date, ended_on date, first date, next date)
RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT ceil(hundredths::numeric * greatest(0,
        least(next, ended_on + 1) - greatest(first, appointed_on, before_on + 1)) / (next - first))::bigint
$$;
