/** SHA-256 as the hash function of the Merkle trees of audit logs. */
import { createHash } from 'node:crypto'
import type { Hash } from '../../src-core/audit/merkle-tree.ts'

export const sha256: Hash = (...parts) => {
  const hash = createHash('sha256')
  for (const part of parts) hash.update(part)
  return hash.digest()
}
