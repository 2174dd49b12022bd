-- Dictionaries, what positions require, and what people were found able to do.
--
-- A competency belongs to the agency's own dictionary or to the nation's. Rows of an agency that name one carry
-- the owner beside the id (`competency_agency_id`), and a check holds the owner to those two.

CREATE TABLE competency_families (
    code text NOT NULL,
    name text NOT NULL,
    name_en text NOT NULL,
    ordinal integer NOT NULL,
    CONSTRAINT pk_competency_families PRIMARY KEY (code),
    CONSTRAINT uq_competency_families_ordinal UNIQUE (ordinal) DEFERRABLE
);

CREATE TABLE dictionaries (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_dictionaries PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_dictionaries_code UNIQUE (agency_id, code),
    CONSTRAINT fk_dictionaries_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);

CREATE TABLE dictionary_versions (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    dictionary_id uuid NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    published_at timestamptz,
    retired_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_dictionary_versions PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_dictionary_versions_number UNIQUE (agency_id, dictionary_id, number),
    CONSTRAINT fk_dictionary_versions_dictionary FOREIGN KEY (agency_id, dictionary_id)
        REFERENCES dictionaries (agency_id, id),
    CONSTRAINT ck_dictionary_versions_state CHECK (
        (state = 'DRAFT' AND published_at IS NULL AND retired_at IS NULL)
        OR (state = 'PUBLISHED' AND published_at IS NOT NULL AND retired_at IS NULL)
        OR (state = 'RETIRED' AND published_at IS NOT NULL AND retired_at IS NOT NULL))
);
-- Two people drafting the next version at once would each lose the other's work.
CREATE UNIQUE INDEX uq_dictionary_versions_draft ON dictionary_versions (agency_id, dictionary_id)
    WHERE state = 'DRAFT';

-- What a competency is stays the same over versions; what is written of it belongs to a version.
CREATE TABLE competencies (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    dictionary_id uuid NOT NULL,
    code text NOT NULL,
    CONSTRAINT pk_competencies PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_competencies_code UNIQUE (agency_id, dictionary_id, code),
    CONSTRAINT fk_competencies_dictionary FOREIGN KEY (agency_id, dictionary_id)
        REFERENCES dictionaries (agency_id, id)
);

