/** Looks up Table E.1-1 of PS3.15: the action on an attribute under the chosen options. */
import type { Tag } from '../dicom/dataset.ts'
import type { BasicAction, ConfidentialityRow, OptionAction } from './confidentiality-row.ts'
import { sortedTagIndex } from '../dicom/dictionary.ts'
import type { ColumnName, OptionName } from './options.ts'
import { GROUP_ROWS, ROWS } from './table.generated.ts'

const [curve, overlayData, overlayComments, privateRow] = [0x50000000, 0x60003000, 0x60004000, 0].map(
  (tag) => GROUP_ROWS.find((row) => row[0] === tag)!,
)

/** The row for a tag, or undefined when the table does not list it; such an attribute is kept. */
export function rowOf(tag: Tag): ConfidentialityRow | undefined {
  const group = tag >>> 16
  if ((group & 1) === 1) return privateRow
  const family = group & 0xff00
  if (family === 0x5000 && (group & 0xff) <= 0x1e) return curve
  if (family === 0x6000 && (group & 0xff) <= 0x1e) {
    const element = tag & 0xffff
    return element === 0x3000 ? overlayData : element === 0x4000 ? overlayComments : undefined
  }
  return ROWS[sortedTagIndex(ROWS.length, (index) => ROWS[index]![0], tag)]
}

/** The action of the chosen options. Where two options treat one attribute, cleaning has priority over keeping. */
function optionAction(row: ConfidentialityRow, options: ReadonlySet<OptionName>): OptionAction | undefined {
  let chosenAction: OptionAction | undefined
  for (const column in row[3]) {
    if (!options.has(column as ColumnName)) continue
    const action = row[3][column as ColumnName]
    if (action === 'C') return 'C'
    chosenAction = action
  }
  return chosenAction
}

/**
 * The action on a tag: that of a chosen option where there is one, else that of the Basic Profile; K for attributes
 * that the table does not list.
 */
export function actionOf(tag: Tag, options: ReadonlySet<OptionName>): BasicAction | OptionAction {
  const row = rowOf(tag)
  if (!row) return 'K'
  return (options.size > 0 ? optionAction(row, options) : undefined) ?? row[2]
}
