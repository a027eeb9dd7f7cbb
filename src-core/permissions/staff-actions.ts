/**
 * What each role of staff may do (W8). Workstation and relay both enforce this table. Every procedure of a contract
 * names the action that it needs, so permissions are changed only here.
 */
import { ROLES, type Role } from './roles.ts'

export const STAFF_ACTIONS = {
  'browse-library': ROLES,
  'manage-folders': ROLES,
  import: ROLES,
  'find-recipients': ROLES,
  'follow-shares': ROLES,
  'change-own-settings': ROLES,
  'prepare-share': ROLES,
  share: ROLES,
  'undo-share': ROLES,
  'withdraw-own': ROLES,
  'withdraw-any': ['physician', 'administrator'],
  // U8: the service desk or an administrator of the sending department.
  unblock: ['front-desk', 'administrator'],
  'read-audit': ['technologist', 'physician', 'administrator'],
} as const satisfies Readonly<Record<string, readonly Role[]>>

export type StaffAction = keyof typeof STAFF_ACTIONS

/** The roles that may do an action. A person who may not do it is shown whom to ask. */
export function rolesFor(action: StaffAction): readonly Role[] {
  return STAFF_ACTIONS[action]
}

export function mayDo(role: Role, action: StaffAction): boolean {
  return rolesFor(action).includes(role)
}
