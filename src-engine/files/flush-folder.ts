import { open } from 'node:fs/promises'

/**
 * A rename or a new name lasts only once its folder is on disk. Windows does not open folders, and keeps names by its
 * journal.
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
