/**
 * Runs one import in its thread: finds the instances, waits for the person's choices, and copies the files. It writes
 * only into its staging folder.
 */
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { failureCode } from './file-failure.ts'
import { copyFiles } from './import-copy.ts'
import { COPIES, type FromImporter, type ImportData, type ImportProgress, type ToImporter } from './import-messages.ts'
import { scanSource, type ScanHooks } from './import-scan.ts'
import { READY } from '../library-thread.ts'

const PROGRESS_MS = 100

const port = parentPort
if (!port) throw new Error('an import runs as a worker thread')
const { source, staging } = workerData as ImportData
const say = (message: FromImporter): void => port.postMessage(message)
let cancelled = false
let lastReported = 0
let chosen: (message: Extract<ToImporter, { kind: 'copy' }> | null) => void = () => {}
const choice = new Promise<Extract<ToImporter, { kind: 'copy' }> | null>((resolve) => (chosen = resolve))

port.on('message', (message: ToImporter) => {
  if (message.kind === 'cancel') cancelled = true
  chosen(message.kind === 'copy' ? message : null)
})

const hooks: ScanHooks = {
  progress(progress: ImportProgress) {
    if (performance.now() - lastReported < PROGRESS_MS) return
    lastReported = performance.now()
    say({ kind: 'progress', progress })
  },
  check() {
    if (cancelled) throw new OutpostError('cancelled')
  },
}

say(READY)
try {
  mkdirSync(staging, { recursive: true, mode: 0o700 })
  const { found, files, ours } = await scanSource(source, staging, hooks)
  if (files.length === 0) throw new OutpostError('import-nothing-found')
  say({ kind: 'found', found })
  const copy = await choice
  hooks.check()
  if (copy) {
    const stamp = { ...copy.stamp, ModifyingSystem: 'OUTPOST', SourceOfPreviousValues: 'IMPORTED MEDIA' }
    await copyFiles({ files, acts: copy.acts, stamp, ours }, path.join(staging, COPIES), hooks)
    say({ kind: 'copied' })
  }
} catch (error) {
  say({ kind: 'failed', code: failureCode(error) })
}
port.close()
