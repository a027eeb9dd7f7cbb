/** Opens the parts and the manifest of a stored package. */
import { createHash } from 'node:crypto'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { Manifest } from '../../src-core/package/manifest.ts'
import { openSealed, type SealedReader } from '../../src-engine/package/open-sealed.ts'
import type { ObjectStore } from '../ports/objects.ts'
import type { StoredPart } from '../ports/schema.ts'

/** A manifest of a hundred thousand instances is much smaller. A larger part is refused before it is read. */
const MAX_MANIFEST_BYTES = 256 * 1024 * 1024

/** Opens a reader that reads ranges of one sealed part. @error package-damaged */
export function openPart(objects: ObjectStore, part: StoredPart, identity: string): Promise<SealedReader> {
  const readAt = (offset: number, length: number): Promise<Uint8Array> =>
    objects.getRange(part.object, offset, Math.max(0, Math.min(length, part.size - offset)))
  return openSealed(readAt, part.size, { identity })
}

/**
 * @error package-damaged the manifest is absent, changed, of another package, or names other parts than the stored ones
 */
export async function readManifest(
  objects: ObjectStore,
  parts: readonly StoredPart[],
  identity: string,
  expected: { packageId: string; manifestSha256: string },
): Promise<Manifest> {
  const part = parts.find(({ name }) => name === 'manifest')
  if (part === undefined || part.size > MAX_MANIFEST_BYTES)
    throw new OutpostError('package-damaged', { at: 'manifest' })
  const reader = await openPart(objects, part, identity)
  const plain = await reader.read(0, reader.plainSize)
  if (createHash('sha256').update(plain).digest('hex') !== expected.manifestSha256)
    throw new OutpostError('package-damaged', { at: 'manifest' })
  const manifest = tryParseJson(Buffer.from(plain).toString('utf8'), Manifest)
  if (manifest === undefined || manifest.packageId !== expected.packageId)
    throw new OutpostError('package-damaged', { at: 'manifest' })
  const hashByName = new Map(manifest.parts.map(({ name, sealedSha256 }) => [name, sealedSha256]))
  const otherParts = parts.filter((storedPart) => storedPart !== part)
  if (otherParts.length !== hashByName.size || otherParts.some(({ name, sha256 }) => hashByName.get(name) !== sha256))
    throw new OutpostError('package-damaged', { at: 'parts' })
  return manifest
}
