-- A draft may come to aim at another position: what the gaps to each were when it did stays with the plan.
ALTER TABLE plan_snapshots
    ADD COLUMN position_id uuid GENERATED ALWAYS AS ((snapshot ->> 'position')::uuid) STORED,
    DROP CONSTRAINT pk_plan_snapshots;
ALTER TABLE plan_snapshots
    ADD CONSTRAINT pk_plan_snapshots PRIMARY KEY (agency_id, plan_id, moment, against, position_id);

-- What the ledger had for an item when its plan was over. Until then it is read there.
ALTER TABLE plan_items
    ADD COLUMN jp_credited bigint,
    ADD CONSTRAINT ck_plan_items_credited CHECK (jp_credited >= 0);
