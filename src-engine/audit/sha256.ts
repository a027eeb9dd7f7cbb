/** SHA-256 as the trees over audit logs take it. */
import { createHash } from 'node:crypto'
import type { Hash } from '../../src-core/audit/merkle-tree.ts'

export const sha256: Hash = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
