-- Servers keep users, roles and agencies in memory. Whoever changes these tables, by whatever way, tells them at commit:
-- ALWAYS, so that a session that loads data with triggers switched off (session_replication_role) tells them as well.
CREATE FUNCTION directory_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('bangkom_directory', '');
    RETURN NULL;
END
$$;

CREATE TRIGGER tr_agencies_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON agencies
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER tr_users_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON users
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
CREATE TRIGGER tr_grants_directory AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON grants
    FOR EACH STATEMENT EXECUTE FUNCTION directory_changed();
ALTER TABLE agencies ENABLE ALWAYS TRIGGER tr_agencies_directory;
ALTER TABLE users ENABLE ALWAYS TRIGGER tr_users_directory;
ALTER TABLE grants ENABLE ALWAYS TRIGGER tr_grants_directory;
