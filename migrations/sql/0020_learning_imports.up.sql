-- Training that was held and recorded elsewhere, taken over with its hours. They were verified there, and stand in the ledger
-- at once; what the ledger has no place for (who held it, from when on, where it is found) stands here.

CREATE TABLE training_records (
    agency_id uuid NOT NULL,
    id uuid NOT NULL,
    employee_id uuid NOT NULL,
    title text NOT NULL,
    provider text,
    form text NOT NULL,
    started_on date NOT NULL,
    ended_on date NOT NULL,
    jp bigint,
    certificate_number text,
    certificate_on date,
    valid_until date,
    document text,
    recorded_by uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    CONSTRAINT pk_training_records PRIMARY KEY (agency_id, id),
    CONSTRAINT fk_training_records_employee FOREIGN KEY (agency_id, employee_id) REFERENCES employees (agency_id, id),
    CONSTRAINT fk_training_records_recorder FOREIGN KEY (recorded_by) REFERENCES users (id),
    CONSTRAINT ck_training_records_days CHECK (started_on <= ended_on),
    CONSTRAINT ck_training_records_hours CHECK (jp > 0),
    CONSTRAINT ck_training_records_certificate CHECK (
        (certificate_number IS NULL) = (certificate_on IS NULL) AND (certificate_on IS NOT NULL OR valid_until IS NULL))
);
CREATE INDEX ix_training_records_employee ON training_records (agency_id, employee_id, ended_on);

ALTER TABLE jp_entries
    DROP CONSTRAINT ck_jp_entries_source,
    ADD CONSTRAINT ck_jp_entries_source CHECK (source IN ('COMPLETION', 'OWN_LEARNING', 'TRAINING_RECORD')),
    DROP CONSTRAINT ck_jp_entries_basis,
    ADD CONSTRAINT ck_jp_entries_basis CHECK (basis IN ('CERTIFICATE', 'CONVERSION', 'CORRECTION', 'RECORD'));

-- What clocks in a zone show at an instant: to the minute, or as exactly as it is.
CREATE FUNCTION clock_in(zone text, at timestamptz) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN date_trunc('minute', shown) = shown THEN to_char(shown, 'YYYY-MM-DD HH24:MI')
        ELSE to_char(shown, 'YYYY-MM-DD HH24:MI:SS.US') END
    FROM (SELECT (at AT TIME ZONE 'UTC')
        + CASE zone WHEN 'WIB' THEN interval '7 hours' WHEN 'WITA' THEN interval '8 hours' ELSE interval '9 hours' END) t(shown)
$$;
