-- Who takes part, who may do what, and what was done.

CREATE TABLE agencies (
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    zone text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_agencies PRIMARY KEY (id),
    CONSTRAINT uq_agencies_code UNIQUE (code),
    CONSTRAINT ck_agencies_zone CHECK (zone IN ('WIB', 'WITA', 'WIT'))
);

-- A user is known by issuer and subject, never by NIP or e-mail; the person's roles are `grants`, which carry
-- the name each agency knows them by.
CREATE TABLE users (
    id uuid NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    name text NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_users PRIMARY KEY (id),
    CONSTRAINT uq_users_subject UNIQUE (issuer, subject)
);

-- Append-only: one row for every successful write.
CREATE TABLE audit_events (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    request_id uuid NOT NULL,
    operation text NOT NULL,
    resource text NOT NULL,
    resource_id uuid NOT NULL,
    what text NOT NULL,
    changes jsonb,
    CONSTRAINT pk_audit_events PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_audit_events_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);
CREATE INDEX ix_audit_events_resource ON audit_events (agency_id, resource_id, id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END
$$;
CREATE TRIGGER tr_audit_events_append_only BEFORE UPDATE OR DELETE ON audit_events
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The change feed. A reader takes rows whose `xid` is below pg_snapshot_xmin(pg_current_snapshot()), in (xid, id)
-- order: a serial alone would skip rows that commit late.
CREATE TABLE outbox (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    at timestamptz NOT NULL,
    type text NOT NULL,
    resource_id uuid NOT NULL,
    CONSTRAINT pk_outbox PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_outbox_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);
CREATE INDEX ix_outbox_feed ON outbox (agency_id, xid, id);

-- The reply to a write, kept for a day so that a repeated request is answered and not repeated.
CREATE TABLE idempotency_keys (
    agency_id uuid NOT NULL,
    user_id uuid NOT NULL,
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    etag text,
    location text,
    body jsonb,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_idempotency_keys PRIMARY KEY (agency_id, user_id, key),
    CONSTRAINT fk_idempotency_keys_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_idempotency_keys_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_idempotency_keys_age ON idempotency_keys (created_at);

-- Work that can outlast a request. A running row whose heartbeat stopped belongs to a server that died.
CREATE TABLE operations (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    state text NOT NULL,
    done bigint NOT NULL DEFAULT 0,
    total bigint,
    input jsonb NOT NULL,
    result jsonb,
    error jsonb,
    requested_by uuid NOT NULL,
    created_at timestamptz NOT NULL,
    heartbeat_at timestamptz NOT NULL,
    finished_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT pk_operations PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_operations_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_operations_user FOREIGN KEY (requested_by) REFERENCES users (id),
    CONSTRAINT ck_operations_state CHECK (state IN ('RUNNING', 'SUCCEEDED', 'FAILED', 'CANCELLED'))
);
CREATE INDEX ix_operations_running ON operations (heartbeat_at) WHERE state = 'RUNNING';
