-- Who still lacks learning hours in a scenario that is to bring people there, and the limit without which they would not.
CREATE TABLE scenario_unreached (
    agency_id uuid NOT NULL,
    scenario_id uuid NOT NULL,
    ordinal integer NOT NULL,
    employee_id uuid NOT NULL,
    unit_id uuid NOT NULL,
    jp integer NOT NULL,
    reason text NOT NULL,
    CONSTRAINT pk_scenario_unreached PRIMARY KEY (agency_id, scenario_id, ordinal),
    CONSTRAINT fk_scenario_unreached_scenario FOREIGN KEY (agency_id, scenario_id)
        REFERENCES scenarios (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_scenario_unreached_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_scenario_unreached_unit FOREIGN KEY (agency_id, unit_id) REFERENCES units (agency_id, id),
    CONSTRAINT ck_scenario_unreached_jp CHECK (jp > 0),
    CONSTRAINT ck_scenario_unreached_reason CHECK (reason IN (
        'NO_OFFER', 'NO_VALUE', 'FORBIDDEN', 'AUDIENCE', 'PREREQUISITE', 'JP_CEILING', 'ACTIVITY_LIMIT', 'DATES', 'SAME_STEP',
        'SEATS', 'MIN_SEATS', 'UNIT_BUDGET', 'SOURCE_BUDGET', 'BUDGET', 'TIME_LIMIT'))
);
CREATE INDEX ix_scenario_unreached_reason ON scenario_unreached (agency_id, scenario_id, reason, ordinal);
