-- A scenario that is solved lets go of its instance, and one that is not wanted any more goes.
ALTER TABLE scenarios
    DROP CONSTRAINT ck_scenarios_loaded,
    ADD CONSTRAINT ck_scenarios_loaded CHECK (instance IS NULL OR loaded_at IS NOT NULL),
    DROP CONSTRAINT fk_scenarios_basis,
    ADD CONSTRAINT fk_scenarios_basis FOREIGN KEY (agency_id, based_on_id) REFERENCES scenarios (agency_id, id)
        ON DELETE SET NULL (based_on_id);
CREATE INDEX ix_scenarios_basis ON scenarios (agency_id, based_on_id) WHERE based_on_id IS NOT NULL;
UPDATE scenarios SET instance = NULL WHERE figures IS NOT NULL;
-- What is deleted is looked for among items.
CREATE INDEX ix_agency_plan_items_scenario ON agency_plan_items (agency_id, scenario_id) WHERE scenario_id IS NOT NULL;
