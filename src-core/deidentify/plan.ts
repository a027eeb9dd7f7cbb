/** What happens to each attribute of the standard under the chosen options, worked out once for all files. */
import type { Tag, VR } from '../dicom/dataset.ts'
import { vrOf } from '../dicom/dictionary.ts'
import type { OptionName } from './options.ts'
import { actionOf, rowOf } from './table.ts'
import type { BasicAction, OptionAction } from './confidentiality-row.ts'

export interface Plan {
  /** Of the registry. */
  readonly vr: VR
  /** Null: it goes, whatever the table says. */
  readonly action: BasicAction | OptionAction | null
  /** Of the Basic Profile; undefined where the table does not name the tag. */
  readonly basic: BasicAction | undefined
}
export type Planner = (tag: Tag) => Plan

/** (0008,0300) describes private blocks that are gone; (0008,0001) is a retired length. */
const ALWAYS_DROPPED = new Set<Tag>([0x00080001, 0x00080300])
const UNKNOWN: Plan = { vr: 'UN', action: null, basic: undefined }
const planners = new Map<string, Planner>()
const basic = makePlanner(new Set())

/** The plan of every tag that is not private. */
export function planner(options: ReadonlySet<OptionName>): Planner {
  if (options.size === 0) return basic
  const name = [...options].sort().join()
  let found = planners.get(name)
  if (!found) planners.set(name, (found = makePlanner(new Set(options))))
  return found
}

function makePlanner(options: ReadonlySet<OptionName>): Planner {
  const plans = new Map<Tag, Plan>()
  return (tag) => {
    const known = plans.get(tag)
    if (known) return known
    const vr = vrOf(tag)
    // Not remembered: a file can hold millions of tags that nobody knows.
    if (vr === 'UN') return UNKNOWN
    const family = (tag >>> 16) & 0xff00
    // An overlay without its data is none, and curves are retired.
    const dropped = ALWAYS_DROPPED.has(tag) || family === 0x6000 || family === 0x7f00
    const plan: Plan = { vr, action: dropped ? null : actionOf(tag, options), basic: rowOf(tag)?.[2] }
    plans.set(tag, plan)
    return plan
  }
}
