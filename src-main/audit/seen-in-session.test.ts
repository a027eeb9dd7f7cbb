import { describe, expect, it } from 'vitest'
import type { AuditEntry } from '../../src-core/audit/audit-entry.ts'
import { createEvents } from '../app/events.ts'
import type { SignedIn } from '../staff/session.ts'
import { seenInSession } from './seen-in-session.ts'

const place = {
  organisation: { organisationId: 'o' },
  department: { departmentId: 'd' },
  workstation: { workstationId: 'w' },
}
const seat = (staffId: string) =>
  ({ staff: { staffId, name: `SAMPLE, ${staffId}` }, enrolment: place }) as unknown as SignedIn

describe('W7: what is only read', () => {
  it('W7: viewing a study is an entry once in a session, and again for the next person and the next session', () => {
    const events = createEvents()
    const entries: AuditEntry[] = []
    const seen = seenInSession({
      append: (entry) => (entries.push(entry), Promise.resolve()),
      events,
      now: () => new Date(0),
      onFailure: () => {},
    })
    for (const who of ['tess', 'tess', 'ruth']) seen.note(seat(who), 'view-study', '1.2.3')
    seen.note(seat('tess'), 'view-study', '1.2.4')
    events.emit({ type: 'session' })
    seen.note(seat('tess'), 'view-study', '1.2.3')
    expect(entries.map(({ actor, subject }) => [actor.id, subject])).toEqual([
      ['tess', '1.2.3'],
      ['ruth', '1.2.3'],
      ['tess', '1.2.4'],
      ['tess', '1.2.3'],
    ])
  })

  it('W7: a log that cannot be written is told of, and the entry is tried again', async () => {
    const failures: unknown[] = []
    let tries = 0
    const seen = seenInSession({
      append: () => ((tries += 1), Promise.reject(new Error('disk full'))),
      events: createEvents(),
      now: () => new Date(0),
      onFailure: (error) => failures.push(error),
    })
    seen.note(seat('tess'), 'view-study', '1.2.3')
    await new Promise((resolve) => setImmediate(resolve))
    seen.note(seat('tess'), 'view-study', '1.2.3')
    await new Promise((resolve) => setImmediate(resolve))
    expect([tries, failures.length]).toEqual([2, 2])
  })
})
