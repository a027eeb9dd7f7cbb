/** Whether a folder is there: a disk that was taken out is no reason to forget what it holds. */
import { readdirSync, statSync } from 'node:fs'

/**
 * The device that a folder lies on; null when the folder is not there, or when only the empty directory is left on
 * which a disk or share is mounted.
 * @param before the device that it lay on when it was last read; null for a new folder
 */
export function mountedDevice(folder: string, before: string | null): string | null {
  try {
    const device = String(statSync(folder, { bigint: true }).dev)
    return before !== null && before !== device && readdirSync(folder).length === 0 ? null : device
  } catch {
    return null
  }
}

/** Thrown within a run, to end it with the index as it was. */
export class FolderGone extends Error {}
