/** The actor of commands on the relay's own machine: the operating system's user, because there is no sign-in. */
import { userInfo } from 'node:os'
import type { RelayActor } from '../../src-core/audit/relay-entry.ts'

export function administratorHere(): RelayActor {
  return { kind: 'administrator', id: userName() }
}

/** In a container the user may have a number and no name. */
function userName(): string {
  try {
    return userInfo().username
  } catch {
    return `user ${process.getuid?.() ?? 'unknown'}`
  }
}
