/** Entry of a decode process: takes one task after another, and is ended by whoever started it, or by itself when its memory is spent. */
import { Worker } from 'node:worker_threads'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { warmUpCodecs } from './native-codecs.ts'
import { runTask, type ProcessMessage, type TaskMessage, type TaskResult } from './task.ts'

/** How Electron's utility processes speak; a forked process has process.send. */
interface ParentPort { on(event: 'message', listener: (event: { data: unknown }) => void): void; postMessage(message: unknown): void }
const parentPort = (process as unknown as { parentPort?: ParentPort }).parentPort

function send(message: ProcessMessage): void {
  if (parentPort) parentPort.postMessage(message)
  else process.send?.(message)
}

/** Serialising a view copies all of the buffer behind it. */
function compact(result: TaskResult): TaskResult {
  if ('pixels' in result && result.pixels.buffer.byteLength !== result.pixels.byteLength) return { ...result, pixels: result.pixels.slice() }
  if ('bytes' in result) return { ...result, bytes: new Uint8Array(result.bytes) }
  return result
}

async function handle({ id, task }: TaskMessage): Promise<void> {
  try {
    send({ type: 'done', id, result: compact(await runTask(task, (bytes) => send({ type: 'expect', id, bytes }))) })
  } catch (error) {
    if (error instanceof OutpostError) send({ type: 'failed', id, code: error.code, detail: { ...error.detail } })
    else if (error instanceof RangeError && /alloc|length/i.test(error.message)) send({ type: 'failed', id, code: 'decode-out-of-memory', detail: {} })
    else send({ type: 'failed', id, code: 'decode-failed', detail: { reason: error instanceof Error ? error.name : 'unknown' } })
  }
}

/** A decoder at work lets no timer run, so a thread of its own watches; what it sees is the memory of the whole process, WebAssembly and Buffers included. */
function watchMemory(limit: number): void {
  const source = 'const { workerData } = require("node:worker_threads"); setInterval(() => { if (process.memoryUsage.rss() > workerData) process.kill(process.pid, "SIGKILL") }, 25)'
  new Worker(source, { eval: true, workerData: limit }).unref()
}

const memoryLimit = Number(process.argv[2])
if (memoryLimit > 0) watchMemory(memoryLimit)
if (parentPort) {
  parentPort.on('message', (event) => void handle(event.data as TaskMessage))
} else {
  process.on('message', (message) => void handle(message as TaskMessage))
  process.on('disconnect', () => process.exit(0))
}
send({ type: 'ready' })
warmUpCodecs()
