DELETE FROM policies WHERE kind = 'REMINDERS';
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind CHECK (kind IN (
        'JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS', 'JP_TARGET', 'DEVELOPMENT_PLAN', 'RECOMMENDATION',
        'EVALUATION'));
DROP FUNCTION own_learning_notices(uuid, uuid[]);
DROP FUNCTION certificate_notices(uuid, uuid[], date);
DROP FUNCTION person_notices(uuid, uuid[], date);
DROP FUNCTION plan_notices(uuid, uuid[], date);
DROP FUNCTION enrolment_notices(uuid, uuid[], date, timestamptz);
DROP TYPE notice_reason;
DROP FUNCTION direct_superior_on(uuid, uuid, date);
DROP INDEX ix_plan_items_due;
DROP INDEX ix_certificates_expiring;
DROP TABLE inbox_settings;
DROP TABLE notices;
DROP TABLE reminder_rounds;
DROP TABLE reminders;
DROP TABLE outbox_positions;
DROP INDEX uq_outbox_position;
DROP INDEX ix_outbox_waiting;
ALTER TABLE outbox
    DROP COLUMN position,
    DROP COLUMN seq,
    ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX ix_outbox_feed ON outbox (agency_id, xid, id);
