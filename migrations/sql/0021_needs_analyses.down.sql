DROP FUNCTION needs_notices;
DROP FUNCTION units_within;
DROP TABLE needs_transitions;
DROP TABLE need_origins;
DROP TABLE needs;
DROP TABLE needs_analyses;
DROP TABLE needs_deadlines;
DELETE FROM notices WHERE kind IN ('NEEDS_AWAITED', 'NEEDS_RETURNED');
DELETE FROM policies WHERE kind = 'NEED_PRIORITY';
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind CHECK (kind IN (
        'JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS', 'JP_TARGET', 'DEVELOPMENT_PLAN', 'RECOMMENDATION',
        'EVALUATION', 'REMINDERS'));
