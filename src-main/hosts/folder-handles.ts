import { randomUUID } from 'node:crypto'
import type { FolderHandles } from '../ports/host.ts'

/** Creates handles that stand for a path only inside this process, so that no page can name a path to open. */
export function folderHandles(): FolderHandles {
  const paths = new Map<string, string>()
  const handles = new Map<string, string>()
  return {
    give(path) {
      const existing = handles.get(path)
      if (existing) return existing
      const handle = randomUUID()
      handles.set(path, handle)
      paths.set(handle, path)
      return handle
    },
    path: (handle) => paths.get(handle),
  }
}
