\set n random(1, :people)
SELECT e.*, q.id, q.code, q.name, q.job_class, u.id, u.code, u.name
FROM employees e
LEFT JOIN LATERAL (
    SELECT p.position_id FROM placements p
    WHERE p.agency_id = e.agency_id AND p.employee_id = e.id AND p.starts_on <= current_date AND p.retracted_at IS NULL
    ORDER BY p.starts_on DESC LIMIT 1) p ON true
LEFT JOIN positions q ON q.agency_id = e.agency_id AND q.id = p.position_id
LEFT JOIN units u ON u.agency_id = e.agency_id AND u.id = q.unit_id
WHERE e.agency_id = :agency AND e.id = (SELECT id FROM bench.people WHERE n = :n);
