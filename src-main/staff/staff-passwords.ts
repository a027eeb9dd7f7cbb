/**
 * Whether a password is that of a staff member: the relay says so, and what it takes to check the password without a
 * connection is kept here from then on, sealed with the secrets of this workstation (W8, W9).
 */
import { hash, verify } from '@node-rs/argon2'
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import type { Host } from '../ports/host.ts'
import { PASSWORD_COST } from '../secrets/password-cost.ts'
import { enrolmentToken } from '../secrets/workstation-keys.ts'
import type { KnownEnrolment } from '../storage/ledger/staff-repository.ts'
import { relayClient } from '../sync/relay-client.ts'

export interface StaffPasswords {
  /** @error sign-in-needs-relay, relay-outdated, too-many-requests, secrets-locked */
  fits(staffId: string, password: string, enrolment: KnownEnrolment): Promise<boolean>
  /** Of somebody who left nothing is kept. */
  forget(staffId: string): Promise<void>
}

/** Longer than this nobody waits for a slow relay: who signed in here before is checked here. */
const RELAY_ANSWERS_WITHIN_MS = 5_000

/** Relays before this procedure answer that there is no such thing. */
const isEarlierRelay = (failure: unknown): boolean =>
  failure instanceof OutpostError && failure.detail['status'] === 404

const nameOf = (staffId: string): string => `sign-in ${staffId}`

async function matches(verifier: string, password: string): Promise<boolean> {
  try {
    return await verify(verifier, password)
  } catch {
    return false
  }
}

export function staffPasswords(host: Pick<Host, 'secrets' | 'fetch'>): StaffPasswords {
  const { secrets, fetch } = host

  /** @returns true or false as the relay says, or the failure that kept it from saying */
  async function askRelay({ relayUrl }: KnownEnrolment, staffId: string, password: string): Promise<unknown> {
    const token = await enrolmentToken(secrets)
    try {
      const signal = AbortSignal.timeout(RELAY_ANSWERS_WITHIN_MS)
      await relayClient({ relayUrl, token, fetch }).signIn({ staffId, password }, { signal })
      return true
    } catch (error) {
      // The relay alone counts tries at all workstations: that stands whatever is known here.
      if (codeOf(error) === 'too-many-requests') throw error
      return codeOf(error) === 'wrong-credentials' ? false : error
    }
  }

  return {
    async fits(staffId, password, enrolment) {
      const answer = await askRelay(enrolment, staffId, password)
      const kept = await secrets.get(nameOf(staffId))
      const known = kept !== null && (await matches(kept, password))
      if (answer === true && !known) await secrets.set(nameOf(staffId), await hash(password, PASSWORD_COST))
      if (typeof answer === 'boolean') return answer
      if (kept !== null) return known
      throw new OutpostError(isEarlierRelay(answer) ? 'relay-outdated' : 'sign-in-needs-relay', {}, { cause: answer })
    },
    forget: (staffId) => secrets.remove(nameOf(staffId)),
  }
}
