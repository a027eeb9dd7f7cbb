/** Limits tries with wrong enrolment codes, because an organisation may have chosen short codes in its seed file. */
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import { isLoopbackAddress } from '../../src-core/wire/loopback.ts'
import type { Peer } from '../callers/peer.ts'

const WINDOW_MS = 10 * 60_000
/** Wrong codes that are checked within the windowOfTry: from one address, and from all addresses together. */
export const WRONG_PER_ADDRESS = 20
export const WRONG_IN_ALL = 500

export interface EnrolmentTries {
  /** @error too-many-requests, in which case the code is not checked; and the errors of `enrolling` */
  run<T>(peer: Peer, enrolling: () => Promise<T>): Promise<T>
}

/**
 * Counts wrong codes in this process. A try counts as wrong until its code is known to be right, so that tries at the
 * same time are counted too. Behind a proxy on this machine every address is the loopback: then only the total is
 * limited.
 */
export function enrolmentTries(now: () => Date): EnrolmentTries {
  let windowStart = 0
  let wrongInAll = 0
  const wrongByAddress = new Map<string, number>()
  const count = (address: string, change: 1 | -1): void => {
    wrongInAll += change
    wrongByAddress.set(address, (wrongByAddress.get(address) ?? 0) + change)
  }
  return {
    async run({ address }, enrolling) {
      const at = now().getTime()
      if (at - windowStart >= WINDOW_MS || at < windowStart) {
        windowStart = at
        wrongInAll = 0
        wrongByAddress.clear()
      }
      const wrongHere = isLoopbackAddress(address) ? 0 : (wrongByAddress.get(address) ?? 0)
      if (wrongInAll >= WRONG_IN_ALL || wrongHere >= WRONG_PER_ADDRESS) throw new OutpostError('too-many-requests')
      const windowOfTry = windowStart
      count(address, 1)
      const isWrong = (error: unknown): boolean => codeOf(error) === 'wrong-enrolment-code'
      const countAsRight = (): void => {
        if (windowOfTry === windowStart) count(address, -1)
      }
      try {
        const enrolled = await enrolling()
        countAsRight()
        return enrolled
      } catch (error) {
        if (!isWrong(error)) countAsRight()
        throw error
      }
    },
  }
}
