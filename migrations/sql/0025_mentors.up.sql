-- Whom plans name as a mentor: how many people somebody guides is asked of everybody who could guide one more.
CREATE INDEX ix_plan_items_mentor ON plan_items (agency_id, mentor_id)
    WHERE mentor_id IS NOT NULL AND state IN ('PLANNED', 'STARTED');
