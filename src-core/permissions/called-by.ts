/** States who may call a procedure. Each contract states it, and one middleware in each program enforces it. */
import { oc } from '@orpc/contract'
import type { StaffAction } from './staff-actions.ts'

/**
 * Callers of the workstation's API: staff who are signed in and may do the action. For a share the action may depend on
 * who sent it.
 */
export type WorkstationCaller =
  | 'anyone'
  | StaffAction
  | { readonly ownShare: StaffAction; readonly sharesOfOthers: StaffAction }

/**
 * Callers of the relay's API: an enrolled workstation. Where an action is named, one of its staff must be allowed to do
 * it.
 */
export type RelayCaller = 'anyone' | 'workstation' | { readonly workstationWithStaff: StaffAction }

/** Callers of the portal's API: the holder of a recipient's link, or a browser that passed its gate. */
export type PortalCaller = 'anyone' | 'link-holder' | 'opened-link'

export interface CalledBy<Caller> {
  readonly calledBy: Caller
}

/** Starts a procedure of the workstation's contract. */
export const byStaff = (calledBy: WorkstationCaller) => oc.$meta<CalledBy<WorkstationCaller>>({ calledBy })
/** Starts a procedure of the relay's contract. */
export const byWorkstation = (calledBy: RelayCaller) => oc.$meta<CalledBy<RelayCaller>>({ calledBy })
/** Starts a procedure of the portal's contract. */
export const byRecipient = (calledBy: PortalCaller) => oc.$meta<CalledBy<PortalCaller>>({ calledBy })

/** A procedure of a contract or of a router, by its path, such as `shares.withdraw`. */
export interface NamedProcedure<Caller> {
  readonly path: string
  readonly calledBy: Caller | undefined
}

/** Every procedure of a contract, or of a router that implements one. */
export function proceduresOf<Caller>(router: object, path: readonly string[] = []): NamedProcedure<Caller>[] {
  const definition = (router as { '~orpc'?: { meta?: Partial<CalledBy<Caller>> } })['~orpc']
  if (definition !== undefined) return [{ path: path.join('.'), calledBy: definition.meta?.calledBy }]
  return Object.entries(router).flatMap(([name, inner]) => proceduresOf<Caller>(inner as object, [...path, name]))
}

/**
 * Throws when a procedure does not state who may call it, because such a program must not start.
 * @throws Error that names the first of these procedures
 */
export function requireStatedCallers(router: object): void {
  const unstated = proceduresOf(router).find(({ calledBy }) => calledBy === undefined)
  if (unstated !== undefined) throw new Error(`the contract does not state who may call ${unstated.path}`)
}
