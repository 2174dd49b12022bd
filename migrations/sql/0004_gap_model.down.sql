DROP FUNCTION gaps_put_off, gaps_keep, gaps_refresh, gap_profiles_on, gap_expiries_of;
DROP TABLE gap_marks, gap_kept, gap_expiries, gap_people, gap_counts, gap_profiles;
DROP TRIGGER tr_agencies_gap_model ON agencies;
DROP FUNCTION gap_model_begin;
DROP TABLE gap_models;
DROP FUNCTION gaps_on, requirements_on, default_requirements_on, policy_on, day_in;
