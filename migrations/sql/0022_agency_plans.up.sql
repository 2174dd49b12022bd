-- Agency plans of development (rencana pengembangan kompetensi, HCDP; PP 11/2017 articles 205 to 207): who is to learn what in
-- a year, by which means and from which line of the budget, and what came of it.

-- One version of a plan for a year: of the agency, or of a unit and those under it. Rupiah are whole throughout.
CREATE TABLE agency_plans (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    year integer NOT NULL,
    unit_id uuid,
    number integer NOT NULL,
    revises_id uuid,
    name text NOT NULL,
    objective text,
    state text NOT NULL,
    prepared_by uuid,
    prepared_at timestamptz,
    set_by uuid,
    set_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_agency_plans PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_agency_plans_number UNIQUE NULLS NOT DISTINCT (agency_id, year, unit_id, number),
    CONSTRAINT fk_agency_plans_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_agency_plans_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id),
    CONSTRAINT fk_agency_plans_revises FOREIGN KEY (agency_id, revises_id) REFERENCES agency_plans (agency_id, id),
    CONSTRAINT fk_agency_plans_preparer FOREIGN KEY (prepared_by) REFERENCES users (id),
    CONSTRAINT fk_agency_plans_setter FOREIGN KEY (set_by) REFERENCES users (id),
    CONSTRAINT ck_agency_plans_year CHECK (year BETWEEN 1900 AND 2199),
    CONSTRAINT ck_agency_plans_officers CHECK (prepared_by <> set_by),
    CONSTRAINT ck_agency_plans_state CHECK (
        state IN ('DRAFT', 'RETURNED', 'CANCELLED')
        OR (state = 'SUBMITTED' AND num_nulls(prepared_by, prepared_at) = 0)
        OR (state IN ('SET', 'SUPERSEDED') AND num_nulls(prepared_by, prepared_at, set_by, set_at) = 0))
);
-- One version of a year is drawn up or waits for the authority, and one is in force.
CREATE UNIQUE INDEX uq_agency_plans_open ON agency_plans (agency_id, year, unit_id) NULLS NOT DISTINCT
    WHERE state IN ('DRAFT', 'SUBMITTED', 'RETURNED');
CREATE UNIQUE INDEX uq_agency_plans_set ON agency_plans (agency_id, year, unit_id) NULLS NOT DISTINCT WHERE state = 'SET';
-- What all agencies planned for a year.
CREATE INDEX ix_agency_plans_year ON agency_plans (year, state);

-- The most a plan may spend on the people of a unit and of those under it, per head.
CREATE TABLE agency_plan_ceilings (
    agency_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    amount bigint NOT NULL,
    CONSTRAINT pk_agency_plan_ceilings PRIMARY KEY (agency_id, plan_id, unit_id),
    CONSTRAINT fk_agency_plan_ceilings_plan FOREIGN KEY (agency_id, plan_id) REFERENCES agency_plans (agency_id, id),
    CONSTRAINT fk_agency_plan_ceilings_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id),
    CONSTRAINT ck_agency_plan_ceilings_amount CHECK (amount BETWEEN 0 AND 9007199254740991)
);

-- A line (kode rekening) keeps its identifier over all versions of a plan, and so does an item.
CREATE TABLE agency_plan_budget_lines (
    agency_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    id uuid NOT NULL,
    ordinal integer NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    source text NOT NULL,
    unit_id uuid,
    amount bigint NOT NULL,
    CONSTRAINT pk_agency_plan_budget_lines PRIMARY KEY (agency_id, plan_id, id),
    CONSTRAINT fk_agency_plan_budget_lines_plan FOREIGN KEY (agency_id, plan_id) REFERENCES agency_plans (agency_id, id),
    CONSTRAINT fk_agency_plan_budget_lines_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id),
    CONSTRAINT ck_agency_plan_budget_lines_source CHECK (source IN ('APBN', 'APBD', 'PNBP', 'BLUD', 'HIBAH', 'LAINNYA')),
    CONSTRAINT ck_agency_plan_budget_lines_amount CHECK (amount BETWEEN 0 AND 9007199254740991)
);

