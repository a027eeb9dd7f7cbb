/** What every procedure of the workstation's contract is called with. */
import { implement } from '@orpc/server'
import { workstationContract } from '../../src-core/contract/workstation.ts'
import type { Services } from './services.ts'

export interface RpcContext {
  readonly services: Services
}

/** The contract, to be implemented group by group; the app fails to start when a procedure has no handler. */
export const os = implement(workstationContract).$context<RpcContext>()
