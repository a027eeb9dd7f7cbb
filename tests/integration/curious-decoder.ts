/**
 * A decode process that acts as if hostile bytes control it: it tries what the path names, and says whether it
 * succeeded.
 */
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import type { TaskMessage } from '../../src-engine/decode-process/task.ts'

const tries: Record<string, (path: string) => unknown> = {
  environment: () => process.env['OUTPOST_PASSPHRASE'],
  read: (path) => readFileSync(path),
  write: (path) => writeFileSync(path, 'taken'),
  start: () => spawnSync(process.execPath, ['--version']).status === 0,
}

process.on('message', ({ id, task }: TaskMessage) => {
  const [what = '', path = ''] = 'path' in task.source ? task.source.path.split('|') : []
  let could = false
  try {
    const succeeded = tries[what]!(path)
    could = what === 'write' || Boolean(succeeded)
  } catch {
    could = false
  }
  process.send!({ type: 'done', id, result: { Rows: could ? 1 : 0 } })
})
process.send!({ type: 'ready' })
