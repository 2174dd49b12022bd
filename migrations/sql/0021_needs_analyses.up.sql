-- Needs analyses (AKPK): what the people of a unit need to learn in a year, from which sides, and who stands behind it.
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind CHECK (kind IN (
        'JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS', 'JP_TARGET', 'DEVELOPMENT_PLAN', 'RECOMMENDATION',
        'EVALUATION', 'REMINDERS', 'NEED_PRIORITY'));

-- The last days of a year's stages.
CREATE TABLE needs_deadlines (
    agency_id uuid NOT NULL,
    year integer NOT NULL,
    collect_by date NOT NULL,
    verify_by date NOT NULL,
    validate_by date NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_needs_deadlines PRIMARY KEY (agency_id, year),
    CONSTRAINT fk_needs_deadlines_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT ck_needs_deadlines_days CHECK (collect_by <= verify_by AND verify_by <= validate_by)
);

-- An analysis is about a unit and every unit under it; of a year no two are about one unit. `policy_id` is the version of the
-- rubric its priorities are computed by, which may be the nation's and is never removed. Whatever changes a need moves `version`:
-- who verifies stands behind what they read.
CREATE TABLE needs_analyses (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    unit_id uuid NOT NULL,
    year integer NOT NULL,
    state text NOT NULL,
    policy_id uuid NOT NULL,
    gathered_at timestamptz NOT NULL,
    verified_by uuid,
    verified_at timestamptz,
    validated_by uuid,
    validated_at timestamptz,
    returned_for text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_needs_analyses PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_needs_analyses_unit UNIQUE (agency_id, unit_id, year),
    CONSTRAINT uq_needs_analyses_year UNIQUE (agency_id, id, year),
    CONSTRAINT fk_needs_analyses_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id),
    CONSTRAINT fk_needs_analyses_verifier FOREIGN KEY (verified_by) REFERENCES users (id),
    CONSTRAINT fk_needs_analyses_validator FOREIGN KEY (validated_by) REFERENCES users (id),
    CONSTRAINT ck_needs_analyses_year CHECK (year BETWEEN 1900 AND 2199),
    CONSTRAINT ck_needs_analyses_officers CHECK (verified_by <> validated_by),
    CONSTRAINT ck_needs_analyses_state CHECK (
        (state IN ('COLLECTING', 'RETURNED') AND verified_by IS NULL AND validated_by IS NULL
            AND (state = 'COLLECTING' OR returned_for IS NOT NULL))
        OR (state = 'VERIFIED' AND verified_by IS NOT NULL AND verified_at IS NOT NULL AND validated_by IS NULL)
        OR (state = 'VALIDATED' AND verified_by IS NOT NULL AND validated_by IS NOT NULL AND validated_at IS NOT NULL))
);
CREATE INDEX ix_needs_analyses_year ON needs_analyses (agency_id, year, id);

-- One for each person, competency and year, whichever analysis it stands in: who moves takes it along. `weight` and priorities
-- count hundredths. What is dropped stays, with the reason, so that it is not gathered again; `rank` is what counts.
CREATE TABLE needs (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    year integer NOT NULL,
    employee_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    level_from smallint,
    level_to smallint NOT NULL,
    weight bigint,
    importance text,
    job_class text,
    is_head boolean NOT NULL,
    jp_overdue boolean NOT NULL,
    priority bigint NOT NULL,
    set_priority bigint,
    set_for text,
    set_by uuid,
    set_at timestamptz,
    dropped_for text,
    dropped_by uuid,
    dropped_at timestamptz,
    rank bigint NOT NULL GENERATED ALWAYS AS (coalesce(set_priority, priority)) STORED,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_needs PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_needs_person UNIQUE (agency_id, year, employee_id, competency_agency_id, competency_id),
    CONSTRAINT fk_needs_analysis FOREIGN KEY (agency_id, analysis_id, year) REFERENCES needs_analyses (agency_id, id, year),
    CONSTRAINT fk_needs_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_needs_competency FOREIGN KEY (competency_agency_id, competency_id) REFERENCES competencies (agency_id, id),
    CONSTRAINT fk_needs_setter FOREIGN KEY (set_by) REFERENCES users (id),
    CONSTRAINT fk_needs_dropper FOREIGN KEY (dropped_by) REFERENCES users (id),
    CONSTRAINT ck_needs_owner CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_needs_levels CHECK (level_to BETWEEN 1 AND 5 AND (level_from IS NULL OR level_from BETWEEN 1 AND level_to - 1)),
    CONSTRAINT ck_needs_set CHECK (
        (set_priority IS NULL) = (set_for IS NULL) AND (set_priority IS NULL) = (set_at IS NULL)
        AND (set_by IS NULL OR set_at IS NOT NULL)),
    CONSTRAINT ck_needs_dropped CHECK (
        (dropped_at IS NULL) = (dropped_for IS NULL) AND (dropped_by IS NULL OR dropped_at IS NOT NULL))
);
CREATE INDEX ix_needs_rank ON needs (agency_id, analysis_id, (- rank), id);

