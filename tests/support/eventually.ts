/** Waits for a condition. This is the only place where a test lets time pass. */
import { setTimeout as pause } from 'node:timers/promises'

/** A wait ends when its condition is true. This limit only makes sure that a failed wait says what it waited for. */
const LIMIT_MS = 110_000

/**
 * Calls a function repeatedly until it returns a result.
 * @param look returns the result; false, null and undefined mean that it is not there yet
 * @param what describes the condition in the error after nearly two minutes; by default the source text of look
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  what: () => string = () => look.toString(),
): Promise<Exclude<Awaited<T>, false | null | undefined>> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await pause(20)) {
    const result = await look()
    if (result !== false && result !== null && result !== undefined)
      return result as Exclude<Awaited<T>, false | null | undefined>
  }
  throw new Error(`This was waited for in vain: ${what()}`)
}
