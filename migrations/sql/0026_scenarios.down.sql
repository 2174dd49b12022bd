DROP TABLE scenario_unserved;
DROP TABLE scenario_enrolments;
DROP TABLE scenarios;
UPDATE operations SET phase = 'WRITING' WHERE phase IN ('LOADING', 'SOLVING');
ALTER TABLE operations
    DROP CONSTRAINT ck_operations_phase,
    ADD CONSTRAINT ck_operations_phase CHECK (phase IN ('READING', 'CHECKING', 'WRITING', 'AGGREGATING'));
