/** Makes changed names in a folder permanent. */
import { open } from 'node:fs/promises'

/**
 * Writes a folder to disk, without which a new or changed file name may be lost in a power cut. Windows cannot open
 * folders, and secures names by its journal.
 */
export async function flushFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
