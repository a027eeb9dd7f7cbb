/**
 * Finds the instances on a disc, on a USB drive or in a ZIP file by reading every file. A DICOMDIR is used only to
 * report missing instances, never to find files.
 */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { IDENTITY_KEYWORDS, type PatientIdentity } from '../../../src-core/dicom/correct-identity.ts'
import { TAG } from '../../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../../src-core/dicom/parse.ts'
import { sequence, text } from '../../../src-core/dicom/values.ts'
import { inflateBounded } from '../../../src-engine/inflate.ts'
import { HeadReader } from '../read-head.ts'
import { readBounded } from './file-failure.ts'
import type { Found, ImportProgress } from './import-messages.ts'
import { openZip } from './zip-reader.ts'

/** Largest size of a DICOMDIR in bytes. That of a full Blu-ray disc has some megabytes. */
const DIRECTORY_LIMIT = 256 * 2 ** 20
const MAX_FILES = 1_000_000
const SLICE_MS = 100

export interface FoundFile {
  readonly path: string
  readonly size: number
  readonly mtimeMs: number
  /** Index of the instance's patient in the list of found patients. */
  readonly patient: number
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly SOPInstanceUID: string
}

export interface ScanReport {
  readonly found: Found
  readonly files: readonly FoundFile[]
  /** Whether the files are unpacked copies, which may be moved. */
  readonly ours: boolean
}

interface Study {
  date: string
  description: string
  readonly modalities: Set<string>
  readonly instances: string[]
}
interface Patient {
  readonly identity: PatientIdentity
  readonly studies: Map<string, Study>
  bytes: number
}

export interface ScanHooks {
  progress(progress: ImportProgress): void
  /** @error cancelled */
  check(): void
}

/** @error import-source-gone, folder-not-readable, archive-…, cancelled, disk-full */
export async function scanSource(source: string, staging: string, hooks: ScanHooks): Promise<ScanReport> {
  const scan = new SourceScan(hooks)
  const stat = statSync(source, { throwIfNoEntry: false })
  if (!stat) throw new OutpostError('import-source-gone')
  if (stat.isDirectory()) await scan.folder(source)
  else await scan.archive(source, path.join(staging, 'unpacked'))
  return { ...scan.report(), ours: !stat.isDirectory() }
}

class SourceScan {
  private readonly hooks: ScanHooks
  private readonly reader = new HeadReader()
  private readonly files: FoundFile[] = []
  private readonly patients = new Map<string, Patient>()
  private readonly named = new Set<string>()
  private skipped = 0
  private bytes = 0
  private pause = performance.now()

  constructor(hooks: ScanHooks) {
    this.hooks = hooks
  }

  async folder(root: string): Promise<void> {
    const files = this.list(root)
    for (const [index, file] of files.entries()) {
      this.take(file)
      await this.yieldToEventLoop(index + 1, files.length, null)
    }
  }

  async archive(source: string, unpacked: string): Promise<void> {
    const archive = await openZip(source)
    try {
      mkdirSync(unpacked, { recursive: true, mode: 0o700 })
      const written = { bytes: 0 }
      for (const [index, entry] of archive.files.entries()) {
        // Unpacked files are numbered: a name from an archive is never used as a path.
        const file = path.join(unpacked, String(index))
        const descriptor = openSync(file, 'wx', 0o600)
        try {
          for await (const piece of entry.read()) {
            for (let at = 0; at < piece.length; ) at += writeSync(descriptor, piece, at)
            written.bytes += piece.length
            this.bytes = written.bytes
            await this.yieldToEventLoop(index, archive.files.length, archive.totalBytes)
          }
        } finally {
          closeSync(descriptor)
        }
        if (!this.take(file)) rmSync(file)
        await this.yieldToEventLoop(index + 1, archive.files.length, archive.totalBytes)
      }
    } finally {
      archive.close()
    }
  }

