/**
 * Ends a process at each moment of a commit of a share: a share that was reported as committed is complete, and no
 * other share is stored in part.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it, onTestFinished } from 'vitest'
import { openStorage } from '../../src-main/storage/open-storage.ts'

const address = (file: string) => JSON.stringify(new URL(file, import.meta.url).href)

/** Commits one share with the real worker and another with the one that dies; prints a line before and after each. */
const program = (folder: string) => `
  import { openStorage } from ${address('../../src-main/storage/open-storage.ts')}
  const instance = (n) => ({
    StudyInstanceUID: '1.2.' + (n % 3), SeriesInstanceUID: '1.2.3', SOPInstanceUID: '1.2.3.' + n,
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.2', size: 1000, PatientName: 'SAMPLE^Patient', PatientID: '1', kind: 'image',
    IssuerOfPatientID: '', PatientBirthDate: '', StudyDescription: '', StudyDate: '',
  })
  for (const entry of [${address('../../src-main/storage/worker.ts')}, ${address('dying-worker.ts')}]) {
    const storage = await openStorage({ entry: new URL(entry), dataFolder: ${JSON.stringify(folder)} })
    const shareId = crypto.randomUUID()
    const createdAt = new Date().toISOString()
    process.stdout.write('begun ' + shareId + '\\n')
    await storage.ledger.commit({
      record: { shareId, createdAt,
        actor: { staffId: 's', name: 'Sample', organisationId: 'o', departmentId: 'd', workstationId: 'w' },
        mailLanguage: 'en',
        terms: { reason: 'x', patientAgreed: true, right: 'images-read-report', urgent: false, message: '' },
        recipients: [{ recipientId: 'r1', kind: 'user', familyName: 'Sample' }], instances: [1, 2, 3].map(instance) },
      stars: [], undoUntil: createdAt,
    })
    process.stdout.write('acknowledged ' + shareId + '\\n')
    await storage.close()
  }`

function kept(folder: string) {
  const database = new Database(join(folder, 'ledger.db'))
  const column = (sql: string) => new Set(database.prepare<[], string>(sql).pluck().all())
  try {
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    const shares = column('SELECT shareId FROM share')
    for (const table of ['share_selection', 'consent', 'outbox', 'share_grant'])
      expect(column(`SELECT shareId FROM ${table}`), table).toEqual(shares)
    expect(column(`SELECT subject FROM audit_entry WHERE action = 'share'`)).toEqual(shares)
    return shares
  } finally {
    database.close()
  }
}

it('W6: every acknowledged share survives a kill at any moment, with consent, log and outbox item', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'outpost-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'commit-shares.mjs')
  writeFileSync(file, program(folder))
  const shares = { begun: [] as string[], acknowledged: [] as string[] }

  async function committing(dies: string) {
    const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, OUTPOST_DIES: dies },
    })
    let text = ''
    child.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString()
    })
    await once(child, 'close')
    const said = (word: string) => [...text.matchAll(new RegExp(`^${word} (.+)$`, 'gm'))].map((match) => match[1]!)
    shares.begun.push(...said('begun'))
    shares.acknowledged.push(...said('acknowledged'))
    return { signal: child.signalCode, statements: Number(said('statements')[0]) }
  }

  const { signal, statements } = await committing('never')
  expect(signal).toBeNull()
  // The statements write the share, its selection, a consent, a grant, the audit log and the outbox item.
  expect(statements).toBeGreaterThanOrEqual(6)
  for (const dies of ['1', String(statements >> 1), String(statements)]) {
    expect((await committing(dies)).signal, dies).toBe('SIGKILL')
    expect([...kept(folder)].toSorted(), `killed after statement ${dies}`).toEqual(shares.acknowledged.toSorted())
  }
  expect((await committing('committed')).signal).toBe('SIGKILL')
  const last = shares.begun.at(-1)!
  expect(shares.acknowledged).not.toContain(last)
  expect([...kept(folder)].toSorted()).toEqual([...shares.acknowledged, last].toSorted())

  const storage = await openStorage({
    entry: new URL('../../src-main/storage/worker.ts', import.meta.url),
    dataFolder: folder,
  })
  expect(await storage.audit.verify()).toMatchObject({ ok: true, entries: shares.acknowledged.length + 1 })
  await storage.close()
  // Each of the five processes loads the program and opens the databases twice.
}, 300_000)
