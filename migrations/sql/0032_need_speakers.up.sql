-- Who spoke for a side of a need: the word of one replaces no other's.
ALTER TABLE need_origins ADD COLUMN speaker text;
UPDATE need_origins SET speaker = CASE
    WHEN origin IN ('HELD_GAP', 'TARGET_GAP') THEN 'ASSESSMENT' WHEN origin = 'OWN_PROPOSAL' THEN 'PERSON'
    WHEN origin = 'POLICY_PRIORITY' THEN 'AGENCY' ELSE 'UNIT' END;
ALTER TABLE need_origins
    ALTER COLUMN speaker SET NOT NULL,
    DROP CONSTRAINT pk_need_origins,
    ADD CONSTRAINT pk_need_origins PRIMARY KEY (agency_id, need_id, origin, speaker),
    ADD CONSTRAINT ck_need_origins_speaker CHECK (
        (speaker = 'ASSESSMENT' AND origin IN ('HELD_GAP', 'TARGET_GAP'))
        OR (speaker = 'PERSON' AND origin = 'OWN_PROPOSAL')
        OR (speaker IN ('SUPERIOR', 'UNIT') AND origin IN ('PERFORMANCE', 'SERVICE_SIGNAL', 'OWN_PROPOSAL'))
        OR (speaker = 'AGENCY' AND origin IN ('PERFORMANCE', 'SERVICE_SIGNAL', 'POLICY_PRIORITY', 'OWN_PROPOSAL')));
