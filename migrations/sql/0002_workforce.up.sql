-- Units, positions, people and where they serve; grants and access records point at people.

CREATE TABLE units (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text,
    parent_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_units PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_units_code UNIQUE (agency_id, code),
    CONSTRAINT fk_units_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_units_parent FOREIGN KEY (agency_id, parent_id) REFERENCES units (agency_id, id),
    CONSTRAINT ck_units_parent CHECK (parent_id <> id)
);
CREATE INDEX ix_units_parent ON units (agency_id, parent_id);

-- Every unit with each unit above it and with itself (depth 0): a subtree is one index range.
CREATE TABLE unit_ancestors (
    agency_id uuid NOT NULL,
    ancestor_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    depth integer NOT NULL,
    CONSTRAINT pk_unit_ancestors PRIMARY KEY (agency_id, ancestor_id, unit_id),
    CONSTRAINT fk_unit_ancestors_ancestor FOREIGN KEY (agency_id, ancestor_id)
        REFERENCES units (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_unit_ancestors_unit FOREIGN KEY (agency_id, unit_id)
        REFERENCES units (agency_id, id) ON DELETE CASCADE
);
CREATE INDEX ix_unit_ancestors_unit ON unit_ancestors (agency_id, unit_id, depth);

CREATE TABLE positions (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    unit_id uuid NOT NULL,
    job_class text NOT NULL,
    is_head boolean NOT NULL,
    abolished_on date,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_positions PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_positions_code UNIQUE (agency_id, code),
    CONSTRAINT fk_positions_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id)
);
-- A unit has one head at a time; an abolished position no longer counts.
CREATE UNIQUE INDEX uq_positions_head ON positions (agency_id, unit_id) WHERE is_head AND abolished_on IS NULL;
CREATE INDEX ix_positions_unit ON positions (agency_id, unit_id);

CREATE TABLE employees (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    nip text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    education text,
    appointed_on date,
    superior_id uuid,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_employees PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_employees_nip UNIQUE (agency_id, nip),
    CONSTRAINT fk_employees_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_employees_superior FOREIGN KEY (agency_id, superior_id) REFERENCES employees (agency_id, id),
    CONSTRAINT ck_employees_superior CHECK (superior_id <> id),
    CONSTRAINT ck_employees_nip CHECK (nip ~ '^[0-9]{18}$')
);
CREATE INDEX ix_employees_name ON employees (agency_id, name, id);
CREATE INDEX ix_employees_superior ON employees (agency_id, superior_id) WHERE superior_id IS NOT NULL;

-- A placement lasts until the next one of the same person begins, so two can never overlap. A wrong one is
-- retracted, never changed: what was known on a past day stays known.
CREATE TABLE placements (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    position_id uuid,
    starts_on date NOT NULL,
    decree text,
    recorded_at timestamptz NOT NULL,
    retracted_at timestamptz,
    CONSTRAINT pk_placements PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_placements_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_placements_position FOREIGN KEY (agency_id, position_id) REFERENCES positions (agency_id, id)
);
CREATE UNIQUE INDEX uq_placements_start ON placements (agency_id, employee_id, starts_on)
    WHERE retracted_at IS NULL;
CREATE INDEX ix_placements_employee ON placements (agency_id, employee_id, starts_on DESC);
CREATE INDEX ix_placements_position ON placements (agency_id, position_id);

-- Where everybody served on a day, as it was known at an instant: the placement after which no other one had begun.
-- Asked that way, and not as the first row of each person, the planner can start from one person, one position or
-- one page as well as from the whole agency; DISTINCT ON would sort everybody's history each time.
CREATE FUNCTION placements_on(the_agency uuid, the_day date, known_at timestamptz)
RETURNS SETOF placements LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.*
    FROM placements p
    WHERE p.agency_id = the_agency
      AND p.starts_on <= the_day
      AND p.recorded_at <= known_at
      AND (p.retracted_at IS NULL OR p.retracted_at > known_at)
      AND NOT EXISTS (
        SELECT 1
        FROM placements n
        WHERE n.agency_id = the_agency
          AND n.employee_id = p.employee_id
          AND n.starts_on <= the_day
          AND n.recorded_at <= known_at
          AND (n.retracted_at IS NULL OR n.retracted_at > known_at)
          AND (n.starts_on, n.recorded_at, n.id) > (p.starts_on, p.recorded_at, p.id))
$$;

-- The placement of whoever heads a unit on a day: of several who then hold a head position that is there, the one who
-- took it last.
CREATE FUNCTION head_on(the_agency uuid, the_unit uuid, the_day date)
RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT p.id
    FROM positions h
    JOIN placements_on(the_agency, the_day, 'infinity') p ON p.position_id = h.id
    WHERE h.agency_id = the_agency
      AND h.unit_id = the_unit
      AND h.is_head
      AND (h.abolished_on IS NULL OR h.abolished_on > the_day)
    ORDER BY p.starts_on DESC, p.recorded_at DESC, p.id DESC
    LIMIT 1
$$;

-- The people a caller may see: `own` themselves, those below the employees of `below` (who lead a unit, or are named
-- as somebody's superior), and everybody under the units of `roots`.
CREATE FUNCTION people_within(the_agency uuid, the_day date, own uuid[], below uuid[], roots uuid[])
RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT unnest(own)
    UNION ALL
    SELECT id FROM employees WHERE agency_id = the_agency AND superior_id = ANY (below)
    UNION ALL
    SELECT p.employee_id
    FROM unit_ancestors a
    JOIN positions q ON q.agency_id = the_agency AND q.unit_id = a.unit_id
    JOIN placements_on(the_agency, the_day, 'infinity') p ON p.position_id = q.id
    WHERE a.agency_id = the_agency
      AND a.ancestor_id = ANY (roots || ARRAY(
        SELECT h.unit_id
        FROM placements_on(the_agency, the_day, 'infinity') l
        JOIN positions h ON h.agency_id = the_agency AND h.id = l.position_id
        WHERE l.employee_id = ANY (below) AND h.is_head AND l.id = head_on(the_agency, h.unit_id, the_day)))
$$;

-- What an agency calls a user stands with the role it gave: it is no business of another agency with the same user.
CREATE TABLE grants (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    user_id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    employee_id uuid,
    unit_id uuid,
    scopes text[] NOT NULL DEFAULT '{}',
    granted_at timestamptz NOT NULL,
    revoked_at timestamptz,
    CONSTRAINT pk_grants PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_grants_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_grants_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT fk_grants_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_grants_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id)
);
CREATE UNIQUE INDEX uq_grants_live ON grants (agency_id, user_id, role, employee_id, unit_id) NULLS NOT DISTINCT
    WHERE revoked_at IS NULL;
CREATE INDEX ix_grants_user ON grants (user_id);

-- Who looked at whose data (UU 27/2022): the person concerned can list these.
CREATE TABLE access_records (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    operation text NOT NULL,
    request_id uuid NOT NULL,
    CONSTRAINT pk_access_records PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_access_records_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id),
    CONSTRAINT fk_access_records_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_access_records_employee ON access_records (agency_id, employee_id, id);
