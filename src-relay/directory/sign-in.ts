/** Staff who sign in at a workstation: the relay alone holds what their passwords are checked against. */
import { verify } from '@node-rs/argon2'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { Database } from '../ports/database.ts'

const WINDOW_MS = 10 * 60_000
/** Wrong passwords within the window: of one person, and from one workstation. */
export const WRONG_PER_PERSON = 10
export const WRONG_PER_WORKSTATION = 50

/** Argon2id of nothing anyone types: an unknown person takes as long to refuse as a wrong password. */
const NOBODY = '$argon2id$v=19$m=19456,t=2,p=1$8WKXuP2g4iJpZoEC9idhdw$sWhJh9mn7iR8is9PXwQkveXLs6Atiuw3EedoTRByHmI'

export interface SignIns {
  /** @error wrong-credentials, too-many-requests */
  check(workstation: Workstation, staffId: string, password: string): Promise<void>
}

/**
 * Counts wrong passwords in this process. A try counts as wrong until it is known to be right, so that many at once
 * count too.
 */
export function signIns(db: Database, now: () => Date): SignIns {
  let begun = 0
  const wrong = new Map<string, number>()
  const most = (subject: string, limit: number): void => {
    if ((wrong.get(subject) ?? 0) >= limit) throw new OutpostError('too-many-requests')
  }
  return {
    async check({ workstationId, departmentId }, staffId, password) {
      const at = now().getTime()
      if (at - begun >= WINDOW_MS || at < begun) {
        begun = at
        wrong.clear()
      }
      const [person, place] = [`person ${departmentId} ${staffId}`, `workstation ${workstationId}`]
      most(person, WRONG_PER_PERSON)
      most(place, WRONG_PER_WORKSTATION)
      for (const subject of [person, place]) wrong.set(subject, (wrong.get(subject) ?? 0) + 1)
      const member = await db
        .selectFrom('staff')
        .select('password_hash')
        .where('staff_id', '=', staffId)
        .where('department_id', '=', departmentId)
        .where('active', '=', true)
        .executeTakeFirst()
      const fits = await verify(member?.password_hash ?? NOBODY, password)
      if (member === undefined || !fits) throw new OutpostError('wrong-credentials')
      wrong.delete(person)
      wrong.set(place, Math.max((wrong.get(place) ?? 1) - 1, 0))
    },
  }
}
