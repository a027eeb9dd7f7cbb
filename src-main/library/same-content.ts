/** Compares two files that have the same SOPInstanceUID: whether one is a copy of the other. */
import { closeSync, openSync, readSync } from 'node:fs'
import type { FileVersion } from '../storage/index/index-writer.ts'

/**
 * Bytes that are read at the beginning, the middle and the end of each file. A corrected attribute changes the
 * beginning or the length; other pixels change the rest.
 */
const SAMPLE = 64 * 1024

/** Returns true when a file cannot be read, because then no difference is known. */
export function sameContent(fileA: FileVersion, fileB: FileVersion): boolean {
  if (fileA.size !== fileB.size) return false
  // A file shorter than a sample is read completely.
  const offsets = [0, Math.floor((fileA.size - SAMPLE) / 2), fileA.size - SAMPLE].filter((offset) => offset >= 0)
  try {
    const [first, second] = [samples(fileA.path, offsets), samples(fileB.path, offsets)]
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