-- What the programme and the class say is not written again: what stands here goes before it. Hours in hundredths.
CREATE TABLE agency_plan_items (
    agency_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    id uuid NOT NULL,
    ordinal integer NOT NULL,
    programme_id uuid,
    class_id uuid,
    title text,
    form text,
    provider_id uuid,
    starts_on date,
    ends_on date,
    curriculum_owner_id uuid,
    curriculum text,
    jp integer,
    price_per_participant bigint,
    price_per_class bigint,
    note text,
    origin text NOT NULL,
    scenario_id uuid,
    carried_plan_id uuid,
    carried_item_id uuid,
    CONSTRAINT pk_agency_plan_items PRIMARY KEY (agency_id, plan_id, id),
    CONSTRAINT fk_agency_plan_items_plan FOREIGN KEY (agency_id, plan_id) REFERENCES agency_plans (agency_id, id),
    CONSTRAINT fk_agency_plan_items_programme FOREIGN KEY (agency_id, programme_id) REFERENCES programmes (agency_id, id),
    CONSTRAINT fk_agency_plan_items_class FOREIGN KEY (agency_id, class_id) REFERENCES classes (agency_id, id),
    CONSTRAINT fk_agency_plan_items_provider FOREIGN KEY (agency_id, provider_id) REFERENCES partners (agency_id, id),
    CONSTRAINT fk_agency_plan_items_owner FOREIGN KEY (agency_id, curriculum_owner_id)
        REFERENCES partners (agency_id, id),
    CONSTRAINT fk_agency_plan_items_carried FOREIGN KEY (agency_id, carried_plan_id, carried_item_id)
        REFERENCES agency_plan_items (agency_id, plan_id, id),
    CONSTRAINT ck_agency_plan_items_class CHECK (class_id IS NULL OR programme_id IS NOT NULL),
    CONSTRAINT ck_agency_plan_items_title CHECK (programme_id IS NOT NULL OR title IS NOT NULL),
    CONSTRAINT ck_agency_plan_items_days CHECK (starts_on <= ends_on AND num_nulls(starts_on, ends_on) <> 1),
    CONSTRAINT ck_agency_plan_items_figures CHECK (
        jp >= 0 AND price_per_participant BETWEEN 0 AND 9007199254740991
        AND price_per_class BETWEEN 0 AND 9007199254740991),
    CONSTRAINT ck_agency_plan_items_origin CHECK (
        (origin = 'MANUAL' AND num_nonnulls(scenario_id, carried_plan_id, carried_item_id) = 0)
        OR (origin = 'SCENARIO' AND scenario_id IS NOT NULL AND num_nonnulls(carried_plan_id, carried_item_id) = 0)
        OR (origin = 'CARRIED_OVER' AND scenario_id IS NULL AND num_nulls(carried_plan_id, carried_item_id) = 0))
);
CREATE INDEX ix_agency_plan_items_programme ON agency_plan_items (agency_id, programme_id);
CREATE INDEX ix_agency_plan_items_carried ON agency_plan_items (agency_id, carried_item_id)
    WHERE carried_item_id IS NOT NULL;

