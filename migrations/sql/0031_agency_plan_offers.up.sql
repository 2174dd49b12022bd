-- What the programme and the class of an item say, kept with the item from the day its plan is submitted: whoever edits a programme
-- afterwards changes no plan that waits for the authority or is in force.
ALTER TABLE agency_plan_items ADD COLUMN offer jsonb;

-- What was kept, or what the programme and the class say today.
CREATE FUNCTION agency_plan_offer(item agency_plan_items) RETURNS jsonb LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN item.offer IS NOT NULL THEN item.offer ELSE (
        SELECT jsonb_build_object(
            'name', g.name, 'form', g.form, 'provider', g.partner_id,
            'owner', coalesce(g.curriculum_owner_id, CASE WHEN p.kind = 'AGENCY' THEN g.partner_id END),
            'jp', g.jp, 'each', g.price_per_participant, 'whole', g.price_per_class,
            'first', day_in(z.zone, k.starts_at), 'last', day_in(z.zone, k.ends_at - interval '1 microsecond'),
            'steps', (
                SELECT coalesce(jsonb_agg(jsonb_build_object('competency_agency', s.competency_agency_id, 'competency',
                    s.competency_id, 'from', s.level_from, 'to', s.level_to) ORDER BY s.ordinal), '[]')
                FROM programme_steps s WHERE s.agency_id = item.agency_id AND s.programme_id = item.programme_id))
        FROM agencies z
        LEFT JOIN programmes g ON g.agency_id = item.agency_id AND g.id = item.programme_id
        LEFT JOIN partners p ON p.agency_id = g.agency_id AND p.id = g.partner_id
        LEFT JOIN classes k ON k.agency_id = item.agency_id AND k.id = item.class_id
        WHERE z.id = item.agency_id) END
$$;

-- Plans that were submitted before: as their programmes stand today.
ALTER TABLE agency_plan_items DISABLE TRIGGER tr_agency_plan_items_frozen;
UPDATE agency_plan_items i SET offer = agency_plan_offer(i)
FROM agency_plans p
WHERE p.agency_id = i.agency_id AND p.id = i.plan_id AND p.state IN ('SUBMITTED', 'SET', 'SUPERSEDED');
ALTER TABLE agency_plan_items ENABLE TRIGGER tr_agency_plan_items_frozen;

-- A row is not moved out of a frozen plan either.
CREATE OR REPLACE FUNCTION agency_plan_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' AND EXISTS (
        SELECT FROM agency_plans p WHERE p.agency_id = OLD.agency_id AND p.id = OLD.plan_id
            AND p.state NOT IN ('DRAFT', 'RETURNED')) THEN
        RAISE EXCEPTION 'the plan is frozen' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF EXISTS (
        SELECT FROM agency_plans p WHERE p.agency_id = NEW.agency_id AND p.id = NEW.plan_id
            AND p.state NOT IN ('DRAFT', 'RETURNED')) THEN
        RAISE EXCEPTION 'the plan is frozen' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END
$$;
