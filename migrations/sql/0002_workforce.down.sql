DROP TABLE access_records, grants;
DROP FUNCTION people_within(uuid, date, uuid[], uuid[], uuid[]);
DROP FUNCTION head_on(uuid, uuid, date);
DROP FUNCTION placements_on(uuid, date, timestamptz);
DROP TABLE placements, employees, positions, unit_ancestors, units;
