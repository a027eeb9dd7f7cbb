/** Reads directory entries from a CSV file (X9). */
import { parse } from 'csv-parse/sync'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import { internationalNumber } from '../../src-core/directory/phone-number.ts'

export interface DirectoryFile {
  readonly entries: DirectoryEntry[]
  /**
   * Rows or resources that are not valid entries: their place, and the column or element with the error, never their
   * values.
   */
  readonly skipped: readonly { readonly place: string; readonly field: string }[]
}

/**
 * The fields by column names, in lower case without spaces, dashes and underscores. Every other column is a system of
 * professional numbers.
 */
const COLUMNS: Readonly<Record<string, string>> = {
  id: 'recipientId',
  recipientid: 'recipientId',
  kind: 'kind',
  type: 'kind',
  familyname: 'familyName',
  lastname: 'familyName',
  name: 'familyName',
  surname: 'familyName',
  givenname: 'givenName',
  firstname: 'givenName',
  prefix: 'prefix',
  title: 'prefix',
  specialty: 'specialty',
  speciality: 'specialty',
  organisation: 'organisation',
  organization: 'organisation',
  city: 'city',
  email: 'email',
  mail: 'email',
  emailpublic: 'emailPublic',
  mobile: 'mobile',
  phone: 'mobile',
  mobilepublic: 'mobilePublic',
  language: 'language',
  rank: 'rank',
  numbers: 'numbers',
}
const TRUE_VALUES = new Set(['1', 'true', 'yes', 'y', 'x'])

/**
 * Reads a CSV file (RFC 4180; comma, semicolon or tab) whose first row names its columns. The column `numbers` has
 * pairs of the form `SYSTEM:value`, separated by `|`. Without a column for the id, the first professional number is the
 * id of the entry.
 * @error directory-file-unreadable when the header has no column for a name, or there is no row
 */
export function readDirectoryCsv(text: string): DirectoryFile {
  const rows = csvRows(text)
  const header = rows
    .shift()
    ?.cells.map((cell) => ({ title: cell.trim(), field: COLUMNS[cell.toLowerCase().replace(/[\s_-]/g, '')] }))
  if (!header?.some(({ field }) => field === 'familyName') || rows.length === 0)
    throw new OutpostError('directory-file-unreadable', { line: 1 })
  const entries: DirectoryEntry[] = []
  const skipped: { place: string; field: string }[] = []
  for (const { cells, line } of rows) {
    const fields: Record<string, string> = {}
    const numbers: { system: string; value: string }[] = []
    header.forEach(({ title, field }, column) => {
      const value = (cells[column] ?? '').trim()
      if (value === '') return
      if (field === 'numbers') numbers.push(...numberPairs(value))
      else if (field) fields[field] = value
      else if (title !== '') numbers.push({ system: title, value })
    })
    const first = numbers[0]
    const parsed = DirectoryEntry.safeParse({
      kind: 'user',
      ...fields,
      numbers,
      recipientId: fields.recipientId ?? (first ? `${first.system}:${first.value}` : ''),
      language: fields.language?.toLowerCase().slice(0, 2) ?? null,
      rank: Number(fields.rank ?? 0),
      mobile: fields.mobile ? internationalNumber(fields.mobile) : '',
      emailPublic: TRUE_VALUES.has(fields.emailPublic?.toLowerCase() ?? ''),
      mobilePublic: TRUE_VALUES.has(fields.mobilePublic?.toLowerCase() ?? ''),
    })
    if (parsed.success && parsed.data.familyName !== '') entries.push(parsed.data)
    else
      skipped.push({
        place: `line ${line}`,
        field: parsed.success ? 'familyName' : String(parsed.error.issues[0]?.path[0] ?? ''),
      })
  }
  return { entries, skipped }
}

function numberPairs(value: string): { system: string; value: string }[] {
  return value.split('|').flatMap((pair) => {
    const at = pair.indexOf(':')
    return at > 0 ? [{ system: pair.slice(0, at).trim(), value: pair.slice(at + 1).trim() }] : []
  })
}

/**
 * The rows of cells, with the line on which each begins. Empty rows are left out.
 * @error directory-file-unreadable for a quoted cell without an end
 */
function csvRows(text: string): { cells: string[]; line: number }[] {
  const firstLine = text.slice(0, Math.max(text.search(/[\r\n]/), 0) || text.length)
  const delimiter = [';', '\t', ','].toSorted(
    (left, right) => firstLine.split(right).length - firstLine.split(left).length,
  )[0]!
  const rows: { cells: string[]; line: number }[] = []
  let line = 1
  try {
    parse(text.replace(/\r\n?/g, '\n'), {
      delimiter,
      bom: true,
      relax_column_count: true,
      relax_quotes: true,
      on_record: (cells: string[], { lines }) => {
        if (cells.some((cell) => cell !== '')) rows.push({ cells, line })
        line = lines + 1
        return null
      },
    })
    return rows
  } catch (cause) {
    throw new OutpostError('directory-file-unreadable', { line }, { cause })
  }
}
