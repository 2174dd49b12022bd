DROP FUNCTION evidence_on(uuid, date, timestamptz);
DROP TABLE assessment_results, assessment_events;
DROP FUNCTION standards_on(uuid, date, timestamptz);
DROP TABLE standard_requirements, standards, policies;
DROP TABLE competency_levels, competency_contents, competencies, dictionary_versions, dictionaries,
    competency_families;
