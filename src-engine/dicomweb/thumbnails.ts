/** Keeps thumbnails on disk under a key of their content, so that showing them again costs one small read. */
import { createHash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

export interface ThumbnailCache {
  /** The picture for a key. It is made when it is not in the cache. */
  get(key: string, make: () => Promise<Uint8Array>): Promise<Uint8Array>
}

/**
 * A cache in a folder.
 * @param folder absent: nothing is kept
 */
export function thumbnailCache(folder: string | undefined): ThumbnailCache {
  const running = new Map<string, Promise<Uint8Array>>()
  return {
    get: async (key, make) => {
      if (!folder) return make()
      const name = createHash('sha256').update(key).digest('hex')
      const path = join(folder, name.slice(0, 2), `${name}.jpg`)
      const cached = await readFile(path).catch(() => null)
      if (cached && cached.length > 0) return cached
      const pending = running.get(path)
      if (pending) return pending
      const picture = make()
        .then(async (bytes) => {
          await writeToCache(path, bytes)
          return bytes
        })
        .finally(() => running.delete(path))
      running.set(path, picture)
      return picture
    },
  }
}

/**
 * Writes a picture to the cache. When that fails (disk full, no permission), the picture is only made again next time.
 */
async function writeToCache(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.${randomUUID()}`
  try {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(temporary, bytes)
    await rename(temporary, path)
  } catch {
    await rm(temporary, { force: true }).catch(() => {})
  }
}
