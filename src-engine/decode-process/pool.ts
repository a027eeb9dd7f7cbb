/** A few processes that decode: hostile bytes can cost one of them, and the one request it had, never the program. */
import { fork } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DecodedFrame, Imaging, Inspection, PaintedFrame, Rendered } from '../imaging.ts'
import {
  emptyEnvironment,
  INSPECTOR_OPTIONS,
  IS_INSPECTED,
  rightsOf,
  tellInspector,
  type ReadableFiles,
} from './process-rights.ts'
import type { ProcessMessage, Task, TaskResult } from './task.ts'

/**
 * A process that runs process.ts: a fork of Node's, or Electron's utilityProcess, which has these by the same names.
 */
export interface DecodeProcess {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: unknown) => void): unknown
  on(event: 'exit', listener: (code: number | null, signal?: string | null) => void): unknown
  kill(): unknown
  /** Whether the process keeps its parent alive; only while it works. */
  ref?(): void
  unref?(): void
}

export interface ImagingOptions {
  /** Given the arguments for the entry. Absent: a fork of entry. */
  readonly startProcess?: (argv: readonly string[]) => DecodeProcess
  /** Which files a forked process may read besides the program's own; absent: any. */
  readonly files?: ReadableFiles
  /** File of the process entry: process.ts beside this file, or its bundle. */
  readonly entry?: URL
  /** Processes at most. */
  readonly concurrency?: number
  /** Resident bytes at which a process ends itself. */
  readonly memoryLimit?: number
  /**
   * Milliseconds of the processor's time for any request, and more per MiB to decode. The process watches these itself.
   */
  readonly timeLimit?: { readonly base: number; readonly perMiB: number }
  /** How many times timeLimit may pass on the clock before a process is given up that has not ended itself. */
  readonly timeLimitFactor?: number
  /** Number of the first request, 1 unless told: for tests of what happens after many. */
  readonly firstJob?: number
}

interface Job {
  readonly task: Task
  readonly resolve: (result: TaskResult) => void
  readonly reject: (error: OutpostError) => void
}

interface Slot {
  readonly process: DecodeProcess
  job: Job | null
  jobId: number
  ready: boolean
  dead: boolean
  timer: NodeJS.Timeout | null
  allowed: number
  startedAt: number
  /** Path of the last task: its file is still open there. */
  lastPath: string | null
}

/** A process that has not come up after this is given up. */
const START_LIMIT = 60_000
const MIB = 1024 * 1024

