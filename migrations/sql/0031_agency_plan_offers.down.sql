CREATE OR REPLACE FUNCTION agency_plan_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
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
DROP FUNCTION agency_plan_offer;
ALTER TABLE agency_plan_items DROP COLUMN offer;
