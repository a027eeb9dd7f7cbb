/**
 * Copies the found files into a folder of the data folder, unchanged or with a corrected patient identity. The
 * originals are only read.
 */
import { createHash } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import path from 'node:path'
import { deflateRawSync } from 'node:zlib'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { correctedHead, type CorrectionStamp } from '../../../src-core/dicom/correct-identity.ts'
import { parseDicom } from '../../../src-core/dicom/parse.ts'
import { transferSyntax } from '../../../src-core/dicom/transfer-syntax.ts'
import { flushFolder } from '../../../src-engine/files/flush-folder.ts'
import { inflateBounded } from '../../../src-engine/inflate.ts'
import { readBounded } from './file-failure.ts'
import type { ImportAct, ImportProgress } from './import-messages.ts'
import type { FoundFile, ScanHooks } from './import-scan.ts'

const AT_ONCE = 4
const PIECE = 1024 * 1024
/** Numbers of bytes that are read for a header, one after the other, until the reader has the whole header. */
const STEPS = [64 * 1024, 1024 * 1024, 16 * 1024 * 1024, 256 * 1024 * 1024]
/** Bytes that stay free for the databases. */
const SPARE = 64 * 1024 * 1024

export interface CopyJob {
  readonly files: readonly FoundFile[]
  readonly acts: readonly ImportAct[]
  readonly stamp: CorrectionStamp
  /** Whether the files are unpacked copies, which are moved instead of copied. */
  readonly ours: boolean
}

/**
 * @param target is created; it holds the finished copies. Each file and folder in it is flushed to the disk.
 * @error disk-full, import-source-gone, file-changed, identity-not-correctable, cancelled
 */
export async function copyFiles(job: CopyJob, target: string, hooks: ScanHooks): Promise<void> {
  await mkdir(target, { recursive: true, mode: 0o700 })
  const bytesTotal = job.files.reduce((sum, file) => sum + file.size, 0)
  const { bavail, bsize } = statfsSync(target)
  if (bavail * bsize < (job.ours ? 0 : bytesTotal) + SPARE) throw new OutpostError('disk-full')
  const folders = new Set<string>([target])
  const names = new Map<string, number>()
  const places = job.files.map((file) => pathOfCopy(file, target, folders, names))
  for (const folder of folders) await mkdir(folder, { recursive: true, mode: 0o700 })
  const progress: { -readonly [Name in keyof ImportProgress]: ImportProgress[Name] } = {
    done: 0,
    total: job.files.length,
    bytes: 0,
    bytesTotal,
  }
  let next = 0
  let failed = false
  const worker = async (): Promise<void> => {
    try {
      while (next < job.files.length && !failed) {
        const index = next++
        const file = job.files[index]!
        await copyFile(file, places[index]!, job, hooks)
        progress.done++
        progress.bytes += file.size
        hooks.progress({ ...progress })
      }
    } catch (error) {
      failed = true
      throw error
    }
  }
  const outcomes = await Promise.allSettled(Array.from({ length: AT_ONCE }, worker))
  const failure = outcomes.find((outcome) => outcome.status === 'rejected')
  if (failure) throw failure.reason
  for (const folder of folders) await flushFolder(folder)
}

/** The path of a copy. Its names are hashes of the UIDs, because a UID comes from outside and may contain anything. */
function pathOfCopy(file: FoundFile, target: string, folders: Set<string>, names: Map<string, number>): string {
  const hash = (text: string, length: number): string =>
    createHash('sha256').update(text).digest('hex').slice(0, length)
  const study = path.join(target, hash(file.StudyInstanceUID, 12))
  const folder = path.join(study, hash(file.SeriesInstanceUID, 12))
  folders.add(study).add(folder)
  const name = path.join(folder, hash(file.SOPInstanceUID, 20))
  const same = names.get(name) ?? 0
  names.set(name, same + 1)
  return `${name}${same === 0 ? '' : `-${same + 1}`}.dcm`
}

async function copyFile(file: FoundFile, to: string, job: CopyJob, hooks: ScanHooks): Promise<void> {
  hooks.check()
  const before = await stat(file.path)
  if (before.size !== file.size || before.mtimeMs !== file.mtimeMs) throw new OutpostError('file-changed')
  const act = job.acts[file.patient]
  const corrected = act?.identity ? correctedFile(file, act.identity, job.stamp) : null
  if (!corrected && job.ours) {
    await rename(file.path, to)
    await flushFile(to)
    return
  }
  const source = await open(file.path, 'r')
  try {
    const target = await open(to, 'wx', 0o600)
    try {
      if (corrected) await target.writeFile(corrected.head)
      await copyRest(source, target, corrected?.rest ?? 0, file.size, hooks)
      await target.sync()
    } finally {
      await target.close()
    }
  } finally {
    await source.close()
  }
  if (job.ours) await rm(file.path)
}

async function copyRest(
  source: FileHandle,
  target: FileHandle,
  from: number,
  size: number,
  hooks: ScanHooks,
): Promise<void> {
  const buffer = Buffer.allocUnsafe(Math.min(PIECE, Math.max(1, size - from)))
  for (let at = from; at < size; ) {
    hooks.check()
    const { bytesRead } = await source.read(buffer, 0, Math.min(buffer.length, size - at), at)
    if (bytesRead === 0) throw new OutpostError('file-changed')
    for (let done = 0; done < bytesRead; ) done += (await target.write(buffer, done, bytesRead - done)).bytesWritten
    at += bytesRead
  }
}

/**
 * The corrected header, and the offset from which the rest of the file follows unchanged; null when the file already
 * states the identity.
 */
function correctedFile(
  file: FoundFile,
  identity: NonNullable<ImportAct['identity']>,
  stamp: CorrectionStamp,
): { head: Uint8Array; rest: number } | null {
  for (const step of STEPS) {
    const whole = step >= file.size
    const bytes = readBounded(file.path, Math.min(step, file.size))
    try {
      const parsed = parseDicom(bytes, { stopAtPixelData: true, salvage: whole, inflate: inflateBounded })
      const head = correctedHead(parsed, identity, stamp)
      if (!head) return null
      const inflated = transferSyntax(parsed.TransferSyntaxUID).deflated
      if (!inflated) return { head: Buffer.concat([bytes.subarray(0, head.start), head.bytes]), rest: head.end }
      const dataset = Buffer.concat([head.bytes, parsed.dataset.bytes.subarray(head.end)])
      return {
        head: Buffer.concat([bytes.subarray(0, deflatedStart(bytes, parsed.meta)), deflateRawSync(dataset)]),
        rest: file.size,
      }
    } catch (error) {
      if (whole || !(error instanceof OutpostError) || error.code === 'identity-not-correctable') throw error
    }
  }
  throw new OutpostError('identity-not-correctable')
}

/** The offset at which the File Meta Information ends and the deflated data set begins. */
function deflatedStart(bytes: Uint8Array, meta: ReturnType<typeof parseDicom>['meta']): number {
  const ends = [...(meta?.elements.values() ?? [])].map((element) => element.end)
  if (ends.length === 0 || bytes.length === 0) throw new OutpostError('identity-not-correctable')
  return Math.max(...ends)
}

async function flushFile(file: string): Promise<void> {
  const handle = await open(file, 'r+')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
