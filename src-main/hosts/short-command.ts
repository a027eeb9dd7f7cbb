/** For commands that go through many files and end. */
import { setFlagsFromString } from 'node:v8'

/** Calls before the last, dearest of V8's compilers takes a function; three hundred times its own number. */
const CALLS = 1_000_000

/**
 * Leaves to the quick compilers what is not called very often: in a command that lives for half a second the last one comes too late, and took a tenth of the
 * processor time of indexing 20,000 files. What goes through a million files still gets it.
 */
export function expectToEndSoon(): void {
  setFlagsFromString(`--invocation-count-for-turbofan=${CALLS}`)
}
