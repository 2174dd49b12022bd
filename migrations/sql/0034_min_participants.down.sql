ALTER TABLE classes DROP COLUMN min_participants;
