/**
 * A process that commits shares is killed at any moment: what it said was committed is there, whole, and nothing is
 * there in part.
 */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { openStorage } from '../../src-main/storage/open-storage.ts'

const program = (folder: string) => `
  import { openStorage } from ${JSON.stringify(new URL('../../src-main/storage/open-storage.ts', import.meta.url).href)}
  const storage = await openStorage({ entry: new URL(${JSON.stringify(new URL('../../src-main/storage/worker.ts', import.meta.url).href)}), dataFolder: ${JSON.stringify(folder)} })
  const instance = (n) => ({ StudyInstanceUID: '1.2.' + (n % 3), SeriesInstanceUID: '1.2.3', SOPInstanceUID: '1.2.3.' + n, size: 1000, PatientName: 'SAMPLE^Patient', PatientID: '1', StudyDescription: '', StudyDate: '' })
  for (;;) {
    const shareId = crypto.randomUUID()
    const createdAt = new Date().toISOString()
    await storage.ledger.commit({
      record: { shareId, createdAt, actor: { staffId: 's', name: 'Sample', organisationId: 'o', departmentId: 'd', workstationId: 'w' }, mailLanguage: 'en',
        terms: { reason: 'x', patientAgreed: true, urgent: false, message: '' }, recipients: [{ recipientId: 'r1', familyName: 'Sample' }], instances: [1, 2, 3].map(instance) },
      stars: [], undoUntil: createdAt,
    })
    process.stdout.write(shareId + '\\n')
    await storage.ledger.runnable(new Date(Date.now() + 60_000).toISOString())
  }`

it('W6: every share that was acknowledged survives a kill at any moment, with consent, log and outbox item', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'outpost-kill-'))
  const acknowledged: string[] = []
  const file = join(folder, 'commit-shares.mjs')
  writeFileSync(file, program(folder))
  try {
    for (const killAfterMs of [30, 90, 160]) {
      const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let text = ''
      let first = () => {}
      const writing = new Promise<void>((resolve) => {
        first = resolve
      })
      child.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString()
        first()
      })
      const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
      await Promise.race([writing, ended])
      await new Promise((resolve) => setTimeout(resolve, killAfterMs))
      child.kill('SIGKILL')
      await ended
      acknowledged.push(...text.split('\n').slice(0, -1))
    }
    expect(acknowledged.length).toBeGreaterThan(3)
    const database = new Database(join(folder, 'ledger.db'))
    const ids = (table: string) =>
      new Set(
        database
          .prepare<[], { shareId: string }>(`SELECT shareId FROM ${table}`)
          .all()
          .map((row) => row.shareId),
      )
    const logged = new Set(
      database
        .prepare<[], { subject: string }>(`SELECT subject FROM audit_entry WHERE action = 'share'`)
        .all()
        .map((row) => row.subject),
    )
    const shares = ids('share')
    expect(acknowledged.filter((shareId) => !shares.has(shareId))).toEqual([])
    for (const table of ['share_selection', 'consent', 'outbox', 'share_grant']) expect(ids(table)).toEqual(shares)
    expect(logged).toEqual(shares)
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok')
    database.close()
    const storage = await openStorage({
      entry: new URL('../../src-main/storage/worker.ts', import.meta.url),
      dataFolder: folder,
    })
    expect(await storage.audit.verify()).toMatchObject({ ok: true, entries: shares.size })
    await storage.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})
