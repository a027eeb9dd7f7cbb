/** Table E.1-1 of PS3.15 as a question: what happens to this attribute under these options? */
import type { Tag } from '../dicom/dataset.ts'
import type { BasicAction, ConfidentialityRow, OptionAction } from './confidentiality-row.ts'
import { placeAmong } from '../dicom/dictionary.ts'
import type { ColumnName, OptionName } from './options.ts'
import { GROUP_ROWS, ROWS } from './table.generated.ts'

const [curve, overlayData, overlayComments, privateRow] = [0x50000000, 0x60003000, 0x60004000, 0].map(
  (tag) => GROUP_ROWS.find((row) => row[0] === tag)!,
)

/** The row that speaks of a tag, or undefined: then the attribute is kept. */
export function rowOf(tag: Tag): ConfidentialityRow | undefined {
  const group = tag >>> 16
  if ((group & 1) === 1) return privateRow
  const family = group & 0xff00
  if (family === 0x5000 && (group & 0xff) <= 0x1e) return curve
  if (family === 0x6000 && (group & 0xff) <= 0x1e) {
    const element = tag & 0xffff
    return element === 0x3000 ? overlayData : element === 0x4000 ? overlayComments : undefined
  }
  return ROWS[placeAmong(ROWS.length, (place) => ROWS[place]![0], tag)]
}

/** Strict options first: where two speak of one attribute, cleaning wins over keeping. */
function optionAction(row: ConfidentialityRow, options: ReadonlySet<OptionName>): OptionAction | undefined {
  let found: OptionAction | undefined
  for (const column in row[3]) {
    if (!options.has(column as ColumnName)) continue
    const action = row[3][column as ColumnName]
    if (action === 'C') return 'C'
    found = action
  }
  return found
}

/**
 * The action on a tag: an option's where one of the chosen ones has a say, else the Basic Profile's; K for attributes
 * that the table does not name.
 */
export function actionOf(tag: Tag, options: ReadonlySet<OptionName>): BasicAction | OptionAction {
  const row = rowOf(tag)
  if (!row) return 'K'
  return (options.size > 0 ? optionAction(row, options) : undefined) ?? row[2]
}
