// The peer: what a good team would write first with Fastify and node-postgres. One statement per request, prepared once
// per connection, answers written by compiled serialisers, one process per core. It asks nobody who they are, leaves no
// record of who looked, and knows only the present.
import cluster from 'node:cluster'
import { availableParallelism } from 'node:os'
import Fastify from 'fastify'
import pg from 'pg'

const { HOST, PORT, AGENCY, DATABASE_URL } = process.env

if (cluster.isPrimary) {
  const workers = Array.from({ length: availableParallelism() }, () => cluster.fork())
  process.on('SIGTERM', () => {
    for (const worker of workers) worker.kill('SIGKILL')
    process.exit(0)
  })
} else {
  // A day is a day: without this, node-postgres makes an instant of it.
  pg.types.setTypeParser(1082, text => text)
  const pool = new pg.Pool({ connectionString: DATABASE_URL, max: Math.ceil(16 / availableParallelism()) })
  const app = Fastify({ logger: false })

  const employee = {
    name: 'employee',
    text: `SELECT e.id, e.nip, e.name, e.status, e.education, e.appointed_on, e.superior_id, e.version,
                  q.id AS position_id, q.code AS position_code, q.name AS position_name, q.job_class, q.is_head,
                  u.id AS unit_id, u.code AS unit_code, u.name AS unit_name, p.starts_on
           FROM employees e
           LEFT JOIN LATERAL (
               SELECT p.position_id, p.starts_on FROM placements p
               WHERE p.agency_id = e.agency_id AND p.employee_id = e.id AND p.starts_on <= current_date
                 AND p.retracted_at IS NULL
               ORDER BY p.starts_on DESC LIMIT 1) p ON true
           LEFT JOIN positions q ON q.agency_id = e.agency_id AND q.id = p.position_id
           LEFT JOIN units u ON u.agency_id = e.agency_id AND u.id = q.unit_id
           WHERE e.agency_id = $1 AND e.id = $2`
  }

  const text = { type: 'string' }
  const maybe = { type: ['string', 'null'] }
  const number = { type: 'number' }
  const maybeNumber = { type: ['number', 'null'] }
  const object = properties => ({ type: 'object', properties })
  const answer = schema => ({ schema: { response: { 200: schema } } })

  app.get('/employees/:id', answer(object({
    id: text, nip: text, name: text, status: text, education: maybe, appointed_on: maybe, superior_id: maybe, version: text,
    held: { type: ['object', 'null'], properties: {
      position_id: text, code: text, name: text, job_class: text, is_head: { type: 'boolean' }, since: text,
      unit: object({ id: text, code: text, name: text })
    } }
  })), async (request, reply) => {
    const { rows: [row] } = await pool.query({ ...employee, values: [AGENCY, request.params.id] })
    if (!row) return reply.code(404).send()
    const held = row.position_id && {
      position_id: row.position_id, code: row.position_code, name: row.position_name, job_class: row.job_class,
      is_head: row.is_head, since: row.starts_on, unit: { id: row.unit_id, code: row.unit_code, name: row.unit_name }
    }
    return { ...row, held }
  })

  const profile = {
    name: 'profile',
    text: `SELECT e.id AS person_id, e.nip, e.name AS person, q.id AS position_id, q.code AS position_code,
                  q.name AS position, s.id AS standard_id, s.number, s.valid_from, r.competency_id, c.code, n.name, n.family,
                  r.level AS required, r.weight, r.importance, a.id AS result_id, a.level AS found, a.assessed_on,
                  a.valid_until, a.valid_until >= current_date AS valid
           FROM employees e
           JOIN LATERAL (
               SELECT p.position_id FROM placements p
               WHERE p.agency_id = e.agency_id AND p.employee_id = e.id AND p.starts_on <= current_date
                 AND p.retracted_at IS NULL
               ORDER BY p.starts_on DESC LIMIT 1) p ON true
           JOIN positions q ON q.agency_id = e.agency_id AND q.id = p.position_id
           JOIN LATERAL (
               SELECT s.id, s.number, s.valid_from FROM standards s
               WHERE s.agency_id = e.agency_id AND s.position_id = q.id AND s.state = 'IN_FORCE'
                 AND s.valid_from <= current_date
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
           WHERE e.agency_id = $1 AND e.id = $2
           ORDER BY r.ordinal`
  }

  const stateOf = row => {
    if (row.found === null) return 'MISSING'
    if (!row.valid) return 'EXPIRED'
    return row.found < row.required ? 'GAP' : row.found === row.required ? 'MET' : 'EXCEEDS'
  }

  app.get('/employees/:id/gap-profile', answer(object({
    person: object({ id: text, nip: text, name: text }),
    position: object({ id: text, code: text, name: text }),
    standard: object({ id: text, number, valid_from: text }),
    match: maybeNumber,
    competencies: { type: 'array', items: object({
      competency_id: text, code: text, name: text, family: text, required: number, weight: number, importance: text,
      state: text, gap: maybeNumber, result_id: maybe, found: maybeNumber, assessed_on: maybe, valid_until: maybe
    }) }
  })), async (request, reply) => {
    const { rows } = await pool.query({ ...profile, values: [AGENCY, request.params.id] })
    if (rows.length === 0) return reply.code(404).send()
    const [first] = rows
    let [reached, weights, complete] = [0, 0, true]
    const competencies = rows.map(row => {
      const state = stateOf(row)
      const known = state !== 'MISSING' && state !== 'EXPIRED'
      complete &&= known
      weights += row.weight
      if (known) reached += row.weight * Math.min(1, row.found / row.required)
      return { ...row, state, gap: known ? row.found - row.required : null }
    })
    return {
      person: { id: first.person_id, nip: first.nip, name: first.person },
      position: { id: first.position_id, code: first.position_code, name: first.position },
      standard: { id: first.standard_id, number: first.number, valid_from: first.valid_from },
      match: complete ? Math.round(10000 * reached / weights) / 100 : null,
      competencies
    }
  })

  app.get('/ready', async () => ({ ready: (await pool.query('SELECT 1')).rowCount === 1 }))
  await app.listen({ host: HOST, port: Number(PORT) })
}
