DROP FUNCTION evaluation_notices(uuid, uuid[], date);
DROP INDEX ix_outbox_at;
DROP TABLE webhook_attempts;
DROP TABLE webhook_deliveries;
DROP TABLE webhook_secrets;
DROP TABLE webhook_endpoints;
