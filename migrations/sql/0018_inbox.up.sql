-- What people are told, and the order in which events are handed on.

-- Events are handed on by whoever holds the agency's row of `outbox_positions`, in the order of `seq`, and get the next
-- position when they are: positions have no holes, and events of one thing keep their order, because a transaction that
-- changes it takes its number while it holds it. What was recorded before this step is taken for handed on.
ALTER TABLE outbox
    DROP COLUMN xid,
    ADD COLUMN seq bigint NOT NULL GENERATED ALWAYS AS IDENTITY,
    ADD COLUMN position bigint;
UPDATE outbox o SET position = n.number
FROM (SELECT agency_id, id, row_number() OVER (PARTITION BY agency_id ORDER BY id) AS number FROM outbox) n
WHERE o.agency_id = n.agency_id AND o.id = n.id;
CREATE INDEX ix_outbox_waiting ON outbox (agency_id, seq) WHERE position IS NULL;
CREATE UNIQUE INDEX uq_outbox_position ON outbox (agency_id, position);

CREATE TABLE outbox_positions (
    agency_id uuid NOT NULL,
    last bigint NOT NULL,
    CONSTRAINT pk_outbox_positions PRIMARY KEY (agency_id),
    CONSTRAINT fk_outbox_positions_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);
INSERT INTO outbox_positions (agency_id, last) SELECT agency_id, max(position) FROM outbox GROUP BY agency_id;

-- What was said to be due, once for each subject and day.
CREATE TABLE reminders (
    agency_id uuid NOT NULL,
    kind text NOT NULL,
    subject_id uuid NOT NULL,
    due_on date NOT NULL,
    told_at timestamptz NOT NULL,
    CONSTRAINT pk_reminders PRIMARY KEY (agency_id, kind, subject_id, due_on),
    CONSTRAINT fk_reminders_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);

-- The days whose round of reminders is complete.
CREATE TABLE reminder_rounds (
    agency_id uuid NOT NULL,
    day date NOT NULL,
    CONSTRAINT pk_reminder_rounds PRIMARY KEY (agency_id, day),
    CONSTRAINT fk_reminder_rounds_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);

