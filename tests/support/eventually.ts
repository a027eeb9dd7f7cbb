/** The only place where a test lets time pass. */
import { setTimeout as pause } from 'node:timers/promises'

/** A wait ends with what it waits for. The limit is there so that a test that waits in vain says for what. */
const LIMIT_MS = 110_000

/**
 * Looks again and again until something is there.
 * @param look gives what is waited for; false, null and undefined mean that it is not there yet
 * @param what is told of when it has not come after nearly two minutes: the source text of look unless given
 */
export async function eventually<T>(
  look: () => T | Promise<T>,
  what: () => string = () => look.toString(),
): Promise<Exclude<Awaited<T>, false | null | undefined>> {
  for (const end = performance.now() + LIMIT_MS; performance.now() < end; await pause(20)) {
    const found = await look()
    if (found !== false && found !== null && found !== undefined)
      return found as Exclude<Awaited<T>, false | null | undefined>
  }
  throw new Error(`This was waited for in vain: ${what()}`)
}
