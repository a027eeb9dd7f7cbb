/** Converts failures of files to codes that tell a person what happened, such as a full disk or a removed disc. */
import { closeSync, openSync, readSync } from 'node:fs'
import { OutpostError, type ErrorCode } from '../../../src-core/contract/errors.ts'

const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG'])
const GONE = new Set([
  'ENOENT',
  'EIO',
  'ENODEV',
  'ENXIO',
  'ENOMEDIUM',
  'ESTALE',
  'ENOTDIR',
  'EREMOTEIO',
  'EBADF',
  'UNKNOWN',
])

/** @returns disk-full, import-source-gone, folder-not-readable, or the error's own code */
export function failureCode(error: unknown): ErrorCode {
  if (error instanceof OutpostError) return error.code
  const { code = '' } = error as NodeJS.ErrnoException
  if (FULL.has(code)) return 'disk-full'
  if (GONE.has(code)) return 'import-source-gone'
  return code === 'EACCES' || code === 'EPERM' ? 'folder-not-readable' : 'internal'
}

/** The first bytes of a file: `length` bytes, or all of a shorter file. */
export function readBounded(file: string, length: number): Buffer {
  const descriptor = openSync(file, 'r')
  try {
    const buffer = Buffer.allocUnsafe(length)
    let done = 0
    for (let count = -1; count !== 0 && done < length; done += count)
      count = readSync(descriptor, buffer, done, length - done, done)
    return buffer.subarray(0, done)
  } finally {
    closeSync(descriptor)
  }
}
