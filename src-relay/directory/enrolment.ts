/** Enrols workstations with one-time codes, and gives them the state of their department. */
import { randomBytes, randomUUID } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import type { z } from 'zod'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { SharePolicy } from '../../src-core/contract/terms.ts'
import { PROTOCOL, type Protocol } from '../../src-core/contract/protocol.ts'
import type { Enrolment, OrganisationState, relayContract } from '../../src-core/contract/relay.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { newToken, sha256 } from '../sealing/relay-keys.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import { administratorHere } from '../audit/administrator.ts'
import { record } from '../audit/relay-log.ts'
import { wakeFeeds } from '../feed/feed-events.ts'
import type { Database } from '../ports/database.ts'

type EnrolmentRequest = z.infer<NonNullable<(typeof relayContract)['enroll']['~orpc']['inputSchema']>>

const CODE_LIFETIME_MS = 24 * 3_600_000

/** Codes are compared without regard to case, spaces and dashes, since people type them. */
export const normaliseCode = (code: string): string => code.replaceAll(/[\s-]/g, '').toUpperCase()

/**
 * Uses up a code and creates the workstation. One statement takes the code, so that two requests at the same time
 * cannot both use it.
 * @error wrong-enrolment-code the code is unknown, used, replaced or older than a day
 */
export async function enroll(context: RelayContext, request: EnrolmentRequest): Promise<Enrolment> {
  const { db, keys, now } = context
  const signingKey = Buffer.from(request.signingKey, 'base64url')
  if (signingKey.length !== 32 || !request.recipient.startsWith('age1') || request.workstationName.trim() === '')
    throw new OutpostError('bad-request')
  const token = newToken()
  const workstationId = randomUUID()
  const departmentId = await db.transaction().execute(async (transaction) => {
    const code = await transaction
      .updateTable('enrolment_code')
      .set({ used_at: now(), used_by: workstationId })
      .where('code_sha256', '=', sha256(normaliseCode(request.code)))
      .where('used_at', 'is', null)
      .where('created_at', '>', new Date(now().getTime() - CODE_LIFETIME_MS))
      .returning('department_id')
      .executeTakeFirst()
    if (code === undefined) throw new OutpostError('wrong-enrolment-code')
    await transaction
      .insertInto('workstation')
      .values({
        workstation_id: workstationId,
        department_id: code.department_id,
        name: request.workstationName.trim(),
        token_sha256: sha256(token),
        signing_key: signingKey,
        recipient: request.recipient,
        enrolled_at: now(),
        protocol: protocolColumn(request.protocol),
        revoked_at: null,
      })
      .execute()
    await record(transaction, {
      at: now(),
      actor: { kind: 'workstation', id: workstationId },
      action: 'enrol',
      departmentId: code.department_id,
      workstationId,
      detail: {},
    })
    return code.department_id
  })
  const department = await db
    .selectFrom('department')
    .innerJoin('organisation', 'organisation.organisation_id', 'department.organisation_id')
    .select([
      'department.name as departmentName',
      'organisation.name as organisationName',
      'organisation.organisation_id',
      'recipient',
    ])
    .where('department_id', '=', departmentId)
    .executeTakeFirstOrThrow()
  return {
    token,
    organisation: { organisationId: department.organisation_id, name: department.organisationName },
    department: { departmentId, name: department.departmentName },
    workstation: { workstationId, name: request.workstationName.trim() },
    relayRecipient: keys.recipient,
    organisationRecipient: department.recipient,
    ...(await departmentState(db, departmentId)),
    demonstration: context.config.demonstration === true,
  }
}

/** Records a wrong code. Its sender is not known. enrolment-tries.ts limits how many such entries there can be. */
export async function recordRefusedCode({ db, now }: RelayContext): Promise<void> {
  await db.transaction().execute((transaction) =>
    record(transaction, {
      at: now(),
      actor: { kind: 'workstation', id: 'unknown' },
      action: 'enrol-refused',
      detail: {},
    }),
  )
}

