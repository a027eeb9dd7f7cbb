/** Failures of the disk as codes that tell a person what happened and what to do. */
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'

/** Of the file system, and of SQLite where it could not write what it had to. */
const FULL: ReadonlySet<string> = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'SQLITE_FULL',
  'SQLITE_IOERR_WRITE',
  'SQLITE_IOERR_FSYNC',
  'SQLITE_IOERR_SHMSIZE',
  'SQLITE_IOERR_SHMMAP',
])

const systemCode = (error: unknown): string => String((error as { code?: unknown } | null)?.code ?? '')

/** Whether SQLite found that a file is no database, or not a whole one. */
export function isDamaged(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')
}

/**
 * disk-full for a disk that takes no more; any other error as it is.
 * @param damaged what a damaged database is called; absent: as it is
 */
export function storageFailure(error: unknown, damaged?: ErrorCode): unknown {
  if (error instanceof OutpostError) return error
  if (FULL.has(systemCode(error))) return new OutpostError('disk-full', {}, { cause: error })
  return damaged && isDamaged(error) ? new OutpostError(damaged, {}, { cause: error }) : error
}
