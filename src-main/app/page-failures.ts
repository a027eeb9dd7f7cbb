/** Writes to the log where pages failed. Everything that the page says is checked by the log before it is written. */
import type { PageFailure } from '../../src-core/contract/workstation.ts'
import type { ProgramLog } from './log.ts'

const MINUTE_MS = 60_000
/** Every page of this machine may call, also one that is not signed in: more in a minute are not logged. */
const MOST_PER_MINUTE = 20

/** @returns the function that logs one failure */
export function pageFailures(log: ProgramLog, now: () => Date): (failure: PageFailure) => void {
  let minute = 0
  let count = 0
  return (page) => {
    const current = Math.floor(now().getTime() / MINUTE_MS)
    count = current === minute ? count + 1 : 1
    minute = current
    if (count <= MOST_PER_MINUTE) log.write('error', 'page-failed', { page })
  }
}
