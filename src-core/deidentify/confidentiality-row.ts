/** The type of one row of PS3.15 Table E.1-1, which says how one attribute is treated. */
import type { Tag } from '../dicom/dataset.ts'
import type { ColumnName } from './options.ts'

/**
 * D: a dummy value. Z: zero length. X: removed. U: the UID is mapped. Where actions are combined, the definition of the
 * object decides which of them is taken (Table E.1-1a).
 */
export type BasicAction = 'D' | 'Z' | 'X' | 'U' | 'Z/D' | 'X/Z' | 'X/D' | 'X/Z/D' | 'X/Z/U*'
/** K: the value is kept. C: the value is cleaned. */
export type OptionAction = 'K' | 'C'
export type ConfidentialityRow = readonly [
  tag: Tag,
  name: string,
  basic: BasicAction,
  options: Readonly<Partial<Record<ColumnName, OptionAction>>>,
]
