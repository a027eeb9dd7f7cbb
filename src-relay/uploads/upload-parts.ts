/** Divides an upload into the parts of its object, and names the small object that waits until a part is complete. */
import { LEAF_BYTES } from '../../src-engine/package/part-tree.ts'

/** A bucket takes no part below 5 MiB, and this is also the largest chunk that Outpost sends. */
const SMALLEST_PART = 8 * LEAF_BYTES
/** So many parts a bucket takes at most. */
const MOST_PARTS = 10_000
/** Kept in memory while a part is put together. */
const LARGEST_PART = 128 * LEAF_BYTES

/** 1.2 TiB: far more than any study has. */
export const MAX_UPLOAD = MOST_PARTS * LARGEST_PART
export const MAX_CHUNK = 16 * 2 ** 20

/** Bytes of each part but the last one: whole leaves of the tree hash. */
export function partBytesOf(length: number): number {
  return Math.max(SMALLEST_PART, Math.ceil(length / MOST_PARTS / LEAF_BYTES) * LEAF_BYTES)
}

/**
 * A chunk touches three parts at most. With three names the object that waits for a part is only replaced once what came
 * after it is recorded in the database, and all of them can be removed without knowing how far the upload came.
 */
const WAITING_NAMES = 3

/** The object that has the beginning of a part whose other bytes did not arrive yet. */
export const waitingObject = (uploadId: string, part: number): string => `${uploadId}-${part % WAITING_NAMES}`

export const waitingObjects = (uploadId: string): string[] =>
  Array.from({ length: WAITING_NAMES }, (_, part) => waitingObject(uploadId, part))
