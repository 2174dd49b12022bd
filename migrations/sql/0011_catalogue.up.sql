-- Rubrics of forms: in what people are developed, and what that is worth in learning hours.
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind
        CHECK (kind IN ('JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS'));

-- Who provides development (mitra penyelenggara), and under which agreements.
CREATE TABLE partners (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    contact text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_partners PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_partners_code UNIQUE (agency_id, code),
    CONSTRAINT fk_partners_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT ck_partners_kind CHECK (kind IN ('UNIVERSITY', 'AGENCY', 'PROFESSIONAL_BODY', 'PRIVATE', 'OWN'))
);

-- Both days belong to the agreement; without forms it covers every form.
CREATE TABLE partner_agreements (
    agency_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    number text NOT NULL,
    ordinal integer NOT NULL,
    subject text NOT NULL,
    forms text[] NOT NULL,
    valid_from date NOT NULL,
    valid_until date,
    CONSTRAINT pk_partner_agreements PRIMARY KEY (agency_id, partner_id, number),
    CONSTRAINT fk_partner_agreements_partner FOREIGN KEY (agency_id, partner_id)
        REFERENCES partners (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT ck_partner_agreements_period CHECK (valid_until >= valid_from)
);

-- Instructors and mentors: civil servants of the agency, or people known here by name alone.
CREATE TABLE trainers (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid,
    name text,
    roles text[] NOT NULL,
    partner_id uuid,
    expertise text,
    max_mentees smallint,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_trainers PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_trainers_employee UNIQUE (agency_id, employee_id),
    CONSTRAINT fk_trainers_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_trainers_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_trainers_partner FOREIGN KEY (agency_id, partner_id) REFERENCES partners (agency_id, id),
    CONSTRAINT ck_trainers_identity CHECK ((employee_id IS NULL) <> (name IS NULL))
);
CREATE INDEX ix_trainers_partner ON trainers (agency_id, partner_id);

-- What is taught. Prices in whole rupiah: absent is not known, 0 is free. Learning hours in hundredths.
CREATE TABLE programmes (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    objectives text NOT NULL,
    form text NOT NULL,
    partner_id uuid NOT NULL,
    curriculum_owner_id uuid,
    mode text NOT NULL,
    jp integer,
    price_per_participant bigint,
    price_per_class bigint,
    accreditation text,
    certificate_months smallint,
    job_classes text[] NOT NULL,
    job_families text[] NOT NULL,
    state text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_programmes PRIMARY KEY (agency_id, id),
    CONSTRAINT uq_programmes_code UNIQUE (agency_id, code),
    CONSTRAINT fk_programmes_agency FOREIGN KEY (agency_id) REFERENCES agencies (id),
    CONSTRAINT fk_programmes_partner FOREIGN KEY (agency_id, partner_id) REFERENCES partners (agency_id, id),
    CONSTRAINT fk_programmes_owner FOREIGN KEY (agency_id, curriculum_owner_id) REFERENCES partners (agency_id, id),
    CONSTRAINT ck_programmes_mode CHECK (mode IN ('ONLINE', 'OFFLINE', 'BLENDED')),
    CONSTRAINT ck_programmes_state CHECK (state IN ('DRAFT', 'PUBLISHED', 'RETIRED')),
    CONSTRAINT ck_programmes_figures
        CHECK (jp > 0 AND certificate_months > 0 AND price_per_participant >= 0 AND price_per_class >= 0)
);
CREATE INDEX ix_programmes_partner ON programmes (agency_id, partner_id);
CREATE INDEX ix_programmes_owner ON programmes (agency_id, curriculum_owner_id);

CREATE TABLE programme_steps (
    agency_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    competency_id uuid NOT NULL,
    competency_agency_id uuid NOT NULL,
    dictionary_version_id uuid NOT NULL,
    ordinal integer NOT NULL,
    level_from smallint,
    level_to smallint NOT NULL,
    CONSTRAINT pk_programme_steps PRIMARY KEY (agency_id, programme_id, competency_id),
    CONSTRAINT fk_programme_steps_programme FOREIGN KEY (agency_id, programme_id)
        REFERENCES programmes (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_programme_steps_content
        FOREIGN KEY (competency_agency_id, dictionary_version_id, competency_id)
        REFERENCES competency_contents (agency_id, dictionary_version_id, competency_id),
    CONSTRAINT ck_programme_steps_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_programme_steps_levels CHECK (level_to BETWEEN 1 AND 5 AND level_from BETWEEN 1 AND level_to - 1)
);
-- Which programmes teach a competency: what recommendations ask for.
CREATE INDEX ix_programme_steps_competency ON programme_steps (agency_id, competency_id, level_to);

-- Each names another programme, or a level of a competency.
CREATE TABLE programme_prerequisites (
    agency_id uuid NOT NULL,
    programme_id uuid NOT NULL,
    ordinal integer NOT NULL,
    required_programme_id uuid,
    competency_id uuid,
    competency_agency_id uuid,
    dictionary_version_id uuid,
    level smallint,
    CONSTRAINT pk_programme_prerequisites PRIMARY KEY (agency_id, programme_id, ordinal),
    CONSTRAINT fk_programme_prerequisites_programme FOREIGN KEY (agency_id, programme_id)
        REFERENCES programmes (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_programme_prerequisites_required FOREIGN KEY (agency_id, required_programme_id)
        REFERENCES programmes (agency_id, id),
    CONSTRAINT fk_programme_prerequisites_content
        FOREIGN KEY (competency_agency_id, dictionary_version_id, competency_id)
        REFERENCES competency_contents (agency_id, dictionary_version_id, competency_id),
    CONSTRAINT ck_programme_prerequisites_owner
        CHECK (competency_agency_id IN (agency_id, '00000000-0000-7000-8000-000000000001')),
    CONSTRAINT ck_programme_prerequisites_one CHECK (
        num_nonnulls(competency_id, competency_agency_id, dictionary_version_id, level)
            = CASE WHEN required_programme_id IS NULL THEN 4 ELSE 0 END
        AND level BETWEEN 1 AND 5)
);
CREATE INDEX ix_programme_prerequisites_required ON programme_prerequisites (agency_id, required_programme_id);
