DROP TABLE operations, idempotency_keys, outbox, audit_events, users, agencies;
DROP FUNCTION refuse_change();
