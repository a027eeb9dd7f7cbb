/** Commands that need a workstation's services: enrol, directory, share, outbox, sync, audit. */
import { enrollCommand, outboxCommand, shareCommand, type SeveralPatients } from './share-commands.ts'
import { termOptions, termsGiven, termUsage } from './term-flags.ts'
import { displayName } from '../../src-core/patient/display-name.ts'
import { verdictText } from './audit-commands.ts'
import { importDirectory, searchDirectory } from './directory-commands.ts'
import { createWorkstation, type Workstation } from '../app/workstation.ts'
import { withCommandLog } from '../audit/command-entry.ts'
import { verifyLog } from '../audit/verify-log.ts'
import { openStorage, type Storage } from '../storage/open-storage.ts'
import { number, string, strings, UsageError, type Command, type Values } from './command.ts'
import { dataFolder } from './data-folder.ts'
import { onShutdown } from './on-shutdown.ts'
import { nodeHost } from '../hosts/node-host.ts'
import type { Program } from '../hosts/program.ts'

async function withStorage<T>(program: Program, values: Values, work: (storage: Storage) => Promise<T>): Promise<T> {
  const storage = await openStorage({ entry: program.entries.storage, dataFolder: dataFolder(values) })
  try {
    return await work(storage)
  } finally {
    await storage.close()
  }
}

async function withWorkstation<T>(
  program: Program,
  values: Values,
  work: (workstation: Workstation) => Promise<T>,
): Promise<T> {
  const workstation = await createWorkstation(
    await nodeHost(program, dataFolder(values), process.env.OUTPOST_PASSPHRASE),
  )
  try {
    return await work(workstation)
  } finally {
    await workstation.close()
  }
}

export const enroll: Command = {
  usage: 'enroll URL CODE',
  words: [2, 2],
  options: {},
  run: ([url = '', code = ''], values, program) =>
    withStorage(program, values, async (storage) => ({
      json: await enrollCommand(
        { storage, host: await nodeHost(program, dataFolder(values), process.env.OUTPOST_PASSPHRASE) },
        url,
        code,
      ),
    })),
}

export const directoryImport: Command = {
  usage: 'directory import FILE',
  words: [1, 1],
  options: {},
  run: ([file = ''], values, program) =>
    withStorage(program, values, async (storage) => {
      const json = await importDirectory(storage, file, new Date())
      return { json, exit: json.skipped.length === 0 ? 0 : 1 }
    }),
}

export const directorySearch: Command = {
  usage: 'directory search TEXT [--limit N]',
  words: [1, 1],
  options: { limit: { type: 'string' } },
  run: ([text = ''], values, program) =>
    withStorage(program, values, async (storage) => ({
      json: await searchDirectory(storage, text, number(values, 'limit')),
    })),
}

export const share: Command = {
  usage: `share STUDY… --as STAFF --to RECIPIENT… ${termUsage} [--several-patients-agreed CODE]`,
  words: [1, Infinity],
  options: {
    as: { type: 'string' },
    to: { type: 'string', multiple: true },
    'several-patients-agreed': { type: 'string' },
    ...termOptions,
  },
  async run(studies, values, program) {
    const as = string(values, 'as')
    if (as === undefined) throw new UsageError('--as names the staff member who shares')
    const { reason = '', patientAgreed = false, ...terms } = termsGiven(values)
    const json = await withWorkstation(program, values, ({ services }) =>
      shareCommand(services, {
        studies,
        as,
        to: strings(values, 'to'),
        reason,
        patientAgreed,
        severalPatientsAgreed: string(values, 'several-patients-agreed'),
        terms,
      }),
    )
    if ('refused' in json) return { json, text: severalPatientsText(json), exit: 1 }
    return { json }
  },
}

function severalPatientsText({ patients, severalPatientsAgreed }: SeveralPatients): string {
  const lines = patients.map(
    ({ PatientName, PatientID, PatientBirthDate }) =>
      `  ${displayName(PatientName) || '(no name)'}, ID ${PatientID || '-'}, born ${PatientBirthDate || '-'}`,
  )
  return [
    `Nothing was shared: these are images of ${patients.length} patients.`,
    ...lines,
    `To share the images of all of them, repeat the command with --several-patients-agreed ${severalPatientsAgreed}`,
  ].join('\n')
}

export const outbox: Command = {
  usage: 'outbox',
  words: [0, 0],
  options: {},
  run: (_words, values, program) =>
    withStorage(program, values, async (storage) => ({ json: await outboxCommand(storage, new Date()) })),
}

/** Sends what can be sent: with --once until no item can proceed, else until the command is ended. */
export const sync: Command = {
  usage: 'sync [--once]',
  words: [0, 0],
  options: { once: { type: 'boolean', default: false } },
  async run(_words, values, program) {
    const workstation = await createWorkstation(
      await nodeHost(program, dataFolder(values), process.env.OUTPOST_PASSPHRASE),
    )
    const { storage } = workstation.services
    if (values.once !== true) {
      onShutdown(() => workstation.close())
      return undefined
    }
    try {
      await settled(workstation)
      const json = await outboxCommand(storage, new Date(), workstation.services.sync)
      return { json, exit: json.every(({ state }) => state === 'delivered' || state === 'cancelled') ? 0 : 1 }
    } finally {
      await workstation.close()
    }
  },
}

/**
 * Resolves when every item is delivered, cancelled, paused or failed, or waits for something that this run cannot
 * provide because the relay cannot be reached.
 */
async function settled({ services: { storage, sync } }: Workstation): Promise<void> {
  for (let quiet = 0; quiet < 20; ) {
    await new Promise((resolve) => setTimeout(resolve, 100))
    const rows = await outboxCommand(storage, new Date(), sync)
    const moving = rows.some(({ state }) =>
      ['held', 'queued', 'preparing', 'prepared', 'uploading', 'confirming'].includes(state),
    )
    const waiting = rows.some(({ state }) => state === 'waiting')
    quiet = moving || (waiting && sync.state().online) ? 0 : quiet + (waiting ? 1 : 5)
  }
}

export const auditVerify: Command = {
  usage: 'audit verify',
  words: [0, 0],
  options: {},
  run: (_words, values, program) =>
    withStorage(program, values, async (storage) => {
      const host = await nodeHost(program, dataFolder(values), process.env.OUTPOST_PASSPHRASE)
      const json = await verifyLog({ storage, host })
      // A log that was changed is left as it was found.
      if (json.finding === 'consistent' || json.finding === 'not-compared')
        await withCommandLog(dataFolder(values), async (record) =>
          record({ action: 'log-read', subject: 'audit', detail: {} }),
        )
      return { json, text: verdictText(json), exit: json.ok ? 0 : 1 }
    }),
}
