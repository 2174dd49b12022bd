ALTER TABLE plan_items
    DROP CONSTRAINT ck_plan_items_credited,
    DROP COLUMN jp_credited;

-- Of several positions a draft aimed at the last one stays.
ALTER TABLE plan_snapshots DISABLE TRIGGER tr_plan_snapshots_append_only;
DELETE FROM plan_snapshots s
USING plans p
WHERE p.agency_id = s.agency_id AND p.id = s.plan_id AND s.against = 'TARGET' AND s.position_id IS DISTINCT FROM p.target_id;
ALTER TABLE plan_snapshots ENABLE TRIGGER tr_plan_snapshots_append_only;
ALTER TABLE plan_snapshots DROP CONSTRAINT pk_plan_snapshots;
ALTER TABLE plan_snapshots DROP COLUMN position_id;
ALTER TABLE plan_snapshots
    ADD CONSTRAINT pk_plan_snapshots PRIMARY KEY (agency_id, plan_id, moment, against);