const protocolColumn = (protocol: Protocol | undefined): string | null => (protocol ? JSON.stringify(protocol) : null)

/** Answers a contact: stores the protocol that the workstation states. @returns the current policy and staff */
export async function organisationState(
  db: Database,
  { workstationId, departmentId }: Workstation,
  protocol: Protocol | undefined,
): Promise<OrganisationState> {
  await db
    .updateTable('workstation')
    .set({ protocol: protocolColumn(protocol) })
    .where('workstation_id', '=', workstationId)
    .where('protocol', 'is distinct from', protocolColumn(protocol))
    .execute()
  return departmentState(db, departmentId)
}

async function departmentState(db: Database, departmentId: string): Promise<OrganisationState> {
  const { policy } = await db
    .selectFrom('department')
    .select('policy')
    .where('department_id', '=', departmentId)
    .executeTakeFirstOrThrow()
  const staff = await db
    .selectFrom('staff')
    .select(['staff_id as staffId', 'name', 'role', 'language'])
    .where('department_id', '=', departmentId)
    .where('active', '=', true)
    .orderBy('name')
    .execute()
  return {
    policy: SharePolicy.parse(policy),
    staff: staff.map((member) => ({ ...member, passwordHash: '' })),
    protocol: PROTOCOL,
  }
}

/** Revokes a workstation: from now on its token is refused like an unknown one (W18). @error not-found */
export async function revokeWorkstation({ db, now }: RelayContext, workstationId: string): Promise<void> {
  await db.transaction().execute(async (transaction) => {
    const revoked = await transaction
      .updateTable('workstation')
      .set({ revoked_at: now() })
      .where('workstation_id', '=', workstationId)
      .where('revoked_at', 'is', null)
      .returning('department_id')
      .executeTakeFirst()
    if (revoked === undefined) throw new OutpostError('not-found')
    // The wake-up makes the workstation's open feed check the token again, and end.
    await wakeFeeds(transaction, revoked.department_id)
    await record(transaction, {
      at: now(),
      actor: administratorHere(),
      action: 'revoke',
      departmentId: revoked.department_id,
      workstationId,
      detail: {},
    })
  })
}

/**
 * Issues a code for a department: three groups of four characters, without characters that look like others.
 * @param slot names what the code is for, such as a workstation's name. An earlier unused code of the same slot is
 * deleted.
 */
export async function issueEnrolmentCode(
  { db, now }: RelayContext,
  departmentId: string,
  slot: string,
): Promise<string> {
  const alphabet = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789'
  const code = Array.from(randomBytes(12), (byte) => alphabet[byte % alphabet.length])
    .join('')
    .replaceAll(/(.{4})(?=.)/g, '$1-')
  await db.transaction().execute(async (transaction) => {
    await transaction
      .deleteFrom('enrolment_code')
      .where('department_id', '=', departmentId)
      .where('slot', '=', slot)
      .where('used_at', 'is', null)
      .execute()
    await transaction
      .insertInto('enrolment_code')
      .values({
        code_sha256: sha256(normaliseCode(code)),
        department_id: departmentId,
        slot,
        created_at: now(),
        used_at: null,
        used_by: null,
      })
      .execute()
    await record(transaction, {
      at: now(),
      actor: administratorHere(),
      action: 'enrolment-code',
      departmentId,
      detail: {},
    })
  })
  return code
}

/** Writes an enrolment code for the first department to a file (0600), which the demonstration's launcher reads. */
export async function leaveDemonstrationCode(context: RelayContext, file: string): Promise<void> {
  const department = await context.db
    .selectFrom('department')
    .select('department_id')
    .orderBy('name')
    .executeTakeFirst()
  if (department !== undefined)
    await writeFile(file, `${await issueEnrolmentCode(context, department.department_id, 'demonstration')}\n`, {
      mode: 0o600,
      flush: true,
    })
}
