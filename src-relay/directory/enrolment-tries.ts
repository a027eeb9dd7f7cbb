/** How often enrolment codes may be guessed: an organisation may have chosen short ones in its seed file. */
import { codeOf, OutpostError } from '../../src-core/contract/errors.ts'
import { isLoopbackAddress } from '../../src-core/wire/loopback.ts'
import type { Peer } from '../callers/peer.ts'

const WINDOW_MS = 10 * 60_000
/** Wrong codes within the window: of one address, and of all together. */
export const WRONG_PER_ADDRESS = 20
export const WRONG_IN_ALL = 500

export interface EnrolmentTries {
  /** @error too-many-requests without looking at the code; what enrolling itself throws */
  run<T>(peer: Peer, enrolling: () => Promise<T>): Promise<T>
}

/**
 * Counts wrong codes in this process; a try counts as wrong until it is known to be right, so that many at once count
 * too. Behind a proxy of this machine every address is the loopback, and only the number of all together counts.
 */
export function enrolmentTries(now: () => Date): EnrolmentTries {
  let begun = 0
  let inAll = 0
  const byAddress = new Map<string, number>()
  const count = (address: string, change: 1 | -1): void => {
    inAll += change
    byAddress.set(address, (byAddress.get(address) ?? 0) + change)
  }
  return {
    async run({ address }, enrolling) {
      const at = now().getTime()
      if (at - begun >= WINDOW_MS || at < begun) {
        begun = at
        inAll = 0
        byAddress.clear()
      }
      const wrongHere = isLoopbackAddress(address) ? 0 : (byAddress.get(address) ?? 0)
      if (inAll >= WRONG_IN_ALL || wrongHere >= WRONG_PER_ADDRESS) throw new OutpostError('too-many-requests')
      const window = begun
      count(address, 1)
      const isWrong = (error: unknown): boolean => codeOf(error) === 'wrong-enrolment-code'
      const forgive = (): void => {
        if (window === begun) count(address, -1)
      }
      try {
        const enrolled = await enrolling()
        forgive()
        return enrolled
      } catch (error) {
        if (!isWrong(error)) forgive()
        throw error
      }
    },
  }
}
