CREATE OR REPLACE FUNCTION jp_standing_moves() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jp_standings SET holds_until = '-infinity'
    WHERE agency_id = NEW.agency_id AND employee_id = NEW.employee_id AND holds_until > '-infinity';
    RETURN NULL;
END
$$;
CREATE OR REPLACE FUNCTION jp_standing_corrected() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE jp_standings SET holds_until = '-infinity'
    WHERE agency_id = NEW.agency_id AND employee_id = NEW.id AND holds_until > '-infinity';
    RETURN NULL;
END
$$;
DROP TRIGGER tr_jp_standings_taken ON jp_standings;
DROP TRIGGER tr_jp_standings_left ON jp_standings;
DROP TRIGGER tr_jp_standings_go ON jp_standings;
DROP TRIGGER tr_jp_standings_come ON jp_standings;
DROP FUNCTION jp_sums_mark();
DROP INDEX ix_jp_standings_ahead;
DROP INDEX ix_jp_standings_position;
DROP TABLE jp_sum_marks;
DROP TABLE jp_sums;
