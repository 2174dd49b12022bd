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