-- One notice for each person, kind and subject, as long as its reason holds. `about_id` is somebody else it is about;
-- `title` is what the subject is called, never a person's name.
CREATE TABLE notices (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    kind text NOT NULL,
    subject text NOT NULL,
    subject_id uuid NOT NULL,
    about_id uuid,
    title text,
    told_at timestamptz NOT NULL,
    due_at timestamptz,
    due_on date,
    figures jsonb NOT NULL,
    read_at timestamptz,
    snoozed_until timestamptz,
    withdrawn_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT pk_notices PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_notices_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_notices_about FOREIGN KEY (agency_id, about_id)
        REFERENCES employees (agency_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX uq_notices_live ON notices (agency_id, employee_id, kind, subject_id) WHERE withdrawn_at IS NULL;
CREATE INDEX ix_notices_told ON notices (agency_id, employee_id, told_at, id);
CREATE INDEX ix_notices_subject ON notices (agency_id, subject_id) WHERE withdrawn_at IS NULL;
CREATE INDEX ix_notices_about ON notices (agency_id, about_id) WHERE about_id IS NOT NULL;

CREATE TABLE inbox_settings (
    agency_id uuid NOT NULL,
    user_id uuid NOT NULL,
    digest text NOT NULL,
    weekday smallint NOT NULL,
    muted text[] NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_inbox_settings PRIMARY KEY (agency_id, user_id),
    CONSTRAINT fk_inbox_settings_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_inbox_settings_user FOREIGN KEY (user_id) REFERENCES users (id),
    CONSTRAINT ck_inbox_settings_digest CHECK (digest IN ('DAILY', 'WEEKLY', 'NONE') AND weekday BETWEEN 1 AND 7)
);

-- What is due soon is looked for every minute.
CREATE INDEX ix_certificates_expiring ON certificates (agency_id, valid_until)
    WHERE revoked_at IS NULL AND valid_until IS NOT NULL;
CREATE INDEX ix_plan_items_due ON plan_items (agency_id, due_on) WHERE state IN ('PLANNED', 'STARTED');

-- The direct superior of somebody on a day: `workforce::superior_of` in SQL.
CREATE FUNCTION direct_superior_on(the_agency uuid, the_person uuid, the_day date)
RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce((
        SELECT o.employee_id
        FROM placements_on(the_agency, the_day, 'infinity') o
        WHERE o.employee_id = e.superior_id AND o.position_id IS NOT NULL), (
        SELECT s.employee_id
        FROM placements_on(the_agency, the_day, 'infinity') p
        JOIN positions q ON q.agency_id = p.agency_id AND q.id = p.position_id
        JOIN unit_ancestors a ON a.agency_id = q.agency_id AND a.unit_id = q.unit_id
        JOIN placements s ON s.agency_id = a.agency_id AND s.id = head_on(the_agency, a.ancestor_id, the_day)
        WHERE p.employee_id = e.id AND s.employee_id <> e.id
        ORDER BY a.depth
        LIMIT 1))
    FROM employees e
    WHERE e.agency_id = the_agency AND e.id = the_person
$$;

-- Who should be told what about these subjects, as things stand. `moments` are the events that give occasion to it; without
-- them the state of things alone is the reason. What depends on a date has been said to be due (`reminders`) before.
CREATE TYPE notice_reason AS (
    employee_id uuid, kind text, subject text, subject_id uuid, about_id uuid, title text, due_at timestamptz, due_on date,
    figures jsonb, moments text[]
);

CREATE FUNCTION enrolment_notices(the_agency uuid, the_ids uuid[], the_day date, the_now timestamptz)
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT v.employee_id, v.kind, 'ENROLMENT', n.id, v.about_id, p.name,
           CASE WHEN v.ahead THEN k.starts_at END, NULL::date, v.figures, v.moments
    FROM enrolments n
    JOIN classes k ON k.agency_id = n.agency_id AND k.id = n.class_id
    JOIN programmes p ON p.agency_id = k.agency_id AND p.id = k.programme_id
    JOIN agencies a ON a.id = n.agency_id
    CROSS JOIN LATERAL (
        SELECT k.state = 'OPEN' AND coalesce(k.starts_at > the_now, true) AS ahead, n.state IN ('ENROLLED', 'WAITLISTED') AS live,
               jsonb_build_object('seat', n.state = 'ENROLLED') AS place) s
    CROSS JOIN LATERAL (
        VALUES
        (n.employee_id, 'ENROLMENT_NOMINATED', NULL::uuid, s.ahead, s.place, ARRAY['enrolment.created'],
            n.origin = 'NOMINATED' AND s.live AND s.ahead),
        (n.employee_id, 'ENROLMENT_CONSENTED', NULL, s.ahead, s.place, ARRAY['enrolment.consented'],
            n.origin = 'OWN' AND s.live AND s.ahead),
        (n.employee_id, 'ENROLMENT_REFUSED', NULL, s.ahead, '{}', ARRAY['enrolment.refused'], n.state = 'REFUSED'),
        (n.employee_id, 'SEAT_GAINED', NULL, s.ahead, '{}', ARRAY['enrolment.promoted'], n.state = 'ENROLLED' AND s.ahead),
        (n.employee_id, 'CLASS_CANCELLED', NULL, false, '{}', ARRAY['class.cancelled'],
            n.state = 'CANCELLED' AND n.cause = 'CLASS_CANCELLED'),
        (n.employee_id, 'CLASS_RESULT', NULL, false, jsonb_build_object('passed', n.passed), ARRAY['class.completed'],
            n.state IN ('PASSED', 'FAILED')),
        (n.employee_id, 'CLASS_STARTING', NULL, true, '{}', NULL,
            n.state = 'ENROLLED' AND s.ahead AND EXISTS (
                SELECT FROM reminders r
                WHERE r.agency_id = n.agency_id AND r.kind = 'CLASS_STARTING' AND r.subject_id = k.id
                  AND r.due_on = day_in(a.zone, k.starts_at))),
        (CASE WHEN n.state = 'REQUESTED' AND s.ahead THEN direct_superior_on(the_agency, n.employee_id, the_day) END,
            'CONSENT_AWAITED', n.employee_id, true, '{}', NULL, n.state = 'REQUESTED' AND s.ahead)
    ) v(employee_id, kind, about_id, ahead, figures, moments, holds)
    WHERE n.agency_id = the_agency AND n.id = ANY (the_ids) AND v.holds AND v.employee_id IS NOT NULL
$$;

CREATE FUNCTION plan_notices(the_agency uuid, the_ids uuid[], the_day date)
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT v.employee_id, v.kind, 'PLAN', n.id, v.about_id, v.title, NULL::timestamptz, v.due_on,
           jsonb_build_object('year', n.year), v.moments
    FROM plans n
    LEFT JOIN LATERAL (
        SELECT i.title, i.due_on
        FROM plan_items i
        JOIN reminders r ON r.agency_id = i.agency_id AND r.kind = 'PLAN_ITEM_DUE' AND r.subject_id = i.id
            AND r.due_on = i.due_on
        WHERE i.agency_id = n.agency_id AND i.plan_id = n.id AND i.state IN ('PLANNED', 'STARTED')
        ORDER BY i.due_on, i.ordinal
        LIMIT 1) d ON n.state = 'ACTIVE'
    CROSS JOIN LATERAL (
        VALUES
        (n.employee_id, 'PLAN_RETURNED', NULL::uuid, NULL::text, NULL::date, ARRAY['plan.returned'], n.state = 'RETURNED'),
        (n.employee_id, 'PLAN_APPROVED', NULL, NULL, NULL, ARRAY['plan.approved', 'plan.enacted'],
            n.state IN ('APPROVED', 'ACTIVE')),
        (n.employee_id, 'PLAN_ITEM_DUE', NULL, d.title, d.due_on, NULL, d.due_on IS NOT NULL),
        (CASE WHEN n.state IN ('SUBMITTED', 'IN_REVIEW') THEN direct_superior_on(the_agency, n.employee_id, the_day) END,
            'PLAN_REVIEW_AWAITED', n.employee_id, NULL, NULL, NULL, n.state IN ('SUBMITTED', 'IN_REVIEW'))
    ) v(employee_id, kind, about_id, title, due_on, moments, holds)
    WHERE n.agency_id = the_agency AND n.id = ANY (the_ids) AND v.holds AND v.employee_id IS NOT NULL
$$;

CREATE FUNCTION person_notices(the_agency uuid, the_ids uuid[], the_day date)
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT e.id, 'PLAN_DUE', 'EMPLOYEE', e.id, NULL::uuid, NULL::text, NULL::timestamptz, r.due_on,
           jsonb_build_object('year', extract(year FROM r.due_on)::integer), NULL::text[]
    FROM employees e
    JOIN reminders r ON r.agency_id = e.agency_id AND r.kind = 'PLAN_DUE' AND r.subject_id = e.id
        AND r.due_on BETWEEN date_trunc('year', the_day)::date AND (date_trunc('year', the_day) + interval '1 year')::date - 1
    WHERE e.agency_id = the_agency AND e.id = ANY (the_ids)
      AND r.due_on = (
        SELECT max(x.due_on) FROM reminders x
        WHERE x.agency_id = r.agency_id AND x.kind = r.kind AND x.subject_id = r.subject_id)
      AND EXISTS (
        SELECT FROM placements_on(the_agency, the_day, 'infinity') p
        WHERE p.employee_id = e.id AND p.position_id IS NOT NULL)
      AND NOT EXISTS (
        SELECT FROM plans n
        WHERE n.agency_id = e.agency_id AND n.employee_id = e.id AND n.year = extract(year FROM r.due_on)::integer
          AND n.state NOT IN ('DRAFT', 'RETURNED', 'CANCELLED'))
$$;

-- A newer certificate of the same programme takes the place of one that expires.
CREATE FUNCTION certificate_notices(the_agency uuid, the_ids uuid[], the_day date)
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT c.employee_id, v.kind, 'CERTIFICATE', c.id, NULL::uuid, c.title, NULL::timestamptz, v.due_on, '{}'::jsonb, v.moments
    FROM certificates c
    CROSS JOIN LATERAL (
        VALUES
        ('CERTIFICATE_REVOKED', NULL::date, ARRAY['certificate.revoked'], c.revoked_at IS NOT NULL),
        ('CERTIFICATE_EXPIRING', c.valid_until, NULL,
            c.revoked_at IS NULL
            AND EXISTS (
                SELECT FROM reminders r
                WHERE r.agency_id = c.agency_id AND r.kind = 'CERTIFICATE_EXPIRING' AND r.subject_id = c.id
                  AND r.due_on = c.valid_until)
            AND NOT EXISTS (
                SELECT FROM certificates x
                WHERE x.agency_id = c.agency_id AND x.programme_id = c.programme_id AND x.employee_id = c.employee_id
                  AND x.revoked_at IS NULL AND (x.valid_until IS NULL OR x.valid_until > c.valid_until)))
    ) v(kind, due_on, moments, holds)
    WHERE c.agency_id = the_agency AND c.id = ANY (the_ids) AND v.holds
$$;

CREATE FUNCTION own_learning_notices(the_agency uuid, the_ids uuid[])
RETURNS SETOF notice_reason LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT o.employee_id, 'OWN_LEARNING_' || o.state, 'OWN_LEARNING', o.id, NULL::uuid, o.title, NULL::timestamptz, NULL::date,
           '{}'::jsonb, ARRAY['own_learning.' || lower(o.state)]
    FROM own_learnings o
    WHERE o.agency_id = the_agency AND o.id = ANY (the_ids) AND o.state IN ('VERIFIED', 'REFUSED')
$$;

ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind CHECK (kind IN (
        'JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS', 'JP_TARGET', 'DEVELOPMENT_PLAN', 'RECOMMENDATION',
        'EVALUATION', 'REMINDERS'));
