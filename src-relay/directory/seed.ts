/** Applies the seed file: organisations, departments, staff, codes, directory. Applying it again changes nothing. */
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { hash, verify } from '@node-rs/argon2'
import { generateX25519Identity, identityToRecipient } from 'age-encryption'
import { z } from 'zod'
import { parseJson } from '../../src-core/parse-json.ts'
import type { RelayActor } from '../../src-core/audit/relay-entry.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { readDirectory } from '../../src-engine/directory/read-directory.ts'
import { sha256 } from '../sealing/relay-keys.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { record } from '../audit/relay-log.ts'
import { appendEvent } from '../feed/feed-events.ts'
import type { DatabaseTransaction } from '../ports/database.ts'
import { canonical } from './canonical-json.ts'
import { normaliseCode } from './enrolment.ts'
import { replaceDirectory } from './directory.ts'
import { Seed, type SeedDepartment, type SeedOrganisation } from './seed-schema.ts'

/** The actor of changes by the seed file. The log cannot know which person wrote the file. */
const SEED_ACTOR: RelayActor = { kind: 'administrator', id: 'seed' }

/** The advisory lock by which only one process at a time applies the seed file. */
const SEED_LOCK = 7_203_002

/** @error organisation-recipient-missing, directory-file-unreadable */
export async function applySeed(context: RelayContext, file: string): Promise<void> {
  const seed = Seed.parse(parseJson(await readFile(file, 'utf8'), z.unknown(), 'directory-file-unreadable'))
  for (const organisation of seed.organisations) {
    const entries =
      organisation.directory === undefined ? null : await directoryEntries(organisation.directory, dirname(file))
    await context.db.transaction().execute(async (transaction) => {
      await lockSeed(transaction)
      await seedOrganisation(context, transaction, organisation)
      for (const department of organisation.departments)
        await seedDepartment(transaction, organisation.organisationId, department, context.now())
      if (entries !== null && (await replaceDirectory(transaction, organisation.organisationId, entries))) {
        for (const { departmentId } of organisation.departments)
          await appendEvent(transaction, { type: 'directory', departmentId, at: context.now(), by: SEED_ACTOR })
      }
    })
  }
}

/** @error directory-file-unreadable */
async function directoryEntries(
  directory: NonNullable<SeedOrganisation['directory']>,
  folder: string,
): Promise<DirectoryEntry[]> {
  if ('entries' in directory) return directory.entries
  const text = await readFile(join(folder, directory.file), 'utf8').catch((cause: unknown) => {
    throw new OutpostError('directory-file-unreadable', {}, { cause })
  })
  return [...readDirectory(text).entries]
}

async function lockSeed(transaction: DatabaseTransaction): Promise<void> {
  await transaction
    .selectNoFrom((expression) => expression.fn('pg_advisory_xact_lock', [expression.val(SEED_LOCK)]).as('locked'))
    .execute()
}

async function seedOrganisation(
  context: RelayContext,
  transaction: DatabaseTransaction,
  organisation: SeedOrganisation,
): Promise<void> {
  const { organisationId, name } = organisation
  const recipient = organisation.recipient ?? (await demonstrationRecipient(context, transaction, organisation))
  await transaction
    .insertInto('organisation')
    .values({ organisation_id: organisationId, name, recipient })
    .onConflict((conflict) => conflict.column('organisation_id').doUpdateSet({ name, recipient }))
    .execute()
}

/**
 * Makes the organisation key of a demonstration, and keeps only its public half: a demonstration never needs the
 * private one. Outside a demonstration an administrator makes the key with `outpost organisation-key`.
 * @error organisation-recipient-missing
 */
async function demonstrationRecipient(
  { config }: RelayContext,
  transaction: DatabaseTransaction,
  { organisationId, name }: SeedOrganisation,
): Promise<string> {
  if (config.demonstration !== true) throw new OutpostError('organisation-recipient-missing', { organisation: name })
  const stored = await transaction
    .selectFrom('organisation')
    .select('recipient')
    .where('organisation_id', '=', organisationId)
    .executeTakeFirst()
  return stored?.recipient ?? identityToRecipient(await generateX25519Identity())
}

async function seedDepartment(
  transaction: DatabaseTransaction,
  organisationId: string,
  department: SeedDepartment,
  now: Date,
): Promise<void> {
  const { departmentId, name } = department
  const policy = JSON.stringify(department.policy)
  const storedDepartment = await transaction
    .selectFrom('department')
    .select('policy')
    .where('department_id', '=', departmentId)
    .executeTakeFirst()
  await transaction
    .insertInto('department')
    .values({ department_id: departmentId, organisation_id: organisationId, name, policy })
    .onConflict((conflict) => conflict.column('department_id').doUpdateSet({ name, policy }))
    .execute()
  if (storedDepartment === undefined)
    await record(transaction, {
      at: now,
      actor: SEED_ACTOR,
      action: 'department',
      organisationId,
      departmentId,
      detail: {},
    })
  else if (canonical(storedDepartment.policy) !== canonical(department.policy))
    await appendEvent(transaction, { type: 'policy', departmentId, at: now, by: SEED_ACTOR })
  let staffChanged = false
  for (const staff of department.staff)
    staffChanged = (await seedStaff(transaction, departmentId, staff)) || staffChanged
  if (storedDepartment !== undefined && staffChanged)
    await appendEvent(transaction, { type: 'staff', departmentId, at: now, by: SEED_ACTOR })
  for (const code of department.enrolmentCodes) {
    await transaction
      .insertInto('enrolment_code')
      .values({
        code_sha256: sha256(normaliseCode(code)),
        department_id: departmentId,
        created_at: now,
        used_at: null,
        used_by: null,
      })
      .onConflict((conflict) => conflict.doNothing())
      .execute()
  }
}

/** @returns whether anything differs from the stored row */
async function seedStaff(
  transaction: DatabaseTransaction,
  departmentId: string,
  staff: SeedDepartment['staff'][number],
): Promise<boolean> {
  const storedMember = await transaction
    .selectFrom('staff')
    .selectAll()
    .where('staff_id', '=', staff.staffId)
    .executeTakeFirst()
  const passwordUnchanged =
    storedMember !== undefined &&
    (staff.password === undefined
      ? storedMember.password_hash === staff.passwordHash
      : await verify(storedMember.password_hash, staff.password))
  if (
    passwordUnchanged &&
    storedMember.name === staff.name &&
    storedMember.role === staff.role &&
    storedMember.language === staff.language &&
    storedMember.department_id === departmentId
  )
    return false
  const values = {
    department_id: departmentId,
    name: staff.name,
    role: staff.role,
    language: staff.language,
    password_hash: passwordUnchanged
      ? storedMember.password_hash
      : (staff.passwordHash ?? (await hash(staff.password ?? '', { memoryCost: 19_456, timeCost: 2, parallelism: 1 }))),
  }
  await transaction
    .insertInto('staff')
    .values({ staff_id: staff.staffId, ...values })
    .onConflict((conflict) => conflict.column('staff_id').doUpdateSet(values))
    .execute()
  return true
}
