/** The screen that is shown. It is not part of the address, because the address would then name the patient. */
import { createContext, useContext } from 'react'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { Role } from '../../src-core/permissions/roles.ts'
import { mayDo } from '../../src-core/permissions/staff-actions.ts'

export type StudyTab = 'share' | 'shares' | 'details'
export type Place = 'studies' | 'outbox' | 'status' | 'audit' | 'settings'
export type View =
  | { readonly name: Place }
  | {
      readonly name: 'study'
      readonly StudyInstanceUID: Uid
      /** Other studies that are shared together with it. */
      readonly also: readonly Uid[]
      readonly tab: StudyTab
    }

/** The places of the rail in their order; Alt and a place's number open it. */
const PLACES: readonly Place[] = ['studies', 'outbox', 'status', 'audit', 'settings']

/** The places that a role may open. */
export function placesOf(role: Role): readonly Place[] {
  return PLACES.filter((place) => place !== 'audit' || mayDo(role, 'read-audit'))
}

export interface Navigation {
  readonly places: readonly Place[]
  readonly view: View
  go(view: View): void
}

export const NavigationContext = createContext<Navigation | null>(null)

export function useNavigation(): Navigation {
  const navigation = useContext(NavigationContext)
  if (navigation === null) throw new Error('NavigationContext is missing')
  return navigation
}
