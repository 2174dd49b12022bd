DROP INDEX ix_agency_plan_items_scenario;
DROP INDEX ix_scenarios_basis;
-- What was let go of is not there to come back.
UPDATE scenarios SET loaded_at = NULL WHERE instance IS NULL;
ALTER TABLE scenarios
    DROP CONSTRAINT fk_scenarios_basis,
    ADD CONSTRAINT fk_scenarios_basis FOREIGN KEY (agency_id, based_on_id) REFERENCES scenarios (agency_id, id),
    DROP CONSTRAINT ck_scenarios_loaded,
    ADD CONSTRAINT ck_scenarios_loaded CHECK ((instance IS NULL) = (loaded_at IS NULL));
