DROP TRIGGER tr_jp_standings_taken ON jp_standings;
DROP TRIGGER tr_jp_standings_left ON jp_standings;
DROP TRIGGER tr_jp_standings_go ON jp_standings;
DROP TRIGGER tr_jp_standings_come ON jp_standings;
DROP FUNCTION jp_sums_mark();
DROP INDEX ix_jp_standings_ahead;
DROP INDEX ix_jp_standings_position;
DROP TABLE jp_sum_marks;
DROP TABLE jp_sums;
