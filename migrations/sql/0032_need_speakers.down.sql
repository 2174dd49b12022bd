-- Of several words of one side the one that asks for most stays.
DELETE FROM need_origins o USING need_origins b
WHERE b.agency_id = o.agency_id AND b.need_id = o.need_id AND b.origin = o.origin
  AND (b.level_to, b.speaker) > (o.level_to, o.speaker);
ALTER TABLE need_origins
    DROP CONSTRAINT ck_need_origins_speaker,
    DROP CONSTRAINT pk_need_origins,
    ADD CONSTRAINT pk_need_origins PRIMARY KEY (agency_id, need_id, origin),
    DROP COLUMN speaker;
