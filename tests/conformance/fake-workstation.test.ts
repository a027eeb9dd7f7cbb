/** Checks the in-memory workstation of the end-to-end tests against the contract that the shipped one implements. */
import { call, type AnyRouter } from '@orpc/server'
import { describe, expect, it } from 'vitest'
import { ERROR_CODES } from '../../src-core/contract/errors.ts'
import { workstationContract } from '../../src-core/contract/workstation.ts'
import { proceduresOf } from '../../src-core/permissions/called-by.ts'
import { createFakeState, SCENARIOS } from '../e2e/support/fake-state.ts'
import { fakeRouter } from '../e2e/support/fake-procedures.ts'

const at = (router: object, path: string): { '~orpc': { inputSchema?: unknown } } =>
  path.split('.').reduce((group, name) => (group as never)[name], router as AnyRouter) as never

describe('the in-memory workstation', () => {
  const paths = proceduresOf(workstationContract).map(({ path }) => path)
  const withoutInput = paths.filter((path) => at(workstationContract, path)['~orpc'].inputSchema === undefined)

  it('W10: serves every procedure of the contract, and no other', () => {
    expect(new Set(proceduresOf(fakeRouter(createFakeState(SCENARIOS[0]))).map(({ path }) => path))).toEqual(
      new Set(paths),
    )
    expect(withoutInput.length).toBeGreaterThan(8)
  })

  it.each(SCENARIOS)(
    'W10: answers by the schema of the contract, or by a code of the catalog: %s',
    async (scenario) => {
      for (const path of withoutInput) {
        const router = fakeRouter(createFakeState(scenario))
        // The procedure library checks an answer against the contract; a wrong answer fails without a code of the
        // catalog.
        const failure = await call(at(router, path) as never, undefined as never).then(
          () => null,
          ({ code, message }: { code?: string; message: string }) => code ?? message,
        )
        expect([path, failure === null || (ERROR_CODES as readonly string[]).includes(failure)]).toEqual([path, true])
      }
    },
  )
})
