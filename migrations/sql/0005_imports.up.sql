-- Imports of any size: the file is kept until its work has ended, so that any server can do it, and what was refused is
-- kept for a while after.

-- `worker` is the process that does the work; nobody when it was handed over. Who takes work over counts the attempt.
ALTER TABLE operations
    ADD COLUMN phase text,
    ADD COLUMN worker uuid,
    ADD COLUMN attempts integer NOT NULL DEFAULT 0,
    ADD CONSTRAINT ck_operations_phase CHECK (phase IN ('READING', 'CHECKING', 'WRITING', 'AGGREGATING'));

-- A file that is arriving, or has arrived and is being worked on: `id` is its operation's, once there is one.
CREATE TABLE import_files (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    created_at timestamptz NOT NULL,
    CONSTRAINT pk_import_files PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_import_files_agency FOREIGN KEY (agency_id) REFERENCES agencies (id)
);
CREATE INDEX ix_import_files_age ON import_files (created_at);

CREATE TABLE import_chunks (
    agency_id uuid NOT NULL,
    file_id uuid NOT NULL,
    ordinal integer NOT NULL,
    content bytea NOT NULL,
    CONSTRAINT pk_import_chunks PRIMARY KEY (agency_id, file_id, ordinal),
    CONSTRAINT fk_import_chunks_file FOREIGN KEY (agency_id, file_id)
        REFERENCES import_files (agency_id, id) ON DELETE CASCADE
);
-- Written once and read once: compressing it would cost more than it saves.
ALTER TABLE import_chunks ALTER COLUMN content SET STORAGE EXTERNAL;

-- Rows of a file as they were written there, with every reason why they were refused; the row that names the columns
-- is among them.
CREATE TABLE rejected_rows (
    agency_id uuid NOT NULL,
    operation_id uuid NOT NULL,
    row_number bigint NOT NULL,
    is_heading boolean NOT NULL,
    cells jsonb NOT NULL,
    reasons jsonb NOT NULL,
    CONSTRAINT pk_rejected_rows PRIMARY KEY (agency_id, operation_id, row_number),
    CONSTRAINT fk_rejected_rows_operation FOREIGN KEY (agency_id, operation_id)
        REFERENCES operations (agency_id, id) ON DELETE CASCADE
);
