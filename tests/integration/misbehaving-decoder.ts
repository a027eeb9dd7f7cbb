/** A decode process that does what its path says: hang, exit, abort, answer nonsense, or answer correctly. */
import type { TaskMessage } from '../../src-engine/decode-process/task.ts'

process.on('message', ({ id, task }: TaskMessage) => {
  const word = 'path' in task.source ? task.source.path : ''
  if (word === 'hang')
    for (;;) {
      /* as a decoder that never returns */
    }
  if (word === 'die') process.exit(3)
  if (word === 'abort') process.abort()
  process.send!({ type: 'done', id: id + 1000, result: { Rows: 0 } })
  process.send!({ type: 'done', id, result: { Rows: process.pid } })
})
process.send!({ type: 'ready' })
