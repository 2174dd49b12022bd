-- Scenarios of an agency's plan: what a budget would buy at best, under which limits, and how good that is at least.
ALTER TABLE operations
    DROP CONSTRAINT ck_operations_phase,
    ADD CONSTRAINT ck_operations_phase
        CHECK (phase IN ('READING', 'CHECKING', 'WRITING', 'AGGREGATING', 'LOADING', 'SOLVING'));

-- `ask` is what was asked for, `instance` what was found in the agency when work on it began, whole: whoever takes the work over
-- solves the same. `figures` is what the plan that was found comes to; with its enrolments it is written once.
CREATE TABLE scenarios (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    based_on_id uuid,
    name text NOT NULL,
    ask jsonb NOT NULL,
    instance bytea,
    loaded_at timestamptz,
    figures jsonb,
    solved_at timestamptz,
    adopted_at timestamptz,
    adopted_by uuid,
    created_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT pk_scenarios PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_scenarios_operation UNIQUE (agency_id, operation_id),
    CONSTRAINT fk_scenarios_plan FOREIGN KEY (agency_id, plan_id) REFERENCES agency_plans (agency_id, id),
    CONSTRAINT fk_scenarios_operation FOREIGN KEY (agency_id, operation_id) REFERENCES operations (agency_id, id),
    CONSTRAINT fk_scenarios_basis FOREIGN KEY (agency_id, based_on_id) REFERENCES scenarios (agency_id, id),
    CONSTRAINT fk_scenarios_creator FOREIGN KEY (created_by) REFERENCES users (id),
    CONSTRAINT fk_scenarios_adopter FOREIGN KEY (adopted_by) REFERENCES users (id),
    CONSTRAINT ck_scenarios_loaded CHECK ((instance IS NULL) = (loaded_at IS NULL)),
    CONSTRAINT ck_scenarios_solved CHECK ((figures IS NULL) = (solved_at IS NULL)),
    CONSTRAINT ck_scenarios_adopted CHECK (adopted_at IS NULL OR (adopted_by IS NOT NULL AND figures IS NOT NULL))
);
CREATE INDEX ix_scenarios_plan ON scenarios (agency_id, plan_id, id);

-- Who would be enrolled where. Without a class the programme is not scheduled yet in the year.
CREATE TABLE scenario_enrolments (
    agency_id uuid NOT NULL,
    scenario_id uuid NOT NULL,
    ordinal integer NOT NULL,
    employee_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    class_id uuid,
    value double precision NOT NULL,
    price bigint NOT NULL,
    CONSTRAINT pk_scenario_enrolments PRIMARY KEY (agency_id, scenario_id, ordinal),
    CONSTRAINT fk_scenario_enrolments_scenario FOREIGN KEY (agency_id, scenario_id)
        REFERENCES scenarios (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_scenario_enrolments_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_scenario_enrolments_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id),
    CONSTRAINT fk_scenario_enrolments_programme FOREIGN KEY (agency_id, programme_id) REFERENCES programmes (agency_id, id),
    CONSTRAINT fk_scenario_enrolments_class FOREIGN KEY (agency_id, class_id) REFERENCES classes (agency_id, id),
    CONSTRAINT ck_scenario_enrolments_figures CHECK (value >= 0 AND price >= 0)
);

-- What stays open, each with the limit without which it would not.
CREATE TABLE scenario_unserved (
    agency_id uuid NOT NULL,
    scenario_id uuid NOT NULL,
    ordinal integer NOT NULL,
    employee_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    level_from smallint NOT NULL,
    level_to smallint NOT NULL,
    value double precision NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pk_scenario_unserved PRIMARY KEY (agency_id, scenario_id, ordinal),
    CONSTRAINT fk_scenario_unserved_scenario FOREIGN KEY (agency_id, scenario_id)
        REFERENCES scenarios (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_scenario_unserved_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_scenario_unserved_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id),
    CONSTRAINT fk_scenario_unserved_competency FOREIGN KEY (competency_agency_id, competency_id)
        REFERENCES competencies (agency_id, id),
    CONSTRAINT ck_scenario_unserved_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_scenario_unserved_levels CHECK (level_from >= 0 AND level_to > level_from AND value >= 0),
    CONSTRAINT ck_scenario_unserved_reason CHECK (reason IN (
        'NO_OFFER', 'NO_VALUE', 'FORBIDDEN', 'AUDIENCE', 'PREREQUISITE', 'JP_CEILING', 'ACTIVITY_LIMIT', 'DATES', 'SAME_STEP',
        'SEATS', 'MIN_SEATS', 'UNIT_BUDGET', 'SOURCE_BUDGET', 'BUDGET', 'TIME_LIMIT'))
);
CREATE INDEX ix_scenario_unserved_reason ON scenario_unserved (agency_id, scenario_id, reason, ordinal);
