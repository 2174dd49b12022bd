DROP TABLE programme_prerequisites;
DROP TABLE programme_steps;
DROP TABLE programmes;
DROP TABLE trainers;
DROP TABLE partner_agreements;
DROP TABLE partners;
DELETE FROM policies WHERE kind = 'FORMS';
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind CHECK (kind IN ('JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY'));
