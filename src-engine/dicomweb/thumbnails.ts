/** Thumbnails kept on disk under a key of what they show, so that a second look costs one small read. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface ThumbnailCache {
  /** The picture under key, made when it is not there. */
  get(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array>
}

/** @param folder absent: nothing is kept */
export function thumbnailCache(folder: string | undefined): ThumbnailCache {
  const running = new Map<string, Promise<Uint8Array>>()
  return {
    get: async (key, make) => {
      if (!folder) return make()
      const name = createHash('sha256').update(key).digest('hex')
      const path = join(folder, name.slice(0, 2), `${name}.jpg`)
      const kept = await readFile(path).catch(() => null)
      if (kept && kept.length > 0) return kept
      const other = running.get(path)
      if (other) return other
      const made = make()
        .then(async (bytes) => {
          await keep(path, bytes)
          return bytes
        })
        .finally(() => running.delete(path))
      running.set(path, made)
      return made
    },
  }
}

/** A cache that cannot be written (disk full, no right) costs time, never the picture. */
async function keep(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, bytes)
    await rename(temporary, path)
  } catch {
    await rm(temporary, { force: true }).catch(() => {})
  }
}
