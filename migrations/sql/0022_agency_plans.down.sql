DROP TABLE agency_plan_realisations;
DROP TABLE agency_plan_outcomes;
DROP TABLE agency_plan_transitions;
DROP TABLE agency_plan_steps;
DROP TABLE agency_plan_targets;
DROP TABLE agency_plan_funds;
DROP TABLE agency_plan_items;
DROP TABLE agency_plan_budget_lines;
DROP TABLE agency_plan_ceilings;
DROP TABLE agency_plans;
DROP FUNCTION agency_plan_frozen();
-- What came from a plan of the agency is told as a wish: nothing else fits. Plans that are over are changed too.
ALTER TABLE plan_items DISABLE TRIGGER tr_plan_items_frozen;
UPDATE plan_items SET origin = 'OWN_WISH' WHERE origin = 'AGENCY_PLAN';
ALTER TABLE plan_items ENABLE TRIGGER tr_plan_items_frozen;
ALTER TABLE plan_items
    DROP CONSTRAINT ck_plan_items_origin,
    ADD CONSTRAINT ck_plan_items_origin CHECK (origin IN (
        'HELD_GAP', 'TARGET_GAP', 'PERFORMANCE', 'SERVICE_SIGNAL', 'OWN_WISH', 'CARRIED_OVER'));
