-- What is exchanged with others: frameworks as packages, and how an agency's own spreadsheets name their columns.

-- The package a version of a dictionary came from, whole: a dictionary has no place for much of what one says, and what
-- leaves again must be what came. As text: numbers and their spelling stay as they were.
CREATE TABLE case_packages (
    agency_id uuid NOT NULL,
    dictionary_version_id uuid NOT NULL,
    dictionary_id uuid NOT NULL,
    document_id uuid NOT NULL,
    document_version text NOT NULL,
    family text NOT NULL,
    package text NOT NULL,
    imported_at timestamptz NOT NULL,
    CONSTRAINT pk_case_packages PRIMARY KEY (agency_id, dictionary_version_id),
    CONSTRAINT uq_case_packages_document UNIQUE (agency_id, document_id, document_version),
    CONSTRAINT fk_case_packages_version FOREIGN KEY (agency_id, dictionary_version_id)
        REFERENCES dictionary_versions (agency_id, id) ON DELETE CASCADE,
    CONSTRAINT fk_case_packages_dictionary FOREIGN KEY (agency_id, dictionary_id)
        REFERENCES dictionaries (agency_id, id),
    CONSTRAINT fk_case_packages_family FOREIGN KEY (family) REFERENCES competency_families (code)
);
CREATE INDEX ix_case_packages_dictionary ON case_packages (agency_id, dictionary_id);

-- What an agency's own spreadsheets call our columns, and what they write for our codes.
CREATE TABLE import_mappings (
    agency_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    columns jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_import_mappings PRIMARY KEY (agency_id, kind, name),
    CONSTRAINT fk_import_mappings_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);
