/** Checks passwords of staff who sign in at a workstation. Only the relay stores the hashes of the passwords. */
import { verify } from '@node-rs/argon2'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { Database } from '../ports/database.ts'

const WINDOW_MS = 10 * 60_000
/** Wrong passwords that are checked within the window: for one personKey, and from one workstation. */
export const WRONG_PER_PERSON = 10
export const WRONG_PER_WORKSTATION = 50

/** A hash of an unknown password: with it, refusing an unknown personKey takes as long as refusing a wrong password. */
const HASH_OF_UNKNOWN_PERSON =
  '$argon2id$v=19$m=19456,t=2,p=1$8WKXuP2g4iJpZoEC9idhdw$sWhJh9mn7iR8is9PXwQkveXLs6Atiuw3EedoTRByHmI'

export interface SignIns {
  /** @error wrong-credentials, too-many-requests */
  check(workstation: Workstation, staffId: string, password: string): Promise<void>
}

/**
 * Counts wrong passwords in this process. A try counts as wrong until its password is known to be right, so that tries
 * at the same time are counted too.
 */
export function signIns(db: Database, now: () => Date): SignIns {
  let windowStart = 0
  const wrong = new Map<string, number>()
  const requireFewerThan = (subject: string, limit: number): void => {
    if ((wrong.get(subject) ?? 0) >= limit) throw new OutpostError('too-many-requests')
  }
  return {
    async check({ workstationId, departmentId }, staffId, password) {
      const at = now().getTime()
      if (at - windowStart >= WINDOW_MS || at < windowStart) {
        windowStart = at
        wrong.clear()
      }
      const [personKey, workstationKey] = [`person ${departmentId} ${staffId}`, `workstation ${workstationId}`]
      requireFewerThan(personKey, WRONG_PER_PERSON)
      requireFewerThan(workstationKey, WRONG_PER_WORKSTATION)
      for (const subject of [personKey, workstationKey]) wrong.set(subject, (wrong.get(subject) ?? 0) + 1)
      const member = await db
        .selectFrom('staff')
        .select('password_hash')
        .where('staff_id', '=', staffId)
        .where('department_id', '=', departmentId)
        .where('active', '=', true)
        .executeTakeFirst()
      const isRight = await verify(member?.password_hash ?? HASH_OF_UNKNOWN_PERSON, password)
      if (member === undefined || !isRight) throw new OutpostError('wrong-credentials')
      wrong.delete(personKey)
      wrong.set(workstationKey, Math.max((wrong.get(workstationKey) ?? 1) - 1, 0))
    },
  }
}
