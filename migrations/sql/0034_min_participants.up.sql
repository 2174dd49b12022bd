-- The fewest participants a class is held for.
ALTER TABLE classes
    ADD COLUMN min_participants integer,
    ADD CONSTRAINT ck_classes_min_participants CHECK (min_participants BETWEEN 1 AND seats);
