import { call, type AnyRouter } from '@orpc/server'
import { describe, expect, it } from 'vitest'
import { workstationContract } from '../../src-core/contract/workstation.ts'
import { proceduresOf, type WorkstationCaller } from '../../src-core/permissions/called-by.ts'
import { ROLES, type Role } from '../../src-core/permissions/roles.ts'
import { mayDo } from '../../src-core/permissions/staff-actions.ts'
import { StaffSession } from '../staff/session.ts'
import { procedures } from './procedures.ts'

const SHARE = '5f6d5a52-9999-4999-8999-999999999999'
const PASSED = 'the handler was reached'
const stated = proceduresOf<WorkstationCaller>(workstationContract)

/**
 * Services in which only the session and the sender of a share work. A handler that runs fails at its first use of any
 * other.
 */
async function servicesFor(role: Role | null, sender: string): Promise<object> {
  const member = role && { staffId: role, name: role, role, language: null }
  const place = { organisationId: '1', departmentId: '2', workstationId: '3', name: '' }
  const enrolment = { organisation: place, department: place, workstation: place, demonstration: true }
  const storage = {
    staff: {
      enrolment: async () => enrolment,
      staff: async () => [member],
      countTry: async () => 0,
      setTries: async () => {},
    },
    audit: { append: async () => {} },
    ledger: { shareHead: async () => ({ actor: { staffId: sender } }) },
  }
  const session = new StaffSession({
    storage,
    events: { emit: () => {}, subscribe: () => () => {} },
    now: () => new Date('2026-11-21T10:00:00Z'),
    passwords: { fits: async () => true, forget: async () => {} },
  } as unknown as ConstructorParameters<typeof StaffSession>[0])
  if (role !== null) await session.signIn(role, 'sample password')
  const known: Record<string, unknown> = { session, storage: { ledger: storage.ledger } }
  return new Proxy(known, {
    get: (target, name) => {
      if (typeof name === 'string' && name in target) return target[name]
      // `await` reads this property to see whether the object is a promise.
      if (name === 'then') return undefined
      throw new Error(PASSED)
    },
  })
}

/** How a call ends: refused by the permission check, or after it. */
async function outcome(path: string, role: Role | null, sender = 'somebody else'): Promise<string> {
  const procedure = path.split('.').reduce((group, name) => (group as never)[name], procedures as AnyRouter)
  const context = { services: await servicesFor(role, sender) }
  // This input fits ShareRef alone. For every other handler the validation of input ends the call after the permission
  // check.
  return call(procedure as never, { shareId: SHARE } as never, { context } as never).then(
    () => 'passed',
    ({ code }: { code?: string }) => (code === 'not-signed-in' || code === 'not-allowed' ? code : 'passed'),
  )
}

const expected = (calledBy: WorkstationCaller, role: Role, own: boolean): string => {
  if (calledBy === 'anyone') return 'passed'
  const action = typeof calledBy === 'string' ? calledBy : own ? calledBy.ownShare : calledBy.sharesOfOthers
  return mayDo(role, action) ? 'passed' : 'not-allowed'
}

describe('permissions of the workstation', () => {
  // The enrolment decides whether the demonstration may be signed in to, and the refusal is not-allowed as well.
  const judged = stated.filter(({ path }) => path !== 'session.signInDemonstration')

  it('W8: every procedure states who may call it, and every stated one is served', () => {
    expect(stated.filter(({ calledBy }) => calledBy === undefined)).toEqual([])
    expect(new Map(proceduresOf(procedures).map(({ path, calledBy }) => [path, calledBy]))).toEqual(
      new Map(stated.map(({ path, calledBy }) => [path, calledBy])),
    )
    expect(stated.length).toBeGreaterThan(40)
  })

  it('W8: without a sign-in only what anyone may call is reached', async () => {
    for (const { path, calledBy } of judged)
      expect([path, await outcome(path, null)]).toEqual([path, calledBy === 'anyone' ? 'passed' : 'not-signed-in'])
  })

  it.each(ROLES)('W8: a %s reaches exactly the procedures that the table gives to this role', async (role) => {
    for (const { path, calledBy } of judged)
      for (const own of [true, false])
        expect([path, own, await outcome(path, role, own ? role : 'somebody else')]).toEqual([
          path,
          own,
          expected(calledBy!, role, own),
        ])
  })

  it('W8: withdrawing a share that the input does not name is refused before anything is read', async () => {
    const context = { services: await servicesFor('administrator', 'administrator') }
    await expect(call(procedures.shares.withdraw, {} as never, { context } as never)).rejects.toMatchObject({
      code: 'bad-request',
    })
  })
})