  report(): { found: Found; files: readonly FoundFile[] } {
    const foundUids = new Set(this.files.map((file) => file.SOPInstanceUID))
    const patients = [...this.patients.values()].map(({ identity, studies, bytes }) => ({
      identity,
      bytes,
      studies: [...studies].map(([StudyInstanceUID, study]) => ({
        StudyInstanceUID,
        StudyDate: study.date,
        StudyDescription: study.description,
        ModalitiesInStudy: [...study.modalities].sort(),
        SOPInstanceUIDs: study.instances,
      })),
    }))
    return {
      files: this.files,
      found: { patients, skipped: this.skipped, missing: [...this.named].filter((uid) => !foundUids.has(uid)).length },
    }
  }

  /** The regular files below a folder. Symbolic links are not followed, because a disc needs none. */
  private list(root: string): string[] {
    const files: string[] = []
    const waiting = [root]
    while (waiting.length > 0) {
      const folder = waiting.pop()!
      this.hooks.check()
      for (const entry of readdirSync(folder, { withFileTypes: true }).sort((left, right) =>
        left.name < right.name ? -1 : 1,
      )) {
        if (entry.isDirectory()) waiting.push(path.join(folder, entry.name))
        else if (entry.isFile()) files.push(path.join(folder, entry.name))
        if (files.length > MAX_FILES) throw new OutpostError('archive-too-large', { entries: files.length })
      }
    }
    return files
  }

  /** @returns whether the file is an instance */
  private take(file: string): boolean {
    const { facts, code } = this.reader.read(file)
    if (code === 'media-directory') this.note(file, facts.size)
    // The file existed a moment ago: the disc was removed, and the file is not damaged.
    else if (code === 'file-unreadable' && !statSync(file, { throwIfNoEntry: false }))
      throw new OutpostError('import-source-gone')
    else if (code !== null) this.skipped++
    if (code !== null) return false
    const { reader } = this
    const identity = Object.fromEntries(
      IDENTITY_KEYWORDS.map((keyword) => [keyword, reader.text(keyword)]),
    ) as unknown as PatientIdentity
    const key = IDENTITY_KEYWORDS.map((keyword) => identity[keyword]).join('\n')
    let patient = this.patients.get(key)
    if (!patient) this.patients.set(key, (patient = { identity, studies: new Map(), bytes: 0 }))
    const [StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID] = [
      reader.ascii('StudyInstanceUID'),
      reader.ascii('SeriesInstanceUID'),
      reader.ascii('SOPInstanceUID'),
    ]
    let study = patient.studies.get(StudyInstanceUID)
    if (!study)
      patient.studies.set(
        StudyInstanceUID,
        (study = {
          date: reader.text('StudyDate'),
          description: reader.text('StudyDescription'),
          modalities: new Set(),
          instances: [],
        }),
      )
    study.modalities.add(reader.text('Modality'))
    study.instances.push(SOPInstanceUID)
    patient.bytes += facts.size
    this.files.push({
      path: file,
      size: facts.size,
      mtimeMs: facts.mtimeMs,
      patient: [...this.patients.keys()].indexOf(key),
      StudyInstanceUID,
      SeriesInstanceUID,
      SOPInstanceUID,
    })
    return true
  }

  /** Notes the instances that a DICOMDIR lists. A DICOMDIR that cannot be read is ignored. */
  private note(file: string, size: number): void {
    try {
      const { dataset } = parseDicom(readBounded(file, Math.min(size, DIRECTORY_LIMIT)), {
        salvage: true,
        inflate: inflateBounded,
      })
      for (const record of sequence(dataset, TAG.DirectoryRecordSequence)) {
        const uid = text(record, TAG.ReferencedSOPInstanceUIDInFile)
        if (uid !== '') this.named.add(uid)
      }
    } catch (error) {
      if (!(error instanceof OutpostError)) throw error
    }
  }

  private async yieldToEventLoop(done: number, total: number, bytesTotal: number | null): Promise<void> {
    if (performance.now() - this.pause < SLICE_MS) return
    this.hooks.progress({ done, total, bytes: this.bytes, bytesTotal })
    await turn()
    this.hooks.check()
    this.pause = performance.now()
  }
}
