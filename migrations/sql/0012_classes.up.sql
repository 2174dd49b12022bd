-- Classes of programmes, who takes part in them, and what comes of it.

-- When it begins and ends follows from its sessions, and stands here to be found by. The next ticket is the place in the
-- order in which people register; whoever takes one holds this row.
CREATE TABLE classes (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    code text NOT NULL,
    seats integer NOT NULL,
    waitlist integer,
    registration_opens_at timestamptz NOT NULL,
    registration_closes_at timestamptz NOT NULL,
    note text,
    state text NOT NULL,
    cancelled_for text,
    completed_at timestamptz,
    starts_at timestamptz,
    ends_at timestamptz,
    next_ticket bigint NOT NULL DEFAULT 1,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_classes PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_classes_code UNIQUE (agency_id, code),
    CONSTRAINT fk_classes_programme FOREIGN KEY (agency_id, programme_id) REFERENCES programmes (agency_id, id),
    CONSTRAINT ck_classes_seats CHECK (seats > 0 AND waitlist >= 0),
    CONSTRAINT ck_classes_registration CHECK (registration_opens_at < registration_closes_at),
    CONSTRAINT ck_classes_state CHECK (
        (state IN ('PLANNED', 'OPEN') AND cancelled_for IS NULL AND completed_at IS NULL)
        OR (state = 'COMPLETED' AND completed_at IS NOT NULL)
        OR (state = 'CANCELLED' AND cancelled_for IS NOT NULL AND completed_at IS NULL))
);
CREATE INDEX ix_classes_programme ON classes (agency_id, programme_id, starts_at);
CREATE INDEX ix_classes_start ON classes (agency_id, starts_at, id);

