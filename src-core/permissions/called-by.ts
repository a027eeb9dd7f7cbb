/** Who may call a procedure: stated in its contract, enforced by one middleware in each program. */
import { oc } from '@orpc/contract'
import type { StaffAction } from './staff-actions.ts'

/** Of the workstation: staff who are signed in and may do the action; of a share it may depend on who sent it. */
export type WorkstationCaller =
  | 'anyone'
  | StaffAction
  | { readonly ownShare: StaffAction; readonly sharesOfOthers: StaffAction }

/** Of the relay: an enrolled workstation, of whose staff one must be allowed the action where one is named. */
export type RelayCaller = 'anyone' | 'workstation' | { readonly workstationWithStaff: StaffAction }

/** Of the portal: who has the link of a recipient, or who passed its gate in this browser. */
export type PortalCaller = 'anyone' | 'link-holder' | 'opened-link'

export interface CalledBy<Caller> {
  readonly calledBy: Caller
}

/** Begins a procedure of the workstation's contract. */
export const byStaff = (calledBy: WorkstationCaller) => oc.$meta<CalledBy<WorkstationCaller>>({ calledBy })
/** Begins a procedure of the relay's contract. */
export const byWorkstation = (calledBy: RelayCaller) => oc.$meta<CalledBy<RelayCaller>>({ calledBy })
/** Begins a procedure of the portal's contract. */
export const byRecipient = (calledBy: PortalCaller) => oc.$meta<CalledBy<PortalCaller>>({ calledBy })

/** A procedure of a contract or of a router, by its path such as `shares.withdraw`. */
export interface NamedProcedure<Caller> {
  readonly path: string
  readonly calledBy: Caller | undefined
}

/** Every procedure of a contract or of a router that implements one. */
export function proceduresOf<Caller>(router: object, path: readonly string[] = []): NamedProcedure<Caller>[] {
  const definition = (router as { '~orpc'?: { meta?: Partial<CalledBy<Caller>> } })['~orpc']
  if (definition !== undefined) return [{ path: path.join('.'), calledBy: definition.meta?.calledBy }]
  return Object.entries(router).flatMap(([name, inner]) => proceduresOf<Caller>(inner as object, [...path, name]))
}

/** A program whose procedures are not all stated must not start. @throws Error that names the first of these */
export function requireStatedCallers(router: object): void {
  const silent = proceduresOf(router).find(({ calledBy }) => calledBy === undefined)
  if (silent !== undefined) throw new Error(`the contract does not state who may call ${silent.path}`)
}
