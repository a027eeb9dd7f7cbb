/**
 * Starts a relay and a workstation that is enrolled at it and signed in, and lists every address that accepts requests.
 */
import path from 'node:path'
import { portalContract } from '../../src-core/contract/portal.ts'
import { relayContract } from '../../src-core/contract/relay.ts'
import { workstationContract } from '../../src-core/contract/workstation.ts'
import { addressesOf, proceduresOf, type ProcedureAddress, type RouteAddress } from '../support/hostile-requests.ts'
import { RELAY_URL } from '../support/sync-station.ts'
import { signedInWorkstation } from './signed-in-workstation.ts'
import { enrolWorkstation, startRelay, temporaryFolder, writeSeed } from './relay-support.ts'

/** An id that has the right form and belongs to nothing. */
const SOME_ID = '5a3f1c20-0000-4000-8000-00000000000a'

export const PROGRAM_NAMES = ['the relay', 'the workstation'] as const

export interface Side {
  readonly origin: string
  readonly procedures: readonly ProcedureAddress[]
  fetch(request: Request): Promise<Response>
  routes(): RouteAddress[]
  headers(): Record<string, string>
}

export interface AttackedPrograms {
  readonly sides: Readonly<Record<(typeof PROGRAM_NAMES)[number], Side>>
  /** The lines that the relay has logged. */
  readonly logged: readonly string[]
  close(): Promise<void>
}

/** Returns every address of one program that accepts a body. */
export function bodiesOf(side: Side): RouteAddress[] {
  const procedures = side.procedures.map(({ path: procedure }) => ({ method: 'POST', path: procedure }))
  return [...procedures, ...side.routes().filter(({ method }) => !['GET', 'HEAD', 'OPTIONS'].includes(method))]
}

export async function startAttackedPrograms(): Promise<AttackedPrograms> {
  const temporary = await temporaryFolder()
  const logged: string[] = []
  const relay = await startRelay(temporary.folder, {
    publicUrl: RELAY_URL,
    seed: await writeSeed(temporary.folder),
    log: (line) => logged.push(line),
  })
  const { token } = (await enrolWorkstation(relay.fetch, 'RADI-OLOG-0002')).enrolment
  const workstation = await signedInWorkstation(path.join(temporary.folder, 'workstation'), relay.fetch)
  return {
    logged,
    sides: {
      'the relay': {
        origin: RELAY_URL,
        procedures: [...proceduresOf(relayContract, '/api'), ...proceduresOf(portalContract, '/portal/rpc')],
        fetch: (request) => relay.relay.fetch(request),
        routes: () => addressesOf(relay.relay.routes, SOME_ID),
        headers: () => ({ authorization: `Bearer ${token}`, 'tus-resumable': '1.0.0' }),
      },
      'the workstation': {
        origin: 'http://127.0.0.1:1',
        procedures: proceduresOf(workstationContract, '/rpc'),
        fetch: (request) => workstation.fetch(request),
        routes: () => addressesOf(workstation.routes, SOME_ID),
        headers: () => ({}),
      },
    },
    async close() {
      await workstation.close()
      await relay.close()
      await temporary.remove()
    },
  }
}