CREATE TABLE class_sessions (
    agency_id uuid NOT NULL,
    class_id uuid NOT NULL,
    number integer NOT NULL,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    place text,
    url text,
    topic text,
    CONSTRAINT pk_class_sessions PRIMARY KEY (agency_id, class_id, number),
    CONSTRAINT fk_class_sessions_class FOREIGN KEY (agency_id, class_id)
        REFERENCES classes (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_class_sessions_hours CHECK (starts_at < ends_at)
);

CREATE TABLE class_session_trainers (
    agency_id uuid NOT NULL,
    class_id uuid NOT NULL,
    number integer NOT NULL,
    trainer_id uuid NOT NULL,
    ordinal integer NOT NULL,
    CONSTRAINT pk_class_session_trainers PRIMARY KEY (agency_id, class_id, number, trainer_id),
    CONSTRAINT fk_class_session_trainers_session FOREIGN KEY (agency_id, class_id, number)
        REFERENCES class_sessions (agency_id, class_id, number) ON DELETE CASCADE,
    CONSTRAINT fk_class_session_trainers_trainer FOREIGN KEY (agency_id, trainer_id)
        REFERENCES trainers (agency_id, id)
);
CREATE INDEX ix_class_session_trainers_trainer ON class_session_trainers (agency_id, trainer_id);

CREATE TABLE enrolments (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    origin text NOT NULL,
    state text NOT NULL,
    ticket bigint NOT NULL,
    requested_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    reason text,
    cause text,
    exception text,
    passed boolean,
    score integer,
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_enrolments PRIMARY KEY (agency_id, id),
    -- What refers to an enrolment and its class refers to the same one.
    CONSTRAINT uq_enrolments_class UNIQUE (agency_id, class_id, id),
    CONSTRAINT uq_enrolments_ticket UNIQUE (agency_id, class_id, ticket),
    CONSTRAINT fk_enrolments_class FOREIGN KEY (agency_id, class_id) REFERENCES classes (agency_id, id),
    CONSTRAINT fk_enrolments_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_enrolments_decider FOREIGN KEY (decided_by) REFERENCES users (id),
    CONSTRAINT ck_enrolments_origin CHECK (origin IN ('NOMINATED', 'OWN')),
    CONSTRAINT ck_enrolments_state CHECK (
        (state IN ('REQUESTED', 'WAITLISTED', 'ENROLLED') AND cause IS NULL)
        OR (state = 'REFUSED' AND cause IS NULL AND reason IS NOT NULL)
        OR (state = 'CANCELLED' AND cause IN ('WITHDRAWN', 'CLASS_CANCELLED', 'CLASS_HELD'))
        OR (state = 'PASSED' AND passed IS TRUE) OR (state = 'FAILED' AND passed IS FALSE)),
    CONSTRAINT ck_enrolments_score CHECK (score IS NULL OR (score BETWEEN 0 AND 10000 AND passed IS NOT NULL))
);
-- Somebody takes part in a class once; who gave up may try again.
CREATE UNIQUE INDEX uq_enrolments_live ON enrolments (agency_id, class_id, employee_id)
    WHERE state NOT IN ('REFUSED', 'CANCELLED');
CREATE INDEX ix_enrolments_line ON enrolments (agency_id, class_id, state, ticket);
CREATE INDEX ix_enrolments_employee ON enrolments (agency_id, employee_id, id);

-- Whether somebody has a seat in another class that meets when this one does.
CREATE FUNCTION seated_elsewhere(the_agency uuid, the_person uuid, the_class uuid)
RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT EXISTS (
        SELECT FROM enrolments n
        JOIN classes k ON k.agency_id = n.agency_id AND k.id = n.class_id AND k.state = 'OPEN'
        JOIN class_sessions o ON o.agency_id = n.agency_id AND o.class_id = n.class_id
        JOIN class_sessions s ON s.agency_id = n.agency_id AND s.class_id = the_class
            AND s.starts_at < o.ends_at AND o.starts_at < s.ends_at
        WHERE n.agency_id = the_agency AND n.employee_id = the_person AND n.class_id <> the_class AND n.state = 'ENROLLED')
$$;

CREATE TABLE attendances (
    agency_id uuid NOT NULL,
    class_id uuid NOT NULL,
    number integer NOT NULL,
    enrolment_id uuid NOT NULL,
    presence text NOT NULL,
    CONSTRAINT pk_attendances PRIMARY KEY (agency_id, class_id, number, enrolment_id),
    CONSTRAINT fk_attendances_session FOREIGN KEY (agency_id, class_id, number)
        REFERENCES class_sessions (agency_id, class_id, number),
    CONSTRAINT fk_attendances_enrolment FOREIGN KEY (agency_id, class_id, enrolment_id)
        REFERENCES enrolments (agency_id, class_id, id),
    CONSTRAINT ck_attendances_presence CHECK (presence IN ('PRESENT', 'EXCUSED', 'ABSENT'))
);
CREATE INDEX ix_attendances_enrolment ON attendances (agency_id, enrolment_id);

-- How participants found it, by themselves; shown in sums alone.
CREATE TABLE class_feedbacks (
    agency_id uuid NOT NULL,
    class_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    content smallint,
    trainers smallint,
    organisation smallint,
    usefulness smallint,
    comment text,
    given_at timestamptz NOT NULL,
    CONSTRAINT pk_class_feedbacks PRIMARY KEY (agency_id, class_id, enrolment_id),
    CONSTRAINT fk_class_feedbacks_enrolment FOREIGN KEY (agency_id, class_id, enrolment_id)
        REFERENCES enrolments (agency_id, class_id, id),
    CONSTRAINT ck_class_feedbacks_marks CHECK (
        content BETWEEN 1 AND 5 AND trainers BETWEEN 1 AND 5 AND organisation BETWEEN 1 AND 5
        AND usefulness BETWEEN 1 AND 5)
);

-- As issued: names are those of that day. Learning hours in hundredths; none where nobody says how many.
CREATE TABLE certificates (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    class_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    holder text NOT NULL,
    number text NOT NULL,
    code text NOT NULL,
    title text NOT NULL,
    provider text NOT NULL,
    form text NOT NULL,
    jp integer,
    jp_basis text NOT NULL,
    held_from date NOT NULL,
    held_until date NOT NULL,
    issued_on date NOT NULL,
    valid_until date,
    revoked_at timestamptz,
    revoked_for text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_certificates PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_certificates_enrolment UNIQUE (agency_id, enrolment_id),
    CONSTRAINT uq_certificates_number UNIQUE (agency_id, number),
    CONSTRAINT uq_certificates_code UNIQUE (agency_id, code),
    CONSTRAINT fk_certificates_enrolment FOREIGN KEY (agency_id, class_id, enrolment_id)
        REFERENCES enrolments (agency_id, class_id, id),
    CONSTRAINT fk_certificates_programme FOREIGN KEY (agency_id, programme_id) REFERENCES programmes (agency_id, id),
    CONSTRAINT fk_certificates_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT ck_certificates_basis CHECK (
        (jp_basis = 'UNKNOWN' AND jp IS NULL) OR (jp_basis IN ('STATED', 'CONVERTED') AND jp IS NOT NULL AND jp >= 0)),
    CONSTRAINT ck_certificates_revoked CHECK ((revoked_at IS NULL) = (revoked_for IS NULL))
);
CREATE INDEX ix_certificates_employee ON certificates (agency_id, employee_id, issued_on);
CREATE INDEX ix_certificates_programme ON certificates (agency_id, programme_id, employee_id);
CREATE INDEX ix_certificates_class ON certificates (agency_id, class_id, number);
-- Whoever verifies one knows its code and no agency.
CREATE INDEX ix_certificates_code ON certificates (code);

-- Evidence that a completion proposes. It is no evidence yet: an assessment may take it up.
CREATE TABLE evidence_proposals (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    level smallint NOT NULL,
    certificate_id uuid NOT NULL,
    proposed_at timestamptz NOT NULL,
    state text NOT NULL,
    result_id uuid,
    reason text,
    decided_by uuid,
    version bigint NOT NULL DEFAULT 1,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_evidence_proposals PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_evidence_proposals_certificate UNIQUE (agency_id, certificate_id, competency_id),
    CONSTRAINT fk_evidence_proposals_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_evidence_proposals_competency FOREIGN KEY (competency_agency_id, competency_id)
        REFERENCES competencies (agency_id, id),
    CONSTRAINT fk_evidence_proposals_certificate FOREIGN KEY (agency_id, certificate_id)
        REFERENCES certificates (agency_id, id),
    CONSTRAINT fk_evidence_proposals_result FOREIGN KEY (agency_id, result_id)
        REFERENCES assessment_results (agency_id, id),
    CONSTRAINT fk_evidence_proposals_decider FOREIGN KEY (decided_by) REFERENCES users (id),
    CONSTRAINT ck_evidence_proposals_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_evidence_proposals_level CHECK (level BETWEEN 1 AND 5),
    CONSTRAINT ck_evidence_proposals_state CHECK (
        (state IN ('PROPOSED', 'VOID') AND result_id IS NULL)
        OR (state = 'TAKEN_UP' AND result_id IS NOT NULL)
        OR (state = 'DISMISSED' AND result_id IS NULL AND reason IS NOT NULL))
);
CREATE INDEX ix_evidence_proposals_employee ON evidence_proposals (agency_id, employee_id, id);

-- Development outside a class. What it cannot be understood without depends on its kind and stands in `details`; the log has a
-- note for each day something was done. Who guides it stands beside, so that nobody is removed whom people are guided by.
CREATE TABLE activities (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    trainer_id uuid,
    kind text NOT NULL,
    details jsonb NOT NULL,
    goal text NOT NULL,
    form text,
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    state text NOT NULL,
    log jsonb NOT NULL,
    outcome text,
    reason text,
    jp integer,
    decided_by uuid,
    decided_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_activities PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_activities_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_activities_trainer FOREIGN KEY (agency_id, trainer_id) REFERENCES trainers (agency_id, id),
    CONSTRAINT fk_activities_decider FOREIGN KEY (decided_by) REFERENCES users (id),
    CONSTRAINT ck_activities_days CHECK (starts_on <= ends_on),
    CONSTRAINT ck_activities_kind CHECK (details ->> 'kind' = kind),
    CONSTRAINT ck_activities_state CHECK (
        (state = 'ACTIVE' AND decided_at IS NULL AND jp IS NULL)
        OR (state = 'COMPLETED' AND decided_at IS NOT NULL AND outcome IS NOT NULL)
        OR (state = 'CANCELLED' AND reason IS NOT NULL AND jp IS NULL))
);
CREATE INDEX ix_activities_employee ON activities (agency_id, employee_id, id);
CREATE INDEX ix_activities_trainer ON activities (agency_id, trainer_id) WHERE state = 'ACTIVE';
