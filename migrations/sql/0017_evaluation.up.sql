-- Evaluation of classes on four levels: what is asked about whose part, by when, and what was answered.
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind CHECK (kind IN (
        'JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS', 'JP_TARGET', 'DEVELOPMENT_PLAN', 'RECOMMENDATION',
        'EVALUATION'));

-- A class whose tasks were made, by which version of the rubric; a version is never removed, and may be the nation's. None
-- stands for what applied on its last day. `seen` adds up versions of the class and its enrolments, each of which only counts
-- up: another sum means that something changed since. Once it is settled nobody looks again.
CREATE TABLE evaluations (
    agency_id uuid NOT NULL,
    class_id uuid NOT NULL,
    policy_id uuid,
    seen bigint NOT NULL,
    is_over boolean NOT NULL,
    settled_at timestamptz,
    CONSTRAINT pk_evaluations PRIMARY KEY (agency_id, class_id),
    CONSTRAINT fk_evaluations_class FOREIGN KEY (agency_id, class_id) REFERENCES classes (agency_id, id) ON DELETE CASCADE
);

-- One per part in a class and instrument, whoever makes them and however often. `opened_at` and `overdue_at` say when that was
-- told; what is void is asked of nobody, and is in no figure. A result is answered by assessments and not here.
CREATE TABLE evaluation_tasks (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    class_id uuid NOT NULL,
    enrolment_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    instrument text NOT NULL,
    opens_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    opened_at timestamptz,
    overdue_at timestamptz,
    void text,
    answered_at timestamptz,
    answered_by uuid,
    score integer,
    comment text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_evaluation_tasks PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_evaluation_tasks_instrument UNIQUE (agency_id, enrolment_id, instrument),
    CONSTRAINT fk_evaluation_tasks_enrolment FOREIGN KEY (agency_id, class_id, enrolment_id)
        REFERENCES enrolments (agency_id, class_id, id),
    CONSTRAINT fk_evaluation_tasks_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_evaluation_tasks_respondent FOREIGN KEY (answered_by) REFERENCES users (id),
    CONSTRAINT ck_evaluation_tasks_instrument CHECK (instrument IN (
        'REACTION', 'PRE_TEST', 'POST_TEST', 'BEHAVIOUR_SELF', 'BEHAVIOUR_SUPERIOR', 'RESULT')),
    CONSTRAINT ck_evaluation_tasks_window CHECK (opens_at < due_at),
    CONSTRAINT ck_evaluation_tasks_void CHECK (void IN ('NOT_ATTENDED', 'CLASS_CANCELLED', 'LEFT', 'NO_SUPERIOR')),
    CONSTRAINT ck_evaluation_tasks_answer CHECK (
        (answered_at IS NULL AND answered_by IS NULL AND score IS NULL AND comment IS NULL)
        OR (answered_at IS NOT NULL AND CASE instrument WHEN 'RESULT' THEN false
            WHEN 'PRE_TEST' THEN score IS NOT NULL AND score BETWEEN 0 AND 10000 AND comment IS NULL
            WHEN 'POST_TEST' THEN score IS NOT NULL AND score BETWEEN 0 AND 10000 AND comment IS NULL
            ELSE score IS NULL END))
);
CREATE INDEX ix_evaluation_tasks_class ON evaluation_tasks (agency_id, class_id);
CREATE INDEX ix_evaluation_tasks_due ON evaluation_tasks (agency_id, due_at, id);
CREATE INDEX ix_evaluation_tasks_employee ON evaluation_tasks (agency_id, employee_id)
    WHERE void IS NULL AND answered_at IS NULL;
CREATE INDEX ix_evaluation_tasks_opening ON evaluation_tasks (opens_at) WHERE opened_at IS NULL AND void IS NULL;
CREATE INDEX ix_evaluation_tasks_overdue ON evaluation_tasks (due_at)
    WHERE overdue_at IS NULL AND void IS NULL AND answered_at IS NULL;

-- What was marked: a question without a mark has no row.
CREATE TABLE evaluation_marks (
    agency_id uuid NOT NULL,
    task_id uuid NOT NULL,
    question text NOT NULL,
    mark smallint NOT NULL,
    CONSTRAINT pk_evaluation_marks PRIMARY KEY (agency_id, task_id, question),
    CONSTRAINT fk_evaluation_marks_task FOREIGN KEY (agency_id, task_id) REFERENCES evaluation_tasks (agency_id, id),
    CONSTRAINT ck_evaluation_marks_mark CHECK (mark BETWEEN 1 AND 10)
);

-- Since when an assessment is on record that came after somebody's class and looked at what it taught; never while there is none.
CREATE FUNCTION evaluation_result_at(the_agency uuid, the_class uuid, the_person uuid)
RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT min(r.recorded_at)
    FROM classes k
    JOIN agencies a ON a.id = k.agency_id
    JOIN programme_steps s ON s.agency_id = k.agency_id AND s.programme_id = k.programme_id
    JOIN assessment_results r ON r.agency_id = k.agency_id AND r.employee_id = the_person
        AND r.competency_agency_id = s.competency_agency_id AND r.competency_id = s.competency_id
        AND r.counts AND r.recorded_at IS NOT NULL AND r.superseded_at IS NULL
        AND r.assessed_on > day_in(a.zone, k.ends_at - interval '1 microsecond')
    WHERE k.agency_id = the_agency AND k.id = the_class
$$;

-- What participants said before there were tasks is the answer to the first of them.
INSERT INTO evaluations (agency_id, class_id, seen, is_over)
SELECT DISTINCT agency_id, class_id, -1, false FROM class_feedbacks;
INSERT INTO evaluation_tasks (agency_id, id, class_id, enrolment_id, employee_id, instrument, opens_at, due_at, opened_at,
    answered_at, comment, created_at, updated_at)
SELECT f.agency_id, gen_random_uuid(), f.class_id, f.enrolment_id, n.employee_id, 'REACTION',
       coalesce(k.ends_at, f.given_at), coalesce(k.ends_at, f.given_at) + interval '7 days',
       coalesce(k.ends_at, f.given_at), f.given_at, f.comment, f.given_at, f.given_at
FROM class_feedbacks f
JOIN enrolments n ON n.agency_id = f.agency_id AND n.id = f.enrolment_id
JOIN classes k ON k.agency_id = f.agency_id AND k.id = f.class_id;
INSERT INTO evaluation_marks (agency_id, task_id, question, mark)
SELECT t.agency_id, t.id, m.question, m.mark
FROM class_feedbacks f
JOIN evaluation_tasks t ON t.agency_id = f.agency_id AND t.enrolment_id = f.enrolment_id
CROSS JOIN LATERAL (VALUES ('CONTENT', f.content), ('TRAINERS', f.trainers), ('ORGANISATION', f.organisation),
    ('USEFULNESS', f.usefulness)) m (question, mark)
WHERE m.mark IS NOT NULL;
DROP TABLE class_feedbacks;
-- Whoever was in a class that was decided before is not asked years later.
INSERT INTO evaluations (agency_id, class_id, seen, is_over, settled_at)
SELECT agency_id, id, -1, true, now() FROM classes WHERE state IN ('COMPLETED', 'CANCELLED')
ON CONFLICT ON CONSTRAINT pk_evaluations DO UPDATE SET settled_at = now(), is_over = true;
