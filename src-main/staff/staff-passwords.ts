/**
 * Checks the password of a staff member. The relay decides; after that, a verifier for checks without a connection is
 * kept with the secrets of this workstation (W8, W9).
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
  /** Removes the verifier of a person who left the department. */
  forget(staffId: string): Promise<void>
}

/** Milliseconds to wait for a slow relay. Then a person who signed in here before is checked locally. */
const RELAY_ANSWERS_WITHIN_MS = 5_000

/** Whether the relay is older than this procedure and answers that it does not exist. */
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

  /** @returns true or false as the relay answers, or the failure that prevented the answer */
  async function askRelay({ relayUrl }: KnownEnrolment, staffId: string, password: string): Promise<unknown> {
    const token = await enrolmentToken(secrets)
    try {
      const signal = AbortSignal.timeout(RELAY_ANSWERS_WITHIN_MS)
      await relayClient({ relayUrl, token, fetch }).signIn({ staffId, password }, { signal })
      return true
    } catch (error) {
      // Only the relay counts tries at all workstations, so its refusal holds whatever is stored here.
      if (codeOf(error) === 'too-many-requests') throw error
      return codeOf(error) === 'wrong-credentials' ? false : error
    }
  }

  return {
    async fits(staffId, password, enrolment) {
      const answer = await askRelay(enrolment, staffId, password)
      const verifier = await secrets.get(nameOf(staffId))
      const isKnown = verifier !== null && (await matches(verifier, password))
      if (answer === true && !isKnown) await secrets.set(nameOf(staffId), await hash(password, PASSWORD_COST))
      if (typeof answer === 'boolean') return answer
      if (verifier !== null) return isKnown
      throw new OutpostError(isEarlierRelay(answer) ? 'relay-outdated' : 'sign-in-needs-relay', {}, { cause: answer })
    },
    forget: (staffId) => secrets.remove(nameOf(staffId)),
  }
}
