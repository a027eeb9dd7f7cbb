/** Tries at a password: one after the other, counted on disk before each is looked at, and slower after some wrong. */
import { setTimeout } from 'node:timers/promises'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { Storage } from '../storage/open-storage.ts'

/** Wrong tries in a row after which each further one waits, longer each time. */
const FREE_TRIES = 5
const LONGEST_WAIT_MS = 30_000
/** Tries that may wait for their turn; people type one at a time. */
const MOST_WAITING = 20

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
   * Looks at a password when its turn has come. A program that ends before the answer has counted a wrong try.
   * @param subject whose password: no text that somebody typed
   * @param look throws wrong-credentials or wrong-passphrase for a wrong one
   * @error too-many-requests, and what look throws
   */
  async run<T>(subject: string, look: () => Promise<T>): Promise<T> {
    if (this.#waiting >= MOST_WAITING) throw new OutpostError('too-many-requests')
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
      // What could not be looked at, without a connection for instance, was no guess.
      if (!WRONG.has(codeOf(error))) await staff.setTries(subject, refused)
      throw error
    }
  }
}
