/** Enrolment: a code that works once connects this installation to a department as its workstation. */
import { hostname } from 'node:os'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { Enrolment } from '../../src-core/contract/relay.ts'
import type { Host } from '../ports/host.ts'
import { SECRET_NAMES, workstationKeys } from '../secrets/workstation-keys.ts'
import type { Storage } from '../storage/open-storage.ts'
import { checkRelayUrl } from '../sync/relay-address.ts'
import { enroll, type EnrolRequest } from '../sync/relay-client.ts'
import { tenantOf } from './session.ts'

export interface EnrolOptions {
  readonly storage: Pick<Storage, 'staff'>
  readonly host: Pick<Host, 'secrets' | 'fetch' | 'now'>
  /** Sends the request; replaced in tests. */
  readonly ask?: (relayUrl: string, request: EnrolRequest, fetch: typeof globalThis.fetch) => Promise<Enrolment>
}

/** @error already-enrolled, secrets-locked, relay-without-tls, wrong-enrolment-code, offline, relay-error */
export async function enrolWorkstation(
  { storage, host, ask = enroll }: EnrolOptions,
  relayUrl: string,
  code: string,
): Promise<{ organisation: string; department: string; workstation: string }> {
  if (await storage.staff.enrolment()) throw new OutpostError('already-enrolled')
  const keys = await workstationKeys(host.secrets)
  const { token, staff, ...enrolment } = await ask(
    relayUrl,
    { code: code.trim(), workstationName: hostname(), signingKey: keys.signingKey, recipient: keys.recipient },
    host.fetch,
  )
  // The token is stored first: an enrolment without a token could never authenticate itself to the relay.
  await host.secrets.set(SECRET_NAMES.token, token)
  const knownEnrolment = { ...enrolment, relayUrl: checkRelayUrl(relayUrl) }
  const { organisation, department, workstation } = enrolment
  await storage.staff.saveEnrolment(knownEnrolment, staff, {
    at: host.now().toISOString(),
    action: 'enrol',
    actor: { kind: 'program', id: 'outpost', name: 'Outpost' },
    ...tenantOf(knownEnrolment),
    subject: workstation.workstationId,
    detail: { organisation: organisation.name, department: department.name, workstation: workstation.name },
  })
  return { organisation: organisation.name, department: department.name, workstation: workstation.name }
}
