/**
 * Entry of a decode process: takes one task after another, and is ended by whoever started it, or by itself when its
 * memory or its time is spent.
 */
import { Worker } from 'node:worker_threads'
import { copiedBytes, plainBytes } from '../../src-core/bytes.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { warmUpCodecs } from '../decode/native-codecs.ts'
import { runTask, type ProcessMessage, type Task, type TaskMessage, type TaskResult } from './task.ts'

/** How Electron's utility processes speak; a forked process has process.send. */
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

/** Serialising a view copies all of the buffer behind it. What leaves is plain bytes, so that nobody meets a Buffer. */
function compact(result: TaskResult): TaskResult {
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

/** A message brings a caller's Buffer as one: in here all bytes are plain. */
function received(task: Task): Task {
  return 'bytes' in task.source ? { ...task, source: { bytes: plainBytes(task.source.bytes) } } : task
}

const [memoryLimit = 0, timeBase = 0, timePerMiB = 0] = process.argv.slice(2).map(Number)
/**
 * Read by the watching thread: the task's number, its milliseconds, and the processor's time of this process when they
 * are over (0: nothing is worked on).
 */
const watched = new Float64Array(new SharedArrayBuffer(24))

async function handle({ id, task }: TaskMessage): Promise<void> {
  if (timeBase > 0) {
    const { user, system } = process.cpuUsage()
    watched.set([id, timeBase, (user + system) / 1000 + timeBase])
  }
  try {
    send({
      type: 'done',
      id,
      result: compact(
        await runTask(received(task), (bytes) => {
          if (watched[2]! > 0) for (const limit of [1, 2]) watched[limit]! += (bytes / MIB) * timePerMiB
          // What is said of a frame that changes next to nothing costs more than the frame's thumbnail gains.
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
 * A decoder at work lets no timer run, so a thread of its own watches. What it sees is the whole process: memory with
 * WebAssembly and Buffers, and
 * time as the processor counts it, so that a machine with too much to do does not make honest frames late. Who waits
 * without computing, for a drive
 * that does not answer, has ten times as long by the thread's own ticks, which come late on such a machine too. The
 * signal says which limit it was.
 */
function watch(): void {
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

if (memoryLimit > 0 || timeBase > 0) watch()
if (parentPort) {
  parentPort.on('message', (event) => void handle(event.data as TaskMessage))
} else {
  process.on('message', (message) => void handle(message as TaskMessage))
  process.on('disconnect', () => process.exit(0))
}
send({ type: 'ready' })
warmUpCodecs()
