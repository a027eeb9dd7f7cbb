/** Commands for the relay's own audit log, run on the relay's machine. */
import type { RelayLogVerdict } from '../../src-relay/audit/examine.ts'
import { number, string, UsageError, type Command, type Values } from './command.ts'
import { defaultDataFolder } from './data-folder.ts'
import { databaseSetting } from './relay-settings.ts'

const DATABASE = { database: { type: 'string' }, 'database-file': { type: 'string' } } as const

function databaseOf(values: Values): { url: string } | { embedded: string } {
  const url = databaseSetting(values)
  return url === undefined ? { embedded: string(values, 'data') ?? defaultDataFolder('outpost-relay') } : { url }
}

/** @throws UsageError */
function headOf(values: Values): { entries: number; head: Buffer } | null {
  const [entries, head] = [number(values, 'entries'), string(values, 'head')]
  if (entries === undefined && head === undefined) return null
  if (entries === undefined || head === undefined || !/^[0-9a-f]{64}$/.test(head))
    throw new UsageError('--entries and --head are the two that an earlier check printed')
  return { entries, head: Buffer.from(head, 'hex') }
}

const FINDINGS: Readonly<Record<RelayLogVerdict['finding'], string>> = {
  consistent: 'The log continues the head that was given.',
  'not-compared':
    'The hashes of the log fit each other. Without --entries and --head of an earlier check the log is not proven.',
  changed: 'The log was changed: its entries do not fit their hashes.',
  emptied: 'The log was emptied: each start of the relay is an entry.',
  shortened: 'The log was shortened or an older copy was put back: the head that was given has more entries.',
  rewritten: 'The log was rewritten: the head that was given is of other entries.',
}

function verdictText({ entries, head, finding, notWitnessed, alarms }: RelayLogVerdict): string {
  return [
    FINDINGS[finding],
    `Keep this elsewhere for the next check: --entries ${entries} --head ${head}`,
    ...(notWitnessed > 0 ? [`${notWitnessed} entries are not covered by the head that was given.`] : []),
    ...alarms.map(
      ({ workstationId, witnessed, alarm }) =>
        `Alarm of ${alarm?.at}: workstation ${workstationId} told a log of ${alarm?.entries} entries that does not ` +
        `continue the ${witnessed?.entries ?? 0} known ones.`,
    ),
  ].join('\n')
}

export const verifyRelayAudit: Command = {
  usage: 'relay-audit verify [--database URL | --database-file FILE] [--entries N --head HEX]',
  words: [0, 0],
  options: { ...DATABASE, entries: { type: 'string' }, head: { type: 'string' } },
  async run(_words, values) {
    const witnessed = headOf(values)
    const { examineRelayLog, withRelayDatabase } = await import('../../src-relay/audit/examine.ts')
    const json = await withRelayDatabase(databaseOf(values), (db) => examineRelayLog(db, witnessed))
    return { json, text: verdictText(json), exit: json.ok && json.alarms.length === 0 ? 0 : 1 }
  },
}

/** Accepts a workstation's log as it is after its ledger was restored from a backup; both logs record it. */
export const acceptRestore: Command = {
  usage: 'relay-audit accept-restore WORKSTATION-ID [--database URL | --database-file FILE]',
  words: [1, 1],
  options: DATABASE,
  async run([workstationId = ''], values) {
    if (!/^[0-9a-f-]{36}$/.test(workstationId)) throw new UsageError('WORKSTATION-ID is what relay-audit verify prints')
    const { withRelayDatabase } = await import('../../src-relay/audit/examine.ts')
    const { acceptRestoredLog } = await import('../../src-relay/audit/workstation-heads.ts')
    await withRelayDatabase(databaseOf(values), (db) => acceptRestoredLog({ db, now: () => new Date() }, workstationId))
    return { json: { workstationId, accepted: true }, text: `The log of workstation ${workstationId} is accepted.` }
  },
}
