/** The protocol version and the capabilities that each side states; docs/protocol.md has the table. */
import { z } from 'zod'
import { Code } from './bounded.ts'
import { TERM_CAPABILITIES } from './terms/share-terms.ts'

/** Lenient, since it is how two sides of any age find out about each other. */
export const Protocol = z.object({ version: z.number().int().min(1).max(10_000), capabilities: z.array(Code).max(100) })
export type Protocol = z.infer<typeof Protocol>

/**
 * directory-contacts: the relay writes to the contacts of its own directory, and gives workstations masks of those that
 * are not public. audit-heads: the relay keeps the heads of workstations' audit logs. upload-trees: it compares the tree
 * hash of a part while the part arrives. term-…: it knows the term.
 */
export type Capability = 'audit-heads' | 'directory-contacts' | 'upload-trees' | `term-${string}`

/** What this program speaks, as a workstation and as a relay. */
export const PROTOCOL: Protocol = {
  version: 2,
  capabilities: ['audit-heads', 'directory-contacts', 'upload-trees', ...TERM_CAPABILITIES] satisfies Capability[],
}

/** A side that states nothing is older than the statement. */
export const PROTOCOL_1: Protocol = { version: 1, capabilities: [] }

export const canDo = (side: Protocol, capability: Capability): boolean => side.capabilities.includes(capability)
