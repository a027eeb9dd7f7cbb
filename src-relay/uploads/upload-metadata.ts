/** Reads the headers of tus 1.0.0. */
import { z } from 'zod'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { Id } from '../../src-core/contract/identifiers.ts'
import { SealedPart } from '../../src-core/contract/relay.ts'

const Metadata = z.object({
  packageId: Id,
  part: SealedPart.shape.name,
  sha256: SealedPart.shape.sha256,
  /** The tree hash of src-engine/package/part-tree.ts; workstations of an earlier version do not announce it. */
  tree: SealedPart.shape.sha256.optional(),
})

/** Reads `Upload-Metadata`: pairs of a key and base64, separated by commas. @error bad-request */
export function readMetadata(header: string): z.infer<typeof Metadata> {
  const pairs = header.split(',').map((pair) => pair.trim().split(' '))
  const metadata = Metadata.safeParse(
    Object.fromEntries(pairs.map(([key, value]) => [key, Buffer.from(value ?? '', 'base64').toString('utf8')])),
  )
  if (!metadata.success) throw new OutpostError('bad-request')
  return metadata.data
}

/** Reads a number of bytes, which must be a safe integer. @error bad-request */
export function readCount(header: string | undefined): number {
  const count = header !== undefined && /^\d{1,16}$/.test(header) ? Number(header) : Number.NaN
  if (!Number.isSafeInteger(count)) throw new OutpostError('bad-request')
  return count
}

export interface Checksum {
  readonly algorithm: 'sha256' | 'sha1'
  readonly digest: Buffer
}

/** Reads `Upload-Checksum`: algorithm and base64. @error bad-request also for an algorithm that is not supported */
export function readChecksum(header: string): Checksum {
  const [algorithm, digest, ...rest] = header.split(' ')
  if ((algorithm !== 'sha256' && algorithm !== 'sha1') || digest === undefined || rest.length > 0)
    throw new OutpostError('bad-request')
  return { algorithm, digest: Buffer.from(digest, 'base64') }
}
