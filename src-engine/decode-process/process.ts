/**
 * The entry of a decode process. It executes one task after another. The program that started it ends it, or the
 * process ends itself when its memory or its time is used up.
 */
import { Worker } from 'node:worker_threads'
import { copiedBytes, plainBytes } from '../../src-core/bytes.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { warmUpCodecs } from '../decode/native-codecs.ts'
import { runTask, type ProcessMessage, type Task, type TaskMessage, type TaskResult } from './task.ts'

/** The message port of Electron's utility processes; a forked process has process.send. */
interface ParentPort {
  on(event: 'message', listener: (event: { data: unknown }) => void): void
  postMessage(message: unknown): void
}
const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort

const MIB = 1024 * 1024

function send(message: ProcessMessage): void {
  if (parentPort) parentPort.postMessage(message)
  else process.send?.(message)
}

/**
 * Removes unused memory from a result, because serializing a view copies the whole buffer behind it. The result has
 * plain bytes, never a Buffer.
 */
function withoutUnusedMemory(result: TaskResult): TaskResult {
  if ('pixels' in result)
    return {
      ...result,
      pixels:
        result.pixels.buffer.byteLength === result.pixels.byteLength
          ? plainBytes(result.pixels)
          : copiedBytes(result.pixels),
    }
  if ('bytes' in result) return { ...result, bytes: copiedBytes(result.bytes) }
  return result
}

/** The task with plain bytes, because a message delivers a caller's Buffer as a Buffer. */
function withPlainBytes(task: Task): Task {
  return 'bytes' in task.source ? { ...task, source: { bytes: plainBytes(task.source.bytes) } } : task
}

const [memoryLimit = 0, timeBase = 0, timePerMiB = 0] = process.argv.slice(2).map(Number)
/**
 * Values for the watching thread: the number of the task, its time limit in milliseconds, and the processor time of
 * this process at which the limit is reached (0 when there is no task).
 */
const watched = new Float64Array(new SharedArrayBuffer(24))

async function executeTask({ id, task }: TaskMessage): Promise<void> {
  if (timeBase > 0) {
    const { user, system } = process.cpuUsage()
    watched.set([id, timeBase, (user + system) / 1000 + timeBase])
  }
  try {
    send({
      type: 'done',
      id,
      result: withoutUnusedMemory(
        await runTask(withPlainBytes(task), (bytes) => {
          if (watched[2]! > 0) for (const limit of [1, 2]) watched[limit]! += (bytes / MIB) * timePerMiB
          // No message is sent for a small frame, because it would cost more than the small change of the limit is
          // worth.
          if (bytes > MIB) send({ type: 'expect', id, bytes })
        }),
      ),
    })
  } catch (error) {
    if (error instanceof OutpostError) send({ type: 'failed', id, code: error.code, detail: { ...error.detail } })
    else if (error instanceof RangeError && /alloc|length/i.test(error.message))
      send({ type: 'failed', id, code: 'decode-out-of-memory', detail: {} })
    else
      send({
        type: 'failed',
        id,
        code: 'decode-failed',
        detail: { reason: error instanceof Error ? error.name : 'unknown' },
      })
  } finally {
    watched[2] = 0
  }
}

/**
 * Starts a thread that watches the process, because no timer runs while a decoder works. The thread sees the memory of
 * the whole process, with WebAssembly and Buffers. It measures processor time, so that frames are not late only because
 * the machine is busy. A process that waits without computing, for example for a drive that does not answer, has ten
 * times as long by the thread's own ticks, which are also late on a busy machine. The signal says which limit was
 * reached.
 */
function startWatchThread(): void {
  const source = `const { workerData: { memoryLimit, watched } } = require("node:worker_threads")
    let task = 0
    let ticks = 0
    setInterval(() => {
      if (memoryLimit > 0 && process.memoryUsage.rss() > memoryLimit) process.kill(process.pid, "SIGKILL")
      const limit = watched[2]
      if (limit === 0) return
      if (watched[0] !== task) ticks = 0
      task = watched[0]
      ticks += 1
      const { user, system } = process.cpuUsage()
      const late = (user + system) / 1000 > limit || ticks * 25 > watched[1] * 10
      // The task may have ended in the meantime: its limit is read once, and again before anything is done about it.
      if (late && watched[2] === limit) process.kill(process.pid, "SIGTERM")
    }, 25)`
  new Worker(source, { eval: true, workerData: { memoryLimit, watched } }).unref()
}

if (memoryLimit > 0 || timeBase > 0) startWatchThread()
if (parentPort) {
  parentPort.on('message', (event) => void executeTask(event.data as TaskMessage))
} else {
  process.on('message', (message) => void executeTask(message as TaskMessage))
  process.on('disconnect', () => process.exit(0))
}
send({ type: 'ready' })
warmUpCodecs()
