/** The action on each attribute of the standard under the chosen options. It is computed once for all files. */
import type { Tag, VR } from '../dicom/dataset.ts'
import { vrOf } from '../dicom/dictionary.ts'
import type { OptionName } from './options.ts'
import { actionOf, rowOf } from './table.ts'
import type { BasicAction, OptionAction } from './confidentiality-row.ts'

export interface Plan {
  /** The VR in the registry (PS3.6). */
  readonly vr: VR
  /** Null: the element is removed, whatever the table says. */
  readonly action: BasicAction | OptionAction | null
  /** The action of the Basic Profile; undefined where the table does not list the tag. */
  readonly basic: BasicAction | undefined
}
export type Planner = (tag: Tag) => Plan

/** (0008,0300) describes private blocks, which are removed; (0008,0001) is a retired length. */
const ALWAYS_DROPPED = new Set<Tag>([0x00080001, 0x00080300])
const UNKNOWN: Plan = { vr: 'UN', action: null, basic: undefined }
const planners = new Map<string, Planner>()
const basicPlanner = makePlanner(new Set())

/** The function that returns the plan of a tag that is not private. */
export function planner(options: ReadonlySet<OptionName>): Planner {
  if (options.size === 0) return basicPlanner
  const name = [...options].sort().join()
  let existing = planners.get(name)
  if (!existing) planners.set(name, (existing = makePlanner(new Set(options))))
  return existing
}

function makePlanner(options: ReadonlySet<OptionName>): Planner {
  const plans = new Map<Tag, Plan>()
  return (tag) => {
    const earlierPlan = plans.get(tag)
    if (earlierPlan) return earlierPlan
    const vr = vrOf(tag)
    // Unknown tags are not cached, because a file can hold millions of them.
    if (vr === 'UN') return UNKNOWN
    const family = (tag >>> 16) & 0xff00
    // An overlay is useless without its data, and curves are retired.
    const dropped = ALWAYS_DROPPED.has(tag) || family === 0x6000 || family === 0x7f00
    const plan: Plan = { vr, action: dropped ? null : actionOf(tag, options), basic: rowOf(tag)?.[2] }
    plans.set(tag, plan)
    return plan
  }
}
