-- Endpoints of others that are told what happens, and what became of each delivery.

-- `events` are kinds of event (`class.cancelled`), or all of a resource (`class.*`); none asks for everything. For a
-- paused endpoint what happens is noted and sent later; for a stopped one it is not noted.
CREATE TABLE webhook_endpoints (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    url text NOT NULL,
    description text,
    events text[] NOT NULL,
    state text NOT NULL,
    reason text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_webhook_endpoints PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_webhook_endpoints_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT ck_webhook_endpoints_state CHECK (
        (state = 'ACTIVE' AND reason IS NULL) OR (state = 'PAUSED' AND reason IN ('REQUESTED', 'FAILING'))
        OR (state = 'STOPPED' AND reason IN ('GONE')))
);

-- Whoever signs needs the secret itself. No answer ever holds one that was made before.
CREATE TABLE webhook_secrets (
    agency_id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    id uuid NOT NULL,
    secret bytea NOT NULL,
    made_at timestamptz NOT NULL,
    expires_at timestamptz,
    CONSTRAINT pk_webhook_secrets PRIMARY KEY (agency_id, endpoint_id, id),
    CONSTRAINT fk_webhook_secrets_endpoint FOREIGN KEY (agency_id, endpoint_id)
        REFERENCES webhook_endpoints (agency_id, id) ON DELETE CASCADE
);

-- An event for an endpoint, noted when the event was handed on, and once; a replay is a delivery of its own with the same
-- event. Whoever sends one has it until `claimed_until`.
CREATE TABLE webhook_deliveries (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    endpoint_id uuid NOT NULL,
    event_id uuid NOT NULL,
    type text NOT NULL,
    resource_id uuid NOT NULL,
    event_at timestamptz NOT NULL,
    replay_of uuid,
    state text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL,
    claim uuid,
    claimed_until timestamptz,
    ended_at timestamptz,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_webhook_deliveries PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_webhook_deliveries_endpoint FOREIGN KEY (agency_id, endpoint_id)
        REFERENCES webhook_endpoints (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_webhook_deliveries_state CHECK (
        (state = 'PENDING' AND ended_at IS NULL) OR (state IN ('DELIVERED', 'FAILED') AND ended_at IS NOT NULL))
);
CREATE UNIQUE INDEX uq_webhook_deliveries_event ON webhook_deliveries (agency_id, endpoint_id, event_id)
    WHERE replay_of IS NULL;
CREATE INDEX ix_webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'PENDING';
CREATE INDEX ix_webhook_deliveries_endpoint ON webhook_deliveries (agency_id, endpoint_id, id);
CREATE INDEX ix_webhook_deliveries_age ON webhook_deliveries (created_at);

-- Each time something was sent: the status it was answered with, or why there was no answer.
CREATE TABLE webhook_attempts (
    agency_id uuid NOT NULL,
    delivery_id uuid NOT NULL,
    number integer NOT NULL,
    at timestamptz NOT NULL,
    millis integer NOT NULL,
    status integer,
    failure text,
    CONSTRAINT pk_webhook_attempts PRIMARY KEY (agency_id, delivery_id, number),
    CONSTRAINT fk_webhook_attempts_delivery FOREIGN KEY (agency_id, delivery_id)
        REFERENCES webhook_deliveries (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_webhook_attempts_outcome CHECK ((status IS NULL) <> (failure IS NULL))
);

-- What is replayed since an instant is looked for by when it happened.
CREATE INDEX ix_outbox_at ON outbox (agency_id, at);

-- Who is asked something about a class, and has not answered: the participant, or the superior of the day about them.
CREATE FUNCTION evaluation_notices(the_agency uuid, the_ids uuid[], the_day date)
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT w.employee_id, 'EVALUATION_DUE', 'EVALUATION_TASK', t.id, w.about_id, p.name, t.due_at, NULL::date,
           '{}'::jsonb, NULL::text[]
    FROM evaluation_tasks t
    JOIN classes k ON k.agency_id = t.agency_id AND k.id = t.class_id
    JOIN programmes p ON p.agency_id = k.agency_id AND p.id = k.programme_id
    CROSS JOIN LATERAL (
        SELECT CASE t.instrument WHEN 'BEHAVIOUR_SUPERIOR' THEN direct_superior_on(the_agency, t.employee_id, the_day)
                    ELSE t.employee_id END AS employee_id,
               CASE t.instrument WHEN 'BEHAVIOUR_SUPERIOR' THEN t.employee_id END AS about_id) w
    WHERE t.agency_id = the_agency AND t.id = ANY (the_ids) AND t.opened_at IS NOT NULL AND t.void IS NULL
      AND t.answered_at IS NULL AND t.instrument <> 'RESULT' AND w.employee_id IS NOT NULL
$$;
