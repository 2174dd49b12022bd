\set n random(1, :people)
SELECT e.id, e.nip, e.name, q.id, q.code, q.name, s.id, s.number, s.valid_from, r.competency_id, c.code, n.name, n.family,
       r.level AS required, r.weight, r.importance, a.id, a.level AS found, a.assessed_on, a.valid_until
FROM employees e
JOIN LATERAL (
    SELECT p.position_id FROM placements p
    WHERE p.agency_id = e.agency_id AND p.employee_id = e.id AND p.starts_on <= current_date AND p.retracted_at IS NULL
    ORDER BY p.starts_on DESC LIMIT 1) p ON true
JOIN positions q ON q.agency_id = e.agency_id AND q.id = p.position_id
JOIN LATERAL (
    SELECT s.id, s.number, s.valid_from FROM standards s
    WHERE s.agency_id = e.agency_id AND s.position_id = q.id AND s.state = 'IN_FORCE' AND s.valid_from <= current_date
    ORDER BY s.valid_from DESC LIMIT 1) s ON true
JOIN standard_requirements r ON r.agency_id = e.agency_id AND r.standard_id = s.id
JOIN competency_contents n ON n.agency_id = r.competency_agency_id
    AND n.dictionary_version_id = r.dictionary_version_id AND n.competency_id = r.competency_id
JOIN competencies c ON c.agency_id = n.agency_id AND c.id = n.competency_id
LEFT JOIN LATERAL (
    SELECT a.id, a.level, a.assessed_on, a.valid_until FROM assessment_results a
    WHERE a.agency_id = e.agency_id AND a.employee_id = e.id AND a.competency_id = r.competency_id
      AND a.counts AND a.recorded_at IS NOT NULL AND a.superseded_at IS NULL AND a.assessed_on <= current_date
    ORDER BY (a.valid_until >= current_date) DESC, a.assessed_on DESC LIMIT 1) a ON true
WHERE e.agency_id = :agency AND e.id = (SELECT id FROM bench.people WHERE n = :n)
ORDER BY r.ordinal;
