/** Keeps instances open between requests, because a person who views a series needs the same files again. */
import { statSync } from 'node:fs'
import type { InstanceSource } from '../imaging.ts'
import { openInstance, stampOf, type OpenInstance } from '../decode/instance.ts'

/** The maximum number of bytes of all instances that are kept open. */
const MAX_KEPT_BYTES = 192 * 1024 * 1024
const MAX_KEPT_FILES = 64

/** Open instances by path. The most recently used one is last. */
const openInstances = new Map<string, OpenInstance>()
let heldBytes = 0

/**
 * The instance of a source. An instance that is open from an earlier request is used again while its file has not
 * changed.
 * @error those of openInstance
 */
export function reusedInstance(source: InstanceSource): OpenInstance {
  if ('bytes' in source) return openInstance(source)
  const alreadyOpen = openInstances.get(source.path)
  if (alreadyOpen) closeInstance(source.path, alreadyOpen)
  const stat = alreadyOpen && statSync(source.path, { throwIfNoEntry: false })
  const instance = alreadyOpen && stat && alreadyOpen.stamp === stampOf(stat) ? alreadyOpen : openInstance(source)
  openInstances.set(source.path, instance)
  heldBytes += instance.heldBytes
  for (const [path, candidate] of openInstances) {
    if (heldBytes <= MAX_KEPT_BYTES && openInstances.size <= MAX_KEPT_FILES) break
    if (candidate !== instance) closeInstance(path, candidate)
  }
  return instance
}

function closeInstance(path: string, instance: OpenInstance): void {
  openInstances.delete(path)
  heldBytes -= instance.heldBytes
}
