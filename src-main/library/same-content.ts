/** Whether two files that claim to be the same SOP instance are copies of one another. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { FileVersion } from '../storage/index/index-writer.ts'

/**
 * Read of each file at its beginning, its middle and its end: a corrected attribute shows in the first or in the
 * length, other pixels in the others.
 */
const SAMPLE = 64 * 1024

/** Where either cannot be read nothing is known against them. */
export function sameContent(one: FileVersion, other: FileVersion): boolean {
  if (one.size !== other.size) return false
  // A file shorter than a sample is read whole.
  const offsets = [0, Math.floor((one.size - SAMPLE) / 2), one.size - SAMPLE].filter((offset) => offset >= 0)
  try {
    const [first, second] = [samples(one.path, offsets), samples(other.path, offsets)]
    return first.equals(second)
  } catch {
    return true
  }
}

function samples(file: string, offsets: readonly number[]): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(SAMPLE * 3)
    const length = offsets.reduce((at, offset) => at + readSync(descriptor, bytes, at, SAMPLE, offset), 0)
    return bytes.subarray(0, length)
  } finally {
    closeSync(descriptor)
  }
}
