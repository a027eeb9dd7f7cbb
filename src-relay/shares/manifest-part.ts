/** Opens the manifest of a held package. */
import { createHash } from 'node:crypto'
import { tryParseJson } from '../../src-core/parse-json.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { Manifest } from '../../src-core/package/manifest.ts'
import { openSealed, type SealedReader } from '../../src-engine/package/open-sealed.ts'
import type { ObjectStore } from '../ports/objects.ts'
import type { StoredPart } from '../ports/schema.ts'

/** Far above what a manifest of a hundred thousand instances takes; a larger one is refused before it is read. */
const MANIFEST_LIMIT = 256 * 1024 * 1024

/** A reader of one sealed part by range. @error package-damaged */
export function openPart(objects: ObjectStore, part: StoredPart, identity: string): Promise<SealedReader> {
  const readAt = (offset: number, length: number): Promise<Uint8Array> =>
    objects.getRange(part.object, offset, Math.max(0, Math.min(length, part.size - offset)))
  return openSealed(readAt, part.size, { identity })
}

/** @error package-damaged when it is absent, changed, not of this package, or names other parts than those held */
export async function readManifest(
  objects: ObjectStore,
  parts: readonly StoredPart[],
  identity: string,
  expected: { packageId: string; manifestSha256: string },
): Promise<Manifest> {
  const part = parts.find((each) => each.name === 'manifest')
  if (part === undefined || part.size > MANIFEST_LIMIT) throw new OutpostError('package-damaged', { at: 'manifest' })
  const reader = await openPart(objects, part, identity)
  const plain = await reader.read(0, reader.plainSize)
  if (createHash('sha256').update(plain).digest('hex') !== expected.manifestSha256)
    throw new OutpostError('package-damaged', { at: 'manifest' })
  const manifest = tryParseJson(Buffer.from(plain).toString('utf8'), Manifest)
  if (manifest === undefined || manifest.packageId !== expected.packageId)
    throw new OutpostError('package-damaged', { at: 'manifest' })
  const sealedAs = new Map(manifest.parts.map((each) => [each.name, each.sealedSha256]))
  const others = parts.filter((each) => each !== part)
  if (others.length !== sealedAs.size || others.some((each) => sealedAs.get(each.name) !== each.sha256))
    throw new OutpostError('package-damaged', { at: 'parts' })
  return manifest
}
