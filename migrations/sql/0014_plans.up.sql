-- Development plans: what people do in a year to close gaps, who agreed to it, and what came of it.

-- What many people's plans have in common. Items are a document: each has an identifier that the plans' items carry.
CREATE TABLE plan_templates (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    name text NOT NULL,
    job_class text,
    position_id uuid,
    items jsonb NOT NULL,
    retired_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_plan_templates PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_plan_templates_name UNIQUE (agency_id, name),
    CONSTRAINT fk_plan_templates_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_plan_templates_position FOREIGN KEY (agency_id, position_id) REFERENCES positions (agency_id, id),
    CONSTRAINT ck_plan_templates_for CHECK ((job_class IS NULL) <> (position_id IS NULL))
);

CREATE TABLE plans (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    year integer NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    revises_id uuid,
    target_id uuid,
    goal text,
    attachments jsonb NOT NULL,
    endorsed_by uuid,
    confirmed_by uuid,
    approved_at timestamptz,
    activated_at timestamptz,
    completed_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_plans PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_plans_number UNIQUE (agency_id, employee_id, year, number),
    CONSTRAINT fk_plans_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_plans_revises FOREIGN KEY (agency_id, revises_id) REFERENCES plans (agency_id, id),
    CONSTRAINT fk_plans_target FOREIGN KEY (agency_id, target_id) REFERENCES positions (agency_id, id),
    CONSTRAINT fk_plans_endorser FOREIGN KEY (endorsed_by) REFERENCES users (id),
    CONSTRAINT fk_plans_confirmer FOREIGN KEY (confirmed_by) REFERENCES users (id),
    CONSTRAINT ck_plans_year CHECK (year BETWEEN 1900 AND 2199),
    CONSTRAINT ck_plans_officers CHECK (endorsed_by <> confirmed_by),
    CONSTRAINT ck_plans_state CHECK (
        state IN ('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'RETURNED', 'ENDORSED', 'CONFIRMED', 'CANCELLED')
        OR (state = 'APPROVED' AND approved_at IS NOT NULL)
        OR (state IN ('ACTIVE', 'SUPERSEDED') AND approved_at IS NOT NULL AND activated_at IS NOT NULL)
        OR (state = 'COMPLETED' AND activated_at IS NOT NULL AND completed_at IS NOT NULL))
);
-- One plan of a person and year is drawn up or waits for approval, and one is carried out or was.
CREATE UNIQUE INDEX uq_plans_open ON plans (agency_id, employee_id, year)
    WHERE state IN ('DRAFT', 'SUBMITTED', 'IN_REVIEW', 'RETURNED', 'ENDORSED', 'CONFIRMED', 'APPROVED');
CREATE UNIQUE INDEX uq_plans_active ON plans (agency_id, employee_id, year) WHERE state IN ('ACTIVE', 'COMPLETED');
CREATE INDEX ix_plans_state ON plans (agency_id, year, state, id);

CREATE TABLE plan_items (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    line_id uuid NOT NULL,
    ordinal integer NOT NULL,
    competency_agency_id uuid,
    competency_id uuid,
    level_from smallint,
    level_to smallint,
    programme_id uuid,
    class_id uuid,
    form text NOT NULL,
    title text NOT NULL,
    jp bigint NOT NULL,
    cost bigint NOT NULL,
    budget text,
    starts_on date,
    due_on date,
    mentor_id uuid,
    evidence text,
    origin text NOT NULL,
    carried_from_id uuid,
    template_item_id uuid,
    state text NOT NULL,
    percent smallint NOT NULL,
    jp_earned bigint NOT NULL,
    committed bigint NOT NULL,
    realised bigint NOT NULL,
    progress_evidence text,
    progress_note text,
    CONSTRAINT pk_plan_items PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_plan_items_ordinal UNIQUE (agency_id, plan_id, ordinal),
    CONSTRAINT uq_plan_items_line UNIQUE (agency_id, plan_id, line_id),
    CONSTRAINT fk_plan_items_plan FOREIGN KEY (agency_id, plan_id) REFERENCES plans (agency_id, id),
    CONSTRAINT fk_plan_items_competency FOREIGN KEY (competency_agency_id, competency_id)
        REFERENCES competencies (agency_id, id),
    CONSTRAINT fk_plan_items_programme FOREIGN KEY (agency_id, programme_id) REFERENCES programmes (agency_id, id),
    CONSTRAINT fk_plan_items_class FOREIGN KEY (agency_id, class_id) REFERENCES classes (agency_id, id),
    CONSTRAINT fk_plan_items_mentor FOREIGN KEY (agency_id, mentor_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_plan_items_carried FOREIGN KEY (agency_id, carried_from_id) REFERENCES plan_items (agency_id, id),
    CONSTRAINT ck_plan_items_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_plan_items_step CHECK (
        (competency_id IS NULL) = (level_to IS NULL) AND (competency_id IS NULL) = (competency_agency_id IS NULL)
        AND level_to BETWEEN 1 AND 5 AND (level_from IS NULL OR level_from BETWEEN 1 AND level_to - 1)),
    CONSTRAINT ck_plan_items_state CHECK (state IN ('PLANNED', 'STARTED', 'DONE', 'DROPPED')),
    CONSTRAINT ck_plan_items_origin CHECK (origin IN (
        'HELD_GAP', 'TARGET_GAP', 'PERFORMANCE', 'SERVICE_SIGNAL', 'OWN_WISH', 'CARRIED_OVER')),
    CONSTRAINT ck_plan_items_figures CHECK (
        jp >= 0 AND cost >= 0 AND jp_earned >= 0 AND committed >= 0 AND realised >= 0 AND percent BETWEEN 0 AND 100)
);
CREATE INDEX ix_plan_items_programme ON plan_items (agency_id, programme_id);
CREATE INDEX ix_plan_items_template ON plan_items (agency_id, template_item_id) WHERE template_item_id IS NOT NULL;

-- What is over stays as it was.
CREATE FUNCTION plan_items_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM plans p WHERE p.agency_id = OLD.agency_id AND p.id = OLD.plan_id
               AND p.state IN ('COMPLETED', 'SUPERSEDED')) THEN
        RAISE EXCEPTION 'the plan is frozen' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN coalesce(NEW, OLD);
END
$$;
CREATE TRIGGER tr_plan_items_frozen BEFORE UPDATE OR DELETE ON plan_items
    FOR EACH ROW EXECUTE FUNCTION plan_items_frozen();

-- Every step of a plan's life: who, as what, when and why. `basis` says why somebody is the superior.
CREATE TABLE plan_transitions (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    action text NOT NULL,
    from_state text,
    to_state text NOT NULL,
    parties text[] NOT NULL,
    basis text,
    reason text,
    CONSTRAINT pk_plan_transitions PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_plan_transitions_plan FOREIGN KEY (agency_id, plan_id) REFERENCES plans (agency_id, id),
    CONSTRAINT fk_plan_transitions_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_plan_transitions_plan ON plan_transitions (agency_id, plan_id, id);
CREATE TRIGGER tr_plan_transitions_append_only BEFORE UPDATE OR DELETE ON plan_transitions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE plan_progress (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    item_id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid,
    state text NOT NULL,
    percent smallint NOT NULL,
    jp_earned bigint NOT NULL,
    committed bigint NOT NULL,
    realised bigint NOT NULL,
    evidence text,
    note text,
    CONSTRAINT pk_plan_progress PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_plan_progress_item FOREIGN KEY (agency_id, item_id) REFERENCES plan_items (agency_id, id),
    CONSTRAINT fk_plan_progress_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_plan_progress_item ON plan_progress (agency_id, item_id, id);
CREATE TRIGGER tr_plan_progress_append_only BEFORE UPDATE OR DELETE ON plan_progress
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE plan_comments (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    plan_id uuid NOT NULL,
    at timestamptz NOT NULL,
    user_id uuid NOT NULL,
    text text NOT NULL,
    CONSTRAINT pk_plan_comments PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_plan_comments_plan FOREIGN KEY (agency_id, plan_id) REFERENCES plans (agency_id, id),
    CONSTRAINT fk_plan_comments_user FOREIGN KEY (user_id) REFERENCES users (id)
);
CREATE INDEX ix_plan_comments_plan ON plan_comments (agency_id, plan_id, id);
CREATE TRIGGER tr_plan_comments_append_only BEFORE UPDATE OR DELETE ON plan_comments
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- The gaps a plan was made from, and those at its completion.
CREATE TABLE plan_snapshots (
    agency_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    moment text NOT NULL,
    against text NOT NULL,
    snapshot jsonb NOT NULL,
    CONSTRAINT pk_plan_snapshots PRIMARY KEY (agency_id, plan_id, moment, against),
    CONSTRAINT fk_plan_snapshots_plan FOREIGN KEY (agency_id, plan_id) REFERENCES plans (agency_id, id),
    CONSTRAINT ck_plan_snapshots_moment CHECK (moment IN ('MADE', 'COMPLETED')),
    CONSTRAINT ck_plan_snapshots_against CHECK (against IN ('HELD', 'TARGET'))
);
CREATE TRIGGER tr_plan_snapshots_append_only BEFORE UPDATE OR DELETE ON plan_snapshots
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

-- By which work plans were drawn up or changed.
CREATE TABLE plan_work (
    agency_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    plan_id uuid NOT NULL,
    CONSTRAINT pk_plan_work PRIMARY KEY (agency_id, operation_id, plan_id),
    CONSTRAINT fk_plan_work_operation FOREIGN KEY (agency_id, operation_id)
        REFERENCES operations (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_plan_work_plan FOREIGN KEY (agency_id, plan_id) REFERENCES plans (agency_id, id)
);
