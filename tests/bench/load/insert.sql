\set n random(1, 2000000000)
INSERT INTO bench.inserts (employee, competency, level, assessed_on, recorded_at)
VALUES (:n, :n, 3, current_date, now());
