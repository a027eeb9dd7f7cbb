/**
 * Finds the grant of a link and unseals what the grant gives access to, or says why the link does not open. Every call
 * reads the database, so that the end of a share takes effect at once.
 */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { SharePolicy } from '../../src-core/contract/terms.ts'
import { RelayTerms } from '../../src-core/contract/terms/share-terms.ts'
import { unwrapAccountSlot } from '../../src-engine/package/slots.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { sha256 } from '../sealing/relay-keys.ts'
import type { NewEntry } from '../audit/relay-log.ts'
import type { NewEvent } from '../feed/feed-events.ts'
import {
  openContact,
  openDetails,
  type GrantContact,
  type ShareDetails,
  type ShareSecret,
} from '../sealing/sealed-records.ts'
import type { Language } from '../../src-core/contract/identifiers.ts'
import type { StoredPart } from '../ports/schema.ts'

export interface LiveGrant {
  readonly grantId: string
  readonly recipientId: string
  readonly language: Language
  readonly right: 'images-read-report' | 'images-write-report'
  readonly twoFactor: boolean
  readonly blocked: boolean
  readonly opened: boolean
  readonly wrongCodes: number
  readonly shareId: string
  readonly departmentId: string
  readonly workstationId: string
  readonly terms: RelayTerms
  readonly deliveredAt: Date
  readonly expiresAt: Date | null
  readonly department: string
  readonly organisation: string
  readonly policy: SharePolicy
  readonly package: {
    readonly packageId: string
    readonly manifestSha256: string
    readonly parts: readonly StoredPart[]
  }
  readonly details: ShareDetails
  readonly contact: GrantContact
  readonly secret: ShareSecret
  /** Opens the sealed parts. */
  readonly identity: string
}

/** The audit entry of something that the grant's recipient did; the caller adds time and action. */
export function recipientEntry(grant: LiveGrant): Omit<NewEntry, 'at' | 'action'> {
  const { recipientId, shareId, departmentId, workstationId } = grant
  return {
    actor: { kind: 'recipient', id: recipientId },
    departmentId,
    workstationId,
    shareId,
    recipientId,
    detail: {},
  }
}

/** The feed event of something that the grant's recipient did; the caller adds time and type. */
export function recipientEvent(grant: LiveGrant): Omit<NewEvent, 'at' | 'type'> {
  const { recipientId, shareId, departmentId, workstationId } = grant
  return { departmentId, workstationId, shareId, recipientId, by: { kind: 'recipient', id: recipientId } }
}

/**
 * @error link-unknown a token that was never given, is mistyped or belongs to a withdrawn share: the answer is the same
 * @error link-expired with the contact to ask
 */
export async function grantOfToken(relay: RelayContext, token: string): Promise<LiveGrant> {
  const grant = await findGrant(relay, 'token_sha256', sha256(token))
  if (grant === null) throw new OutpostError('link-unknown')
  return grant
}

/** @returns null when its share was withdrawn. @error link-expired with the contact to ask */
export const grantById = (relay: RelayContext, grantId: string): Promise<LiveGrant | null> =>
  findGrant(relay, 'grant_id', grantId)

/** The error of a blocked recipient, with the contact to ask. */
export const blockedError = (grant: LiveGrant): OutpostError =>
  new OutpostError('blocked', {
    contact: grant.policy.contact,
    department: grant.department,
    organisation: grant.organisation,
  })

/** The row of a grant, joined with its share, package, department and organisation. Secrets are null after the end. */
function grantRow({ db }: RelayContext, column: 'token_sha256' | 'grant_id', value: Buffer | string) {
  return db
    .selectFrom('share_grant as grant')
    .innerJoin('share', 'share.share_id', 'grant.share_id')
    .innerJoin('package', 'package.package_id', 'share.package_id')
    .innerJoin('department', 'department.department_id', 'share.department_id')
    .innerJoin('organisation', 'organisation.organisation_id', 'department.organisation_id')
    .leftJoin('server_secret', 'server_secret.share_id', 'share.share_id')
    .select([
      'grant.grant_id',
      'grant.recipient_id',
      'grant.language',
      'recipient_right',
      'two_factor',
      'sealed_contact',
      'wrong_codes',
      'blocked_at',
      'opened_at',
      'share.share_id',
      'share.department_id',
      'share.workstation_id',
      'sealed_details',
      'share.terms',
      'delivered_at',
      'expires_at',
      'ended_by',
      'secret',
      'server_secret.account_slot',
      'package.package_id',
      'manifest_sha256',
      'parts',
      'department.name as department',
      'policy',
      'organisation.name as organisation',
    ])
    .where(column === 'token_sha256' ? 'grant.token_sha256' : 'grant.grant_id', '=', value)
    .executeTakeFirst()
}

async function findGrant(
  relay: RelayContext,
  column: 'token_sha256' | 'grant_id',
  value: Buffer | string,
): Promise<LiveGrant | null> {
  const row = await grantRow(relay, column, value)
  if (row === undefined || row.ended_by === 'withdrawn') return null
  if (row.ended_by === 'expired' || (row.expires_at !== null && row.expires_at <= relay.now())) {
    throw new OutpostError('link-expired', {
      contact: row.policy.contact,
      department: row.department,
      organisation: row.organisation,
      language: row.language,
    })
  }
  if (row.secret === null || row.account_slot === null) return null
  const secret = { keys: relay.keys, secret: row.secret, shareId: row.share_id }
  return {
    grantId: row.grant_id,
    recipientId: row.recipient_id,
    language: row.language,
    right: row.recipient_right,
    twoFactor: row.two_factor,
    blocked: row.blocked_at !== null,
    opened: row.opened_at !== null,
    wrongCodes: row.wrong_codes,
    shareId: row.share_id,
    departmentId: row.department_id,
    workstationId: row.workstation_id,
    terms: RelayTerms.parse(row.terms),
    deliveredAt: row.delivered_at,
    expiresAt: row.expires_at,
    department: row.department,
    organisation: row.organisation,
    policy: row.policy,
    package: { packageId: row.package_id, manifestSha256: row.manifest_sha256, parts: row.parts },
    details: openDetails(secret, row.sealed_details),
    contact: openContact(secret, row.grant_id, row.sealed_contact),
    secret,
    identity: unwrapAccountSlot(row.account_slot, {
      relayKey: relay.keys.relayKey,
      serverSecret: row.secret,
      shareId: row.share_id,
    }),
  }
}
