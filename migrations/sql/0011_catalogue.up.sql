-- Rubrics of forms: in what people are developed, and what that is worth in learning hours.
ALTER TABLE policies
    DROP CONSTRAINT ck_policies_kind,
    ADD CONSTRAINT ck_policies_kind
        CHECK (kind IN ('JPM', 'VALIDITY', 'DEFAULT_LEVELS', 'ELIGIBILITY', 'FORMS'));
