/** A row of PS3.15 Table E.1-1: what becomes of one attribute. */
import type { Tag } from '../dicom/dataset.ts'
import type { ColumnName } from './options.ts'

/**
 * D dummy, Z zero length, X remove, U map the UID; a combination leaves the choice to what the object's definition
 * requires (Table E.1-1a).
 */
export type BasicAction = 'D' | 'Z' | 'X' | 'U' | 'Z/D' | 'X/Z' | 'X/D' | 'X/Z/D' | 'X/Z/U*'
/** K keep, C clean. */
export type OptionAction = 'K' | 'C'
export type ConfidentialityRow = readonly [
  tag: Tag,
  name: string,
  basic: BasicAction,
  options: Readonly<Partial<Record<ColumnName, OptionAction>>>,
]