/** The pool behind the interface; processes start when they are needed, the first one when it is prepared for. */
export function createImaging(options: ImagingOptions = {}): Imaging {
  const concurrency = options.concurrency ?? Math.min(2, availableParallelism())
  const timeLimit = options.timeLimit ?? { base: 2_000, perMiB: 1_000 }
  const timeLimitFactor = options.timeLimitFactor ?? (IS_INSPECTED ? 100_000 : 100)
  const argv = [options.memoryLimit ?? 2_048 * MIB, IS_INSPECTED ? 0 : timeLimit.base, timeLimit.perMiB].map(String)
  const entry = options.entry ?? new URL('./process.ts', import.meta.url)
  const start = options.startProcess ?? ((given: readonly string[]) => forkProcess(entry, given, options.files))
  const slots = new Set<Slot>()
  const queue: Job[] = []
  let nextId = options.firstJob ?? 1
  let closed = false

  function startSlot(): Slot {
    const slot: Slot = {
      process: start(argv),
      job: null,
      jobId: 0,
      ready: false,
      dead: false,
      timer: null,
      allowed: 0,
      startedAt: 0,
      lastPath: null,
    }
    slots.add(slot)
    slot.process.on('message', (message) => receive(slot, message as ProcessMessage))
    slot.process.on('exit', (code, signal) => end(slot, reasonOfExit(code, signal)))
    return slot
  }

  /** The slot's process is gone or is to go: its job fails, the others go on. */
  function end(slot: Slot, code: 'decode-out-of-memory' | 'decode-failed' | 'decode-timeout' | 'cancelled'): void {
    if (slot.dead) return
    slot.dead = true
    slots.delete(slot)
    if (slot.timer) clearTimeout(slot.timer)
    slot.process.kill()
    slot.job?.reject(new OutpostError(code, code === 'decode-failed' ? { reason: 'process ended' } : {}))
    slot.job = null
    if (!closed) dispatch()
  }

  function watch(slot: Slot, milliseconds: number): void {
    if (slot.timer) clearTimeout(slot.timer)
    // An answer that came while this process was busy is read first.
    slot.timer = setTimeout(
      () =>
        setImmediate(() => {
          if (slot.job && Date.now() - slot.startedAt >= slot.allowed) end(slot, 'decode-timeout')
        }),
      Math.max(1, milliseconds),
    )
  }

  function receive(slot: Slot, message: ProcessMessage): void {
    if (slot.dead) return
    if (message.type === 'ready') {
      slot.ready = true
      if (slot.job) begin(slot)
      return
    }
    if (!slot.job || message.id !== slot.jobId) return
    if (message.type === 'expect') {
      slot.allowed += (message.bytes / MIB) * timeLimit.perMiB * timeLimitFactor
      watch(slot, slot.startedAt + slot.allowed - Date.now())
      return
    }
    const { job } = slot
    slot.job = null
    if (slot.timer) clearTimeout(slot.timer)
    slot.process.unref?.()
    if (message.type === 'done') job.resolve(message.result)
    else job.reject(new OutpostError(message.code, message.detail))
    dispatch()
  }

  function begin(slot: Slot): void {
    slot.startedAt = Date.now()
    slot.allowed = timeLimit.base * timeLimitFactor
    watch(slot, slot.allowed)
    slot.process.postMessage({ id: slot.jobId, task: slot.job!.task })
  }

  function assign(slot: Slot, job: Job): void {
    slot.job = job
    slot.jobId = nextId++
    slot.lastPath = pathOf(job.task)
    slot.process.ref?.()
    if (slot.ready) return begin(slot)
    slot.startedAt = Date.now()
    slot.allowed = START_LIMIT
    watch(slot, START_LIMIT)
  }

  function dispatch(): void {
    while (queue.length > 0 && !closed) {
      const idle = [...slots].filter((slot) => !slot.job)
      // Somebody looks at the frame that is asked for; pictures and listings come in hundreds.
      const next = Math.max(
        0,
        queue.findIndex((job) => job.task.kind === 'decode'),
      )
      const slot =
        idle.find((one) => one.lastPath !== null && one.lastPath === pathOf(queue[next]!.task)) ??
        idle[0] ??
        (slots.size < concurrency ? startSlot() : null)
      if (!slot) return
      assign(slot, queue.splice(next, 1)[0]!)
    }
  }

  function run(task: Task, signal?: AbortSignal): Promise<TaskResult> {
    if (closed || signal?.aborted) return Promise.reject(new OutpostError('cancelled'))
    return new Promise((resolve, reject) => {
      const settle =
        <T>(use: (value: T) => void) =>
        (value: T): void => {
          signal?.removeEventListener('abort', cancel)
          use(value)
        }
      const job: Job = { task, resolve: settle(resolve), reject: settle(reject) }
      // What a process already works on is let end there; its answer has nobody to go to.
      const cancel = (): void => {
        const at = queue.indexOf(job)
        if (at >= 0) queue.splice(at, 1)
        job.reject(new OutpostError('cancelled'))
      }
      signal?.addEventListener('abort', cancel, { once: true })
      queue.push(job)
      dispatch()
    })
  }

  return {
    prepare: () => {
      if (!closed && slots.size === 0) startSlot().process.unref?.()
    },
    decodeFrame: (source, frame, given) =>
      run({ kind: 'decode', source, frame }, given?.signal) as Promise<DecodedFrame>,
    paintFrame: (source, request, given) =>
      run({ kind: 'paint', source, request }, given?.signal) as Promise<PaintedFrame>,
    render: (source, request, given) => run({ kind: 'render', source, request }, given?.signal) as Promise<Rendered>,
    inspect: async (source, { pixels }) => {
      try {
        return (await run({ kind: 'inspect', source, pixels })) as Inspection
      } catch (error) {
        // That a file cannot be read is what was asked for, also when it took a process with it.
        if (error instanceof OutpostError && error.code !== 'cancelled') return { ...UNREADABLE, code: error.code }
        throw error
      }
    },
    close: async () => {
      closed = true
      for (const job of queue.splice(0)) job.reject(new OutpostError('cancelled'))
      for (const slot of slots) end(slot, 'cancelled')
    },
  }
}

const UNREADABLE: Inspection = {
  readable: false,
  code: 'not-dicom',
  SOPClassUID: '',
  TransferSyntaxUID: '',
  Rows: 0,
  Columns: 0,
  NumberOfFrames: 0,
  PhotometricInterpretation: '',
  sha256: null,
}

function pathOf(task: Task): string | null {
  return 'path' in task.source ? task.source.path : null
}

/** The signals by which a process ends itself. Electron tells a code only. */
function reasonOfExit(
  code: number | null,
  signal?: string | null,
): 'decode-out-of-memory' | 'decode-timeout' | 'decode-failed' {
  if (signal === 'SIGKILL' || code === 9 || code === 137) return 'decode-out-of-memory'
  return signal === 'SIGTERM' || code === 15 || code === 143 ? 'decode-timeout' : 'decode-failed'
}

/** @returns a decode process of Node's own, started from entry with the rights of process-rights.ts */
export function forkProcess(
  entry: URL,
  argv: readonly string[],
  files: ReadableFiles = 'any',
): DecodeProcess & { readonly pid: number } {
  const path = realpathSync(fileURLToPath(entry))
  // Nothing it prints is kept: a decoder's words may quote what it read.
  const child = fork(path, [...argv], {
    env: emptyEnvironment(),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', IS_INSPECTED ? 'pipe' : 'ignore', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning', ...INSPECTOR_OPTIONS, ...rightsOf(path, files)],
  })
  if (child.stderr !== null) tellInspector(child.stderr)
  child.on('error', () => child.kill('SIGKILL'))
  return {
    pid: child.pid ?? 0,
    postMessage: (message) => {
      child.send(message as object, () => {})
    },
    on: (event: 'message' | 'exit', listener: (...values: never[]) => void) => child.on(event, listener as never),
    kill: () => child.kill('SIGKILL'),
    ref: () => {
      child.ref()
      child.channel?.ref()
    },
    unref: () => {
      child.unref()
      child.channel?.unref()
    },
  }
}