-- The sides a need comes from, each with the level it asks for. Gathered ones have no user and no reason.
CREATE TABLE need_origins (
    agency_id uuid NOT NULL,
    need_id uuid NOT NULL,
    origin text NOT NULL,
    level_to smallint NOT NULL,
    weight bigint,
    importance text,
    reason text,
    user_id uuid,
    at timestamptz NOT NULL,
    CONSTRAINT pk_need_origins PRIMARY KEY (agency_id, need_id, origin),
    CONSTRAINT fk_need_origins_need FOREIGN KEY (agency_id, need_id) REFERENCES needs (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_need_origins_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_need_origins_origin CHECK (
        (origin IN ('HELD_GAP', 'TARGET_GAP') AND reason IS NULL)
        OR (origin IN ('PERFORMANCE', 'SERVICE_SIGNAL', 'POLICY_PRIORITY', 'OWN_PROPOSAL') AND reason IS NOT NULL))
);

-- Every step of an analysis's life: who, as what, when and why.
CREATE TABLE needs_transitions (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    analysis_id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    action text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    parties text[] NOT NULL,
    reason text,
    CONSTRAINT pk_needs_transitions PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_needs_transitions_analysis FOREIGN KEY (agency_id, analysis_id) REFERENCES needs_analyses (agency_id, id),
    CONSTRAINT fk_needs_transitions_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_needs_transitions_analysis ON needs_transitions (agency_id, analysis_id, id);
CREATE TRIGGER tr_needs_transitions_append_only BEFORE UPDATE OR DELETE ON needs_transitions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The units a caller keeps: those of `roots` and of whichever the employees of `below` lead, with every unit under them.
CREATE FUNCTION units_within(the_agency uuid, the_day date, below uuid[], roots uuid[])
RETURNS SETOF uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT a.unit_id
    FROM unit_ancestors a
    WHERE a.agency_id = the_agency
      AND a.ancestor_id = ANY (roots || ARRAY(
        SELECT h.unit_id
        FROM placements_on(the_agency, the_day, 'infinity') l
        JOIN positions h ON h.agency_id = the_agency AND h.id = l.position_id
        WHERE l.employee_id = ANY (below) AND h.is_head AND l.id = head_on(the_agency, h.unit_id, the_day)))
$$;

-- Who should be told what about these analyses: whoever leads the unit, as long as it waits for the unit.
CREATE FUNCTION needs_notices(the_agency uuid, the_ids uuid[], the_day date)
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT l.employee_id, v.kind, 'NEEDS_ANALYSIS', n.id, NULL::uuid, u.name, NULL::timestamptz, d.verify_by,
           jsonb_build_object('year', n.year), v.moments
    FROM needs_analyses n
    JOIN units u ON u.agency_id = n.agency_id AND u.id = n.unit_id
    JOIN placements l ON l.agency_id = n.agency_id AND l.id = head_on(the_agency, n.unit_id, the_day)
    LEFT JOIN needs_deadlines d ON d.agency_id = n.agency_id AND d.year = n.year
    CROSS JOIN LATERAL (
        VALUES
        ('NEEDS_AWAITED', NULL::text[], n.state = 'COLLECTING'),
        ('NEEDS_RETURNED', NULL, n.state = 'RETURNED')
    ) v(kind, moments, holds)
    WHERE n.agency_id = the_agency AND n.id = ANY (the_ids) AND v.holds
$$;
