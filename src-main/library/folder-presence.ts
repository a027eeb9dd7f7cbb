/** Tells whether a folder is present. When its disk was removed, the index keeps the folder's content. */
import { readdirSync, statSync } from 'node:fs'

/**
 * The id of the device that a folder is on; null when the folder is missing, or when only the empty mount point of a
 * disk or network share is left.
 * @param before the device id at the last reading; null for a new folder
 */
export function mountedDevice(folder: string, before: string | null): string | null {
  try {
    const device = String(statSync(folder, { bigint: true }).dev)
    return before !== null && before !== device && readdirSync(folder).length === 0 ? null : device
  } catch {
    return null
  }
}

/** Thrown during a scan to end it and to leave the index unchanged. */
export class FolderGone extends Error {}
