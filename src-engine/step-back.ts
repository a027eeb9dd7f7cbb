/** The priority of threads that work while a person does something else. */
import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import path from 'node:path'

/** Below everything that somebody waits for: the window, and what it asks of the index. */
const NICENESS = 5

/**
 * Lowers the priority of the thread that calls it. Linux has priorities by thread, and tells a thread which one it is;
 * elsewhere all threads of a program are alike.
 */
export function stepBack(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(Number(path.basename(readlinkSync('/proc/thread-self'))), Math.min(19, getPriority() + NICENESS))
  } catch {
    // A system that forbids it: then this is as urgent as everything else.
  }
}
