/** Converts failures of the disk to codes that tell a person what happened and what to do. */
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'

/** Error codes of a full disk, from the file system and from SQLite. */
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

/** Whether SQLite reported that a file is not a database or is damaged. */
export function isDamaged(error: unknown): boolean {
  const code = systemCode(error)
  return code === 'SQLITE_NOTADB' || code.startsWith('SQLITE_CORRUPT')
}

/**
 * Returns disk-full for a full disk, and any other error unchanged.
 * @param damaged the code for a damaged database; absent: such an error is returned unchanged
 */
export function storageFailure(error: unknown, damaged?: ErrorCode): unknown {
  if (error instanceof OutpostError) return error
  if (FULL.has(systemCode(error))) return new OutpostError('disk-full', {}, { cause: error })
  return damaged && isDamaged(error) ? new OutpostError(damaged, {}, { cause: error }) : error
}
