/** For commands that go through many files and end. */

/** Calls before V8's last, dearest compiler takes a function: three hundred times its own number. */
const CALLS = 1_000_000
/** The same of the compiler before it: twenty-five times its own number. */
const CALLS_WHEN_COPYING = 10_000

/**
 * Leaves to the quick compilers what is not called very often: in a command that lives for half a second the last one
 * comes too late, and took a tenth of the
 * processor time of indexing 20,000 files. What goes through a million files still gets it.
 * @param copying the command does little more than copy: what it calls once for each file is not worth the compiler
 * before that one either
 */
export function expectToEndSoon({ copying = false } = {}): void {
  // Loaded here, since twenty modules of Node's come with it.
  const { setFlagsFromString } = process.getBuiltinModule('node:v8')
  setFlagsFromString(`--invocation-count-for-turbofan=${CALLS}`)
  if (copying) setFlagsFromString(`--invocation-count-for-maglev=${CALLS_WHEN_COPYING}`)
}
