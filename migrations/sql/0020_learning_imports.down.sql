DROP FUNCTION clock_in(text, timestamptz);
-- Entries that rest on records of training cannot go: with them, the ledger stays as it is.
ALTER TABLE jp_entries
    DROP CONSTRAINT ck_jp_entries_source,
    ADD CONSTRAINT ck_jp_entries_source CHECK (source IN ('COMPLETION', 'OWN_LEARNING')),
    DROP CONSTRAINT ck_jp_entries_basis,
    ADD CONSTRAINT ck_jp_entries_basis CHECK (basis IN ('CERTIFICATE', 'CONVERSION', 'CORRECTION'));
DROP TABLE training_records;