-- From which lines an item is paid; without an amount a line pays what the others leave.
CREATE TABLE agency_plan_funds (
    agency_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    line_id uuid NOT NULL,
    ordinal integer NOT NULL,
    amount bigint,
    CONSTRAINT pk_agency_plan_funds PRIMARY KEY (agency_id, plan_id, item_id, line_id),
    CONSTRAINT fk_agency_plan_funds_item FOREIGN KEY (agency_id, plan_id, item_id)
        REFERENCES agency_plan_items (agency_id, plan_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_agency_plan_funds_line FOREIGN KEY (agency_id, plan_id, line_id)
        REFERENCES agency_plan_budget_lines (agency_id, plan_id, id),
    CONSTRAINT ck_agency_plan_funds_amount CHECK (amount BETWEEN 0 AND 9007199254740991)
);
CREATE UNIQUE INDEX uq_agency_plan_funds_rest ON agency_plan_funds (agency_id, plan_id, item_id) WHERE amount IS NULL;

-- Whom an item is for (orang yang dituju), and for which steps.
CREATE TABLE agency_plan_targets (
    agency_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    ordinal integer NOT NULL,
    CONSTRAINT pk_agency_plan_targets PRIMARY KEY (agency_id, plan_id, item_id, employee_id),
    CONSTRAINT fk_agency_plan_targets_item FOREIGN KEY (agency_id, plan_id, item_id)
        REFERENCES agency_plan_items (agency_id, plan_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_agency_plan_targets_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id)
);
CREATE INDEX ix_agency_plan_targets_employee ON agency_plan_targets (agency_id, employee_id);

CREATE TABLE agency_plan_steps (
    agency_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    ordinal integer NOT NULL,
    level_from smallint,
    level_to smallint NOT NULL,
    CONSTRAINT pk_agency_plan_steps PRIMARY KEY (agency_id, plan_id, item_id, employee_id, competency_id),
    CONSTRAINT fk_agency_plan_steps_target FOREIGN KEY (agency_id, plan_id, item_id, employee_id)
        REFERENCES agency_plan_targets (agency_id, plan_id, item_id, employee_id) ON DELETE CASCADE,
    CONSTRAINT fk_agency_plan_steps_competency FOREIGN KEY (competency_agency_id, competency_id)
        REFERENCES competencies (agency_id, id),
    CONSTRAINT ck_agency_plan_steps_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_agency_plan_steps_levels
        CHECK (level_to BETWEEN 1 AND 5 AND (level_from IS NULL OR level_from BETWEEN 1 AND level_to - 1))
);

-- What was submitted or set stays as it is: another version takes its place.
CREATE FUNCTION agency_plan_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    told record;
BEGIN
    told := CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    IF EXISTS (SELECT FROM agency_plans p WHERE p.agency_id = told.agency_id AND p.id = told.plan_id
               AND p.state NOT IN ('DRAFT', 'RETURNED')) THEN
        RAISE EXCEPTION 'the plan is frozen' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN told;
END
$$;
CREATE TRIGGER tr_agency_plan_ceilings_frozen BEFORE INSERT OR UPDATE OR DELETE ON agency_plan_ceilings
    FOR EACH ROW EXECUTE FUNCTION agency_plan_frozen();
CREATE TRIGGER tr_agency_plan_budget_lines_frozen BEFORE INSERT OR UPDATE OR DELETE ON agency_plan_budget_lines
    FOR EACH ROW EXECUTE FUNCTION agency_plan_frozen();
CREATE TRIGGER tr_agency_plan_items_frozen BEFORE INSERT OR UPDATE OR DELETE ON agency_plan_items
    FOR EACH ROW EXECUTE FUNCTION agency_plan_frozen();
CREATE TRIGGER tr_agency_plan_funds_frozen BEFORE INSERT OR UPDATE OR DELETE ON agency_plan_funds
    FOR EACH ROW EXECUTE FUNCTION agency_plan_frozen();
CREATE TRIGGER tr_agency_plan_targets_frozen BEFORE INSERT OR UPDATE OR DELETE ON agency_plan_targets
    FOR EACH ROW EXECUTE FUNCTION agency_plan_frozen();
CREATE TRIGGER tr_agency_plan_steps_frozen BEFORE INSERT OR UPDATE OR DELETE ON agency_plan_steps
    FOR EACH ROW EXECUTE FUNCTION agency_plan_frozen();

-- Every step of a plan's life: who, as what, when and why.
CREATE TABLE agency_plan_transitions (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    action text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    parties text[] NOT NULL,
    reason text,
    CONSTRAINT pk_agency_plan_transitions PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_agency_plan_transitions_plan FOREIGN KEY (agency_id, plan_id)
        REFERENCES agency_plans (agency_id, id),
    CONSTRAINT fk_agency_plan_transitions_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_agency_plan_transitions_plan ON agency_plan_transitions (agency_id, plan_id, id);
CREATE TRIGGER tr_agency_plan_transitions_append_only BEFORE UPDATE OR DELETE ON agency_plan_transitions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- What publication made of a place: once over all versions of the plan, so that nothing is made twice.
CREATE TABLE agency_plan_outcomes (
    agency_id uuid NOT NULL,
    item_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    nomination text NOT NULL,
    enrolment_id uuid,
    entry text NOT NULL,
    plan_item_id uuid,
    at timestamptz NOT NULL,
    CONSTRAINT pk_agency_plan_outcomes PRIMARY KEY (agency_id, item_id, employee_id),
    CONSTRAINT fk_agency_plan_outcomes_plan FOREIGN KEY (agency_id, plan_id) REFERENCES agency_plans (agency_id, id),
    CONSTRAINT fk_agency_plan_outcomes_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id),
    CONSTRAINT fk_agency_plan_outcomes_operation FOREIGN KEY (agency_id, operation_id)
        REFERENCES operations (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_agency_plan_outcomes_enrolment FOREIGN KEY (agency_id, enrolment_id)
        REFERENCES enrolments (agency_id, id),
    -- The person may take the item out of a draft again.
    CONSTRAINT fk_agency_plan_outcomes_entry FOREIGN KEY (agency_id, plan_item_id)
        REFERENCES plan_items (agency_id, id) ON DELETE SET NULL (plan_item_id),
    CONSTRAINT ck_agency_plan_outcomes_nomination CHECK (
        (nomination IN ('NOMINATED', 'WAITLISTED', 'ALREADY')) = (enrolment_id IS NOT NULL)
        AND nomination IN ('NOMINATED', 'WAITLISTED', 'ALREADY', 'NO_CLASS', 'LEFT', 'UNMET', 'BUSY', 'CLASS_FULL',
            'CLASS_CLOSED')),
    CONSTRAINT ck_agency_plan_outcomes_entry CHECK (
        entry IN ('ADDED', 'ALREADY', 'LEFT', 'NO_PLAN', 'PLAN_BEYOND_DRAFT', 'PLAN_FULL')
        AND (plan_item_id IS NULL OR entry IN ('ADDED', 'ALREADY')))
);
CREATE INDEX ix_agency_plan_outcomes_plan ON agency_plan_outcomes (agency_id, plan_id);
CREATE INDEX ix_agency_plan_outcomes_entry ON agency_plan_outcomes (agency_id, plan_item_id)
    WHERE plan_item_id IS NOT NULL;

-- What an item cost, as told; the last counts, over all versions of the plan.
CREATE TABLE agency_plan_realisations (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    committed bigint NOT NULL,
    realised bigint NOT NULL,
    document text,
    CONSTRAINT pk_agency_plan_realisations PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_agency_plan_realisations_item FOREIGN KEY (agency_id, plan_id, item_id)
        REFERENCES agency_plan_items (agency_id, plan_id, id),
    CONSTRAINT fk_agency_plan_realisations_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_agency_plan_realisations_amounts CHECK (
        committed BETWEEN 0 AND 9007199254740991 AND realised BETWEEN 0 AND 9007199254740991)
);
CREATE INDEX ix_agency_plan_realisations_item ON agency_plan_realisations (agency_id, item_id, id);
CREATE TRIGGER tr_agency_plan_realisations_append_only BEFORE UPDATE OR DELETE ON agency_plan_realisations
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- Items of people's plans may come from the agency's.
ALTER TABLE plan_items
    DROP CONSTRAINT ck_plan_items_origin,
    ADD CONSTRAINT ck_plan_items_origin CHECK (origin IN (
        'HELD_GAP', 'TARGET_GAP', 'PERFORMANCE', 'SERVICE_SIGNAL', 'OWN_WISH', 'AGENCY_PLAN', 'CARRIED_OVER'));
