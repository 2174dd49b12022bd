DROP TABLE rejected_rows;
DROP TABLE import_chunks;
DROP TABLE import_files;
ALTER TABLE operations DROP CONSTRAINT ck_operations_phase, DROP COLUMN phase, DROP COLUMN worker, DROP COLUMN attempts;
