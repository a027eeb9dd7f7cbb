/** Finds the workstation that a request's bearer token belongs to. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { sha256 } from '../sealing/relay-keys.ts'

export interface Workstation {
  readonly workstationId: string
  readonly departmentId: string
  readonly organisationId: string
  readonly signingKey: Buffer
}

/** @error revoked the token is revoked, unknown or absent: callers cannot tell these cases apart */
export async function authenticate({ db }: Pick<RelayContext, 'db'>, request: Request): Promise<Workstation> {
  const token = /^Bearer ([A-Za-z0-9_-]{43})$/.exec(request.headers.get('authorization') ?? '')?.[1]
  if (token === undefined) throw new OutpostError('revoked')
  const row = await db
    .selectFrom('workstation')
    .innerJoin('department', 'department.department_id', 'workstation.department_id')
    .select(['workstation_id', 'workstation.department_id', 'organisation_id', 'signing_key'])
    .where('token_sha256', '=', sha256(token))
    .where('revoked_at', 'is', null)
    .executeTakeFirst()
  if (row === undefined) throw new OutpostError('revoked')
  return {
    workstationId: row.workstation_id,
    departmentId: row.department_id,
    organisationId: row.organisation_id,
    signingKey: row.signing_key,
  }
}
