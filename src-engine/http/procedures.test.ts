import { oc } from '@orpc/contract'
import { implement } from '@orpc/server'
import { describe, expect, it } from 'vitest'
import { byStaff } from '../../src-core/permissions/called-by.ts'
import { procedureServer } from './procedures.ts'

describe('procedureServer', () => {
  it('W8: a router with a procedure of which the contract does not state who may call it does not start', () => {
    const contract = { shares: { list: byStaff('follow-shares'), purge: oc } }
    const os = implement(contract)
    const router = os.router({
      shares: { list: os.shares.list.handler(() => {}), purge: os.shares.purge.handler(() => {}) },
    })
    expect(() => procedureServer(router, { prefix: '/rpc', statusOf: () => 400, onUnexpected: () => {} })).toThrow(
      'the contract does not state who may call shares.purge',
    )
  })
})
