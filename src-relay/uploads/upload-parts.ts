/** Computes the parts of an upload's object, and the names of the small objects with bytes of incomplete parts. */
import { LEAF_BYTES } from '../../src-engine/package/part-tree.ts'

/** 8 MiB, the largest chunk that a workstation sends; a bucket accepts no part below 5 MiB. */
const MIN_PART_BYTES = 8 * LEAF_BYTES
/** A bucket accepts at most this number of parts. */
const MAX_PARTS = 10_000
/** A part is in memory until it is complete, which limits its size. */
const MAX_PART_BYTES = 128 * LEAF_BYTES

/** The largest upload: 1.2 TiB, which is more than any study has. */
export const MAX_UPLOAD = MAX_PARTS * MAX_PART_BYTES
export const MAX_CHUNK = 16 * 2 ** 20

/** Returns the bytes of each part except the last one, a multiple of a leaf of the tree hash. */
export function partBytesOf(length: number): number {
  return Math.max(MIN_PART_BYTES, Math.ceil(length / MAX_PARTS / LEAF_BYTES) * LEAF_BYTES)
}

/**
 * A chunk touches at most three parts. With three names in turn, a waiting object is replaced only once the database
 * has recorded the bytes after it. All waiting objects can be removed without knowing how many bytes the upload has.
 */
const WAITING_NAMES = 3

/** The name of the object with the first bytes of a part whose other bytes have not arrived yet. */
export const waitingObject = (uploadId: string, part: number): string => `${uploadId}-${part % WAITING_NAMES}`

/** The names of all waiting objects that an upload can have. */
export const waitingObjects = (uploadId: string): string[] =>
  Array.from({ length: WAITING_NAMES }, (_, part) => waitingObject(uploadId, part))