CREATE TABLE competency_contents (
    agency_id uuid NOT NULL,
    dictionary_version_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    name text NOT NULL,
    family text NOT NULL,
    definition text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT pk_competency_contents PRIMARY KEY (agency_id, dictionary_version_id, competency_id),
    CONSTRAINT fk_competency_contents_version FOREIGN KEY (agency_id, dictionary_version_id)
        REFERENCES dictionary_versions (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_competency_contents_competency FOREIGN KEY (agency_id, competency_id)
        REFERENCES competencies (agency_id, id),
    CONSTRAINT fk_competency_contents_family FOREIGN KEY (family) REFERENCES competency_families (code)
);
CREATE INDEX ix_competency_contents_competency ON competency_contents (agency_id, competency_id);

CREATE TABLE competency_levels (
    agency_id uuid NOT NULL,
    dictionary_version_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    level smallint NOT NULL,
    description text NOT NULL,
    indicators text[] NOT NULL,
    CONSTRAINT pk_competency_levels PRIMARY KEY (agency_id, dictionary_version_id, competency_id, level),
    CONSTRAINT fk_competency_levels_content FOREIGN KEY (agency_id, dictionary_version_id, competency_id)
        REFERENCES competency_contents (agency_id, dictionary_version_id, competency_id) ON DELETE CASCADE,
    CONSTRAINT ck_competency_levels_level CHECK (level BETWEEN 1 AND 5)
);

-- Rubrics in versions: cut-offs, validity, default levels. Never changed; a later one with the same first day wins.
CREATE TABLE policies (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    number integer NOT NULL,
    valid_from date NOT NULL,
    recorded_at timestamptz NOT NULL,
    rubric jsonb NOT NULL,
    source text NOT NULL,
    CONSTRAINT pk_policies PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_policies_number UNIQUE (agency_id, kind, name, number),
    CONSTRAINT fk_policies_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT ck_policies_kind CHECK (kind IN ('JPM', 'VALIDITY', 'DEFAULT_LEVELS'))
);

CREATE TABLE standards (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    position_id uuid NOT NULL,
    number integer NOT NULL,
    state text NOT NULL,
    valid_from date NOT NULL,
    decree text,
    verified_by uuid,
    verified_at timestamptz,
    enacted_by uuid,
    enacted_at timestamptz,
    revoked_on date,
    revoked_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_standards PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_standards_number UNIQUE (agency_id, position_id, number),
    CONSTRAINT fk_standards_position FOREIGN KEY (agency_id, position_id) REFERENCES positions (agency_id, id),
    CONSTRAINT fk_standards_verifier FOREIGN KEY (verified_by) REFERENCES users (id),
    CONSTRAINT fk_standards_enactor FOREIGN KEY (enacted_by) REFERENCES users (id),
    CONSTRAINT ck_standards_state CHECK (
        (state = 'DRAFT' AND verified_at IS NULL AND enacted_at IS NULL AND revoked_at IS NULL)
        OR (state = 'VERIFIED' AND verified_at IS NOT NULL AND enacted_at IS NULL AND revoked_at IS NULL)
        OR (state = 'IN_FORCE' AND enacted_at IS NOT NULL AND revoked_at IS NULL)
        OR (state = 'REVOKED' AND enacted_at IS NOT NULL AND revoked_at IS NOT NULL AND revoked_on IS NOT NULL))
);
-- Two standards in force from the same day would leave the answer to chance.
CREATE UNIQUE INDEX uq_standards_in_force ON standards (agency_id, position_id, valid_from) WHERE state = 'IN_FORCE';

CREATE TABLE standard_requirements (
    agency_id uuid NOT NULL,
    standard_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    dictionary_version_id uuid NOT NULL,
    ordinal integer NOT NULL,
    level smallint NOT NULL,
    weight integer NOT NULL,
    importance text NOT NULL,
    CONSTRAINT pk_standard_requirements PRIMARY KEY (agency_id, standard_id, competency_id),
    CONSTRAINT fk_standard_requirements_standard FOREIGN KEY (agency_id, standard_id)
        REFERENCES standards (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_standard_requirements_content
        FOREIGN KEY (competency_agency_id, dictionary_version_id, competency_id)
        REFERENCES competency_contents (agency_id, dictionary_version_id, competency_id),
    CONSTRAINT ck_standard_requirements_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_standard_requirements_level CHECK (level BETWEEN 1 AND 5),
    CONSTRAINT ck_standard_requirements_weight CHECK (weight > 0)
);

-- The standard in force for each position on a day, as it was known at an instant.
CREATE FUNCTION standards_on(the_agency uuid, the_day date, known_at timestamptz)
RETURNS SETOF standards LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT DISTINCT ON (position_id) *
    FROM standards
    WHERE agency_id = the_agency
      AND enacted_at <= known_at
      AND valid_from <= the_day
      AND NOT (revoked_at IS NOT NULL AND revoked_at <= known_at AND revoked_on <= the_day)
    ORDER BY position_id, valid_from DESC, enacted_at DESC, id DESC
$$;

CREATE TABLE assessment_events (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    purpose text NOT NULL,
    method text NOT NULL,
    provider text NOT NULL,
    accreditation text,
    assessed_on date NOT NULL,
    reference text,
    state text NOT NULL,
    created_by uuid,
    signed_off_by uuid,
    signed_off_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_assessment_events PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_assessment_events_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_assessment_events_creator FOREIGN KEY (created_by) REFERENCES users (id),
    CONSTRAINT fk_assessment_events_signer FOREIGN KEY (signed_off_by) REFERENCES users (id),
    CONSTRAINT ck_assessment_events_state CHECK (
        (state IN ('DRAFT', 'CANCELLED') AND signed_off_at IS NULL)
        OR (state = 'SIGNED_OFF' AND signed_off_at IS NOT NULL))
);
CREATE INDEX ix_assessment_events_day ON assessment_events (agency_id, assessed_on, id);

-- `recorded_at` is when the result became final. A final result never changes: another one supersedes it.
CREATE TABLE assessment_results (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    event_id uuid NOT NULL,
    employee_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    level smallint NOT NULL,
    evidence text,
    assessor text,
    assessed_on date NOT NULL,
    valid_until date NOT NULL,
    counts boolean NOT NULL,
    recorded_at timestamptz,
    supersedes_id uuid,
    superseded_at timestamptz,
    reason text,
    CONSTRAINT pk_assessment_results PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_assessment_results_event FOREIGN KEY (agency_id, event_id)
        REFERENCES assessment_events (agency_id, id),
    CONSTRAINT fk_assessment_results_employee FOREIGN KEY (agency_id, employee_id)
        REFERENCES employees (agency_id, id),
    CONSTRAINT fk_assessment_results_competency FOREIGN KEY (competency_agency_id, competency_id)
        REFERENCES competencies (agency_id, id),
    CONSTRAINT fk_assessment_results_supersedes FOREIGN KEY (agency_id, supersedes_id)
        REFERENCES assessment_results (agency_id, id),
    CONSTRAINT ck_assessment_results_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_assessment_results_level CHECK (level BETWEEN 1 AND 5),
    CONSTRAINT ck_assessment_results_validity CHECK (valid_until >= assessed_on),
    CONSTRAINT ck_assessment_results_reason CHECK ((supersedes_id IS NULL) = (reason IS NULL))
);
-- One live result per event, person and competency; and a result is superseded once.
CREATE UNIQUE INDEX uq_assessment_results_live
    ON assessment_results (agency_id, event_id, employee_id, competency_id) WHERE superseded_at IS NULL;
CREATE UNIQUE INDEX uq_assessment_results_supersedes
    ON assessment_results (agency_id, supersedes_id) WHERE supersedes_id IS NOT NULL;
CREATE INDEX ix_assessment_results_event ON assessment_results (agency_id, event_id);
CREATE INDEX ix_assessment_results_day ON assessment_results (agency_id, assessed_on, id);
CREATE INDEX ix_assessment_results_evidence
    ON assessment_results (agency_id, employee_id, competency_id, assessed_on DESC);

-- The result that counts for each person and competency on a day, as it was known at an instant: the latest of
-- those still valid, or, when none is, the latest of those that lapsed.
CREATE FUNCTION evidence_on(the_agency uuid, the_day date, known_at timestamptz)
RETURNS SETOF assessment_results LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT DISTINCT ON (employee_id, competency_id) *
    FROM assessment_results
    WHERE agency_id = the_agency
      AND counts
      AND recorded_at <= known_at
      AND (superseded_at IS NULL OR superseded_at > known_at)
      AND assessed_on <= the_day
    ORDER BY employee_id, competency_id, (valid_until >= the_day) DESC, assessed_on DESC, recorded_at DESC, id DESC
$$;
