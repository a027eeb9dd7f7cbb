/** For commands that go through many files and end. */
import { setFlagsFromString } from 'node:v8'

/**
 * Compiles between two steps of the work instead of beside it. In a program that lives for seconds most of what is compiled beside it comes too late, and a
 * sixth of the processor time of indexing 20,000 files went there; a program with a window must not stop for its compiler.
 */
export function expectToEndSoon(): void {
  setFlagsFromString('--no-concurrent-recompilation')
}
