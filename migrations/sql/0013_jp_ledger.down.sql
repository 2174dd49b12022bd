DROP FUNCTION jp_share(bigint, date, date, date, date, date);
DROP TRIGGER tr_employees_jp_standing_corrected ON employees;
DROP TRIGGER tr_former_standings_jp_standing ON former_standings;
DROP TRIGGER tr_jp_entries_standing ON jp_entries;
DROP TRIGGER tr_placements_jp_standing ON placements;
DROP TRIGGER tr_employees_jp_standing ON employees;
DROP FUNCTION jp_standing_corrected();
DROP FUNCTION jp_standing_moves();
DROP FUNCTION jp_standing_begins();
DROP FUNCTION jp_standings_refresh(uuid, date, bigint);
DROP FUNCTION jp_standings_on(uuid, uuid[], date);
DROP TABLE jp_standings;
DROP TRIGGER tr_employees_standing ON employees;
DROP FUNCTION standing_changes();
DROP TABLE jp_contract_years;
DROP TABLE jp_years;
DROP TABLE own_learnings;
DROP TABLE jp_certificates;
DROP TABLE jp_entries;
DROP FUNCTION jp_sums_add();
DROP FUNCTION jp_contract_years_of(uuid, uuid);
DROP FUNCTION jp_contract_year_on(uuid, uuid, date);
DROP FUNCTION standing_on(uuid, uuid, date);
DROP FUNCTION contract_year_start(date, date);
DROP TABLE former_standings;
DELETE FROM policies WHERE kind IN ('JP_TARGET', 'DEVELOPMENT_PLAN');
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind
        CHECK (kind IN ('JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS'));
