/** Lowers the priority of threads that work in the background. */
import { readlinkSync } from 'node:fs'
import { getPriority, setPriority } from 'node:os'
import path from 'node:path'

/**
 * The priority value added for background work. It is below everything that a person waits for: the window and its
 * queries of the index.
 */
const NICENESS = 5

/**
 * Lowers the priority of the calling thread. Only Linux has a priority for each thread, and tells a thread its id; on
 * other systems this function does nothing.
 */
export function lowerThreadPriority(): void {
  if (process.platform !== 'linux') return
  try {
    setPriority(Number(path.basename(readlinkSync('/proc/thread-self'))), Math.min(19, getPriority() + NICENESS))
  } catch {
    // When the system forbids it, the thread keeps its priority.
  }
}
