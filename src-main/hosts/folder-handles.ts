import { randomUUID } from 'node:crypto'
import type { FolderHandles } from '../ports/host.ts'

/** Handles that mean a path only inside this process: what a page sends back names nothing that it could open. */
export function folderHandles(): FolderHandles {
  const paths = new Map<string, string>()
  const handles = new Map<string, string>()
  return {
    give(path) {
      const known = handles.get(path)
      if (known) return known
      const handle = randomUUID()
      handles.set(path, handle)
      paths.set(handle, path)
      return handle
    },
    path: (handle) => paths.get(handle),
  }
}
