/**
 * Limits tries at a password: they run one after the other, are counted on disk before they are checked, and become
 * slower after several wrong ones.
 */
import { setTimeout } from 'node:timers/promises'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { Storage } from '../storage/open-storage.ts'

/** Number of wrong tries in a row before each further one has to wait, longer each time. */
const FREE_TRIES = 5
const LONGEST_WAIT_MS = 30_000
/** Number of tries that may be queued; one person types one at a time. */
const MAX_WAITING = 20

const WRONG: ReadonlySet<ErrorCode> = new Set(['wrong-credentials', 'wrong-passphrase'])

export interface SerialTriesOptions {
  readonly storage: { readonly staff: Pick<Storage['staff'], 'countTry' | 'setTries'> }
  /** Waits that many milliseconds; replaced in tests. */
  readonly wait?: (milliseconds: number) => Promise<unknown>
}

export class SerialTries {
  readonly #options: SerialTriesOptions
  #last: Promise<unknown> = Promise.resolve()
  #waiting = 0

  constructor(options: SerialTriesOptions) {
    this.#options = options
  }

  /**
   * Checks a password when its turn has come. A program that ends before the answer has counted a wrong try.
   * @param subject whose password it is; never a text that somebody typed
   * @param look checks the password; throws wrong-credentials or wrong-passphrase for a wrong one
   * @error too-many-requests, and what look throws
   */
  async run<T>(subject: string, look: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MAX_WAITING) throw new OutpostError('too-many-requests')
    this.#waiting++
    const turn = this.#last.then(() => this.#try(subject, look))
    this.#last = turn.catch(() => {})
    return turn.finally(() => this.#waiting--)
  }

  async #try<T>(subject: string, look: () => Promise<T>): Promise<T> {
    const { staff } = this.#options.storage
    const refused = await staff.countTry(subject)
    if (refused >= FREE_TRIES)
      await (this.#options.wait ?? setTimeout)(Math.min(1000 * 2 ** (refused - FREE_TRIES), LONGEST_WAIT_MS))
    try {
      const right = await look()
      await staff.setTries(subject, 0)
      return right
    } catch (error) {
      // A check that could not be made, without a connection for instance, is no guess and is not counted.
      if (!WRONG.has(codeOf(error))) await staff.setTries(subject, refused)
      throw error
    }
  }
}
