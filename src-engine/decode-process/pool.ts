/** The pool of decode processes behind the interface Imaging. */
import { fork } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DecodedFrame, Imaging, Inspection, PaintedFrame, Rendered } from '../imaging.ts'
import { DecodePool, MIB, type DecodeProcess, type TimeLimit } from './decode-pool.ts'
import {
  emptyEnvironment,
  INSPECTOR_OPTIONS,
  IS_INSPECTED,
  rightsOf,
  printInspectorAddress,
  type ReadableFiles,
} from './process-rights.ts'

export type { DecodeProcess }

export interface ImagingOptions {
  /** Starts a process with the arguments for the entry. Absent: the entry is forked. */
  readonly startProcess?: (argv: readonly string[]) => DecodeProcess
  /** The files that a forked process may read in addition to the program's own; absent: any. */
  readonly files?: ReadableFiles
  /** The file of the process entry: process.ts in this folder, or its bundle. */
  readonly entry?: URL
  /** The maximum number of processes. */
  readonly concurrency?: number
  /** The resident size in bytes at which a process ends itself. */
  readonly memoryLimit?: number
  /** The limit of processor time for a request. The process itself watches it. */
  readonly timeLimit?: TimeLimit
  /** A process that has not ended itself is killed after this multiple of timeLimit on the clock. */
  readonly timeLimitFactor?: number
  /** The number of the first request, 1 by default. It is for tests of what happens after many requests. */
  readonly firstJob?: number
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

/** Makes a pool. Processes start when they are needed; prepare() starts the first one in advance. */
export function createImaging(options: ImagingOptions = {}): Imaging {
  const timeLimit = options.timeLimit ?? { base: 2_000, perMiB: 1_000 }
  const argv = [options.memoryLimit ?? 2_048 * MIB, IS_INSPECTED ? 0 : timeLimit.base, timeLimit.perMiB].map(String)
  const entry = options.entry ?? new URL('./process.ts', import.meta.url)
  const pool = new DecodePool({
    startProcess: () => options.startProcess?.(argv) ?? forkProcess(entry, argv, options.files),
    concurrency: options.concurrency ?? Math.min(2, availableParallelism()),
    timeLimit,
    timeLimitFactor: options.timeLimitFactor ?? (IS_INSPECTED ? 100_000 : 100),
    firstJob: options.firstJob ?? 1,
  })
  return {
    prepare: () => pool.prepare(),
    decodeFrame: (source, frame, runOptions) =>
      pool.run({ kind: 'decode', source, frame }, runOptions?.signal) as Promise<DecodedFrame>,
    paintFrame: (source, request, runOptions) =>
      pool.run({ kind: 'paint', source, request }, runOptions?.signal) as Promise<PaintedFrame>,
    render: (source, request, runOptions) =>
      pool.run({ kind: 'render', source, request }, runOptions?.signal) as Promise<Rendered>,
    inspect: async (source, { pixels }) => {
      try {
        return (await pool.run({ kind: 'inspect', source, pixels })) as Inspection
      } catch (error) {
        // An unreadable file is a result of an inspection, even when it has ended a process.
        if (error instanceof OutpostError && error.code !== 'cancelled') return { ...UNREADABLE, code: error.code }
        throw error
      }
    },
    close: async () => pool.close(),
  }
}

/** Starts a decode process of Node from its entry, with the rights of process-rights.ts. */
export function forkProcess(
  entry: URL,
  argv: readonly string[],
  files: ReadableFiles = 'any',
): DecodeProcess & { readonly pid: number } {
  const path = realpathSync(fileURLToPath(entry))
  // The output of the process is dropped, because the messages of a decoder may quote the data.
  const child = fork(path, [...argv], {
    env: emptyEnvironment(),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', IS_INSPECTED ? 'pipe' : 'ignore', 'ipc'],
    execArgv: ['--disable-warning=ExperimentalWarning', ...INSPECTOR_OPTIONS, ...rightsOf(path, files)],
  })
  if (child.stderr !== null) printInspectorAddress(child.stderr)
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
