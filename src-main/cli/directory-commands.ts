/** The output of `directory import FILE` and `directory search TEXT`. */
import { readFile } from 'node:fs/promises'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import { readDirectory } from '../../src-engine/directory/read-directory.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { toRecipientView } from '../sharing/recipient-view.ts'
import { tenantOf } from '../staff/session.ts'
import type { Storage } from '../storage/open-storage.ts'

export interface DirectoryImport {
  readonly read: number
  readonly added: number
  readonly changed: number
  readonly total: number
  readonly skipped: readonly { readonly place: string; readonly field: string }[]
}

/** Imports a CSV file, or a FHIR R4 bundle (X9). @error directory-file-unreadable */
export async function importDirectory(
  storage: Pick<Storage, 'directory' | 'staff' | 'audit'>,
  file: string,
  now: Date,
): Promise<DirectoryImport> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    throw new OutpostError('directory-file-unreadable', {}, { cause: error })
  }
  const { entries, skipped } = readDirectory(text)
  const counts = await storage.directory.put(entries)
  const enrolment = await storage.staff.enrolment()
  await storage.audit.append({
    at: now.toISOString(),
    actor: { kind: 'program', id: 'outpost', name: 'Outpost' },
    ...(enrolment ? tenantOf(enrolment) : { organisationId: '', departmentId: '', workstationId: '' }),
    action: 'directory-import',
    subject: 'directory',
    detail: { read: entries.length, ...counts, skipped: skipped.length },
  })
  return { read: entries.length, ...counts, skipped }
}

export type FoundRecipient = Omit<RecipientView, 'recipientId' | 'favourite'> & { readonly id: string }

/** Finds recipients as the share panel does: contacts that are not public are masked. */
export async function searchDirectory(
  storage: Pick<Storage, 'directory'>,
  text: string,
  limit = 20,
): Promise<FoundRecipient[]> {
  return (await storage.directory.search(text, limit)).map((entry) => {
    const { recipientId, favourite: _, ...view } = toRecipientView(entry, new Set())
    return { id: recipientId, ...view }
  })
}
