/**
 * The reasons for which instances cannot leave de-identified (D5, D6), and which of them a person's review has cleared.
 */
import type { ErrorCode } from '../../../src-core/contract/errors.ts'
import type { SignedOff } from '../../../src-core/contract/deidentification.ts'
import { clearableByReview, reviewRequired, type GateOptions } from '../../../src-core/deidentify/gate.ts'
import type { FileState, SignOff } from '../ledger/sign-offs.ts'
import type { SelectedInstance } from '../../ports/records.ts'

/** The reason that concerns an instance, and the sign-off that cleared it where there is one. */
export interface GateFinding {
  readonly instance: SelectedInstance
  readonly code: ErrorCode
  readonly signOff: SignOff | null
}

/**
 * Returns the instances that cannot leave as they are, each with the sign-off that clears it.
 * @param signOffsOf returns the latest sign-off of each state, in their order
 */
export function gateFindings(
  instances: readonly SelectedInstance[],
  options: GateOptions,
  signOffsOf: (states: readonly FileState[]) => readonly (SignOff | null)[],
): GateFinding[] {
  const refused = instances.flatMap((instance) => {
    const code = reviewRequired(instance, options)
    return code === null ? [] : [{ instance, code }]
  })
  const liftable = refused.filter(({ code }) => clearableByReview(code)).map(({ instance }) => instance)
  const signOffs = signOffsOf(liftable.map(stateOf))
  const byInstance = new Map(liftable.map((instance, index) => [instance, signOffs[index] ?? null]))
  return refused.map(({ instance, code }) => ({ instance, code, signOff: byInstance.get(instance) ?? null }))
}

/** Sign-offs as the share panel lists them: one line for each series and review. */
export function signedOffOf(gateFindings: readonly GateFinding[]): SignedOff[] {
  const lines = new Map<string, SignedOff>()
  for (const { instance, signOff } of gateFindings) {
    if (signOff === null) continue
    const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID } = instance
    const key = JSON.stringify([SeriesInstanceUID, signOff.at, signOff.staffId])
    const line = lines.get(key) ?? {
      StudyInstanceUID,
      SeriesInstanceUID,
      SOPInstanceUIDs: [],
      by: signOff.staffName,
      at: signOff.at,
      regions: signOff.regions.length,
    }
    line.SOPInstanceUIDs.push(SOPInstanceUID)
    lines.set(key, line)
  }
  return [...lines.values()]
}

export function stateOf({ SOPInstanceUID, size, mtimeMs }: SelectedInstance): FileState {
  return { SOPInstanceUID, size, mtimeMs }
}
