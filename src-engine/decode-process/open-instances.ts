/** Instances kept open between requests: whoever looks at a series asks for the same files again. */
import { statSync } from 'node:fs'
import type { InstanceSource } from '../imaging.ts'
import { openInstance, stampOf, type OpenInstance } from '../decode/instance.ts'

/** What is kept open together holds at most so many bytes. */
const KEPT_BYTES = 192 * 1024 * 1024
const KEPT_FILES = 64

/** By path; who was asked for last stands last. */
const kept = new Map<string, OpenInstance>()
let heldBytes = 0

/**
 * The instance of a path, still open from an earlier request while the file is the same. @error those of openInstance
 */
export function keptInstance(source: InstanceSource): OpenInstance {
  if ('bytes' in source) return openInstance(source)
  const found = kept.get(source.path)
  if (found) forget(source.path, found)
  const stat = found && statSync(source.path, { throwIfNoEntry: false })
  const instance = found && stat && found.stamp === stampOf(stat) ? found : openInstance(source)
  kept.set(source.path, instance)
  heldBytes += instance.heldBytes
  for (const [path, other] of kept) {
    if (heldBytes <= KEPT_BYTES && kept.size <= KEPT_FILES) break
    if (other !== instance) forget(path, other)
  }
  return instance
}

function forget(path: string, instance: OpenInstance): void {
  kept.delete(path)
  heldBytes -= instance.heldBytes
}
