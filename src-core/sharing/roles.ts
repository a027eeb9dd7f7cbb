/** What each role may do at the workstation (W8). The relay decides again for what reaches it. */
import type { StaffView } from '../contract/shares.ts'

export type Role = StaffView['role']
export type StaffAction = 'share' | 'withdraw-own' | 'withdraw-any' | 'unblock' | 'read-audit'

const MAY: Readonly<Record<StaffAction, readonly Role[]>> = {
  share: ['front-desk', 'technologist', 'physician', 'administrator'],
  'withdraw-own': ['front-desk', 'technologist', 'physician', 'administrator'],
  'withdraw-any': ['physician', 'administrator'],
  // U8: the service desk or an administrator of the sending department.
  unblock: ['front-desk', 'administrator'],
  'read-audit': ['technologist', 'physician', 'administrator'],
}

/** The roles that may, to name them to somebody who may not. */
export function rolesFor(action: StaffAction): readonly Role[] {
  return MAY[action]
}

export function mayDo(role: Role, action: StaffAction): boolean {
  return MAY[action].includes(role)
}
