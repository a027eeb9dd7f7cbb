/** One run over a folder: compares what is there with what is known by stat alone, and reads what is new or changed. */
import { readdirSync, statSync, type Stats } from 'node:fs'
import path from 'node:path'
import { sopClassKind } from '../../src-core/dicom/uids.ts'
import type { IndexWriter, KnownFile, PatientFields } from '../storage/index/index-writer.ts'
import { HeadReader, type HeadKeyword } from './read-head.ts'

/** Files of one transaction: large enough that committing costs nothing, small enough that readers see studies come. */
const BATCH = 2000
/** Between two looks at messages, so that pause answers at once. */
const SLICE_MS = 100

export interface ScanCounts { files: number; indexed: number; unchanged: number; skipped: number; unsettled: number; removed: number }
export interface ScanProgress { readonly done: number; readonly total: number | null; readonly secondsLeft: number | null }

export interface ScanControl {
  /** Resolves at once unless paused; false: stop here. */
  proceed(): Promise<boolean>
  progress(progress: ScanProgress): void
  /** After each commit that changed anything. */
  committed(): void
  now(): number
  /** A file that changed less than this ago may still be written: what is wrong with it is not held against it yet. */
  readonly settlingMs: number
}

interface Place { readonly directory: string; readonly names: string[] }

/** Remembers rows that many files point to, so that a file costs one insert. */
export class FolderScan {
  private readonly writer: IndexWriter
  private readonly reader = new HeadReader()
  private readonly patients = new Map<string, number>()
  private readonly studies = new Map<string, number>()
  private readonly series = new Map<string, number>()
  private readonly forms = new Map<string, number>()

  constructor(writer: IndexWriter) {
    this.writer = writer
  }

  /**
   * @param root absolute path of the folder
   * @param only directories below it, relative, to look at alone and not deeper; absent: everything
   * @returns what was found, or null when the folder is not there
   */
  async run(folderId: string, root: string, control: ScanControl, only?: ReadonlySet<string>): Promise<ScanCounts | null> {
    const places = await listPlaces(root, control, only)
    if (!places) return null
    const counts: ScanCounts = { files: 0, indexed: 0, unchanged: 0, skipped: 0, unsettled: 0, removed: 0 }
    // Stopped before everything was listed: what was not seen is not gone.
    if (places === 'stopped') return counts
    const total = places.reduce((sum, place) => sum + place.names.length, 0)
    const started = control.now()
    let pause = started
    let pending = 0
    let changed = false
    this.writer.begin()
    try {
      const folderKey = this.writer.folder(folderId, root)
      const gone = new Map(this.writer.directories(folderKey).filter(({ path: directory }) => !only || only.has(directory)).map((row) => [row.path, row.directoryKey]))
      const commit = (): void => {
        this.writer.commit()
        if (changed) control.committed()
        this.forgetKeys(counts.removed > 0)
        pending = 0
        changed = false
      }
      for (const place of places) {
        const known = gone.has(place.directory) ? new Map(this.writer.known(gone.get(place.directory)!).map((file) => [file.name, file])) : new Map<string, KnownFile>()
        gone.delete(place.directory)
        const directoryKey = this.writer.directory(folderKey, place.directory)
        const prefix = path.join(root, place.directory) + path.sep
        for (const name of place.names) {
          const before = counts.unchanged
          this.visit(prefix + name, directoryKey, name, known.get(name), counts, control)
          known.delete(name)
          counts.files++
          if (counts.unchanged === before) {
            changed = true
            pending++
          }
          if (control.now() - pause > SLICE_MS) {
            const spent = (control.now() - started) / 1000
            control.progress({ done: counts.files, total, secondsLeft: Math.round((spent / counts.files) * (total - counts.files)) })
            // Nothing is held locked while others have their turn.
            commit()
            if (!(await control.proceed())) return counts
            this.writer.begin()
            pause = control.now()
          } else if (pending >= BATCH) {
            commit()
            this.writer.begin()
          }
        }
        for (const file of known.values()) {
          this.writer.forget(file)
          counts.removed++
          changed = true
        }
      }
      for (const directoryKey of gone.values()) {
        this.writer.forgetDirectory(directoryKey)
        counts.removed++
        changed = true
      }
      this.writer.commit(counts.removed > 0 && !only)
      if (changed) control.committed()
      this.forgetKeys(counts.removed > 0)
    } catch (error) {
      this.writer.rollback()
      this.forgetKeys(true)
      throw error
    }
    control.progress({ done: total, total, secondsLeft: 0 })
    return counts
  }

  /** Takes a folder out of the index; its files stay. */
  remove(folderId: string, root: string): void {
    this.writer.begin()
    try {
      this.writer.forgetFolder(this.writer.folder(folderId, root))
      this.writer.commit(true)
    } catch (error) {
      this.writer.rollback()
      throw error
    } finally {
      this.forgetKeys(true)
    }
  }

  private visit(file: string, directoryKey: number, name: string, known: KnownFile | undefined, counts: ScanCounts, control: ScanControl): void {
    if (known) {
      const stat = statOf(file)
      if (stat && stat.size === known.size && stat.mtimeMs === known.mtimeMs && known.code !== 'file-unsettled') {
        counts.unchanged++
        if (known.code !== null) counts.skipped++
        return
      }
      this.writer.forget(known)
      counts.removed++
    }
    const { facts, code } = this.reader.read(file)
    if (code === null) {
      this.keep(directoryKey, name, facts, known?.seriesKey != null)
      counts.indexed++
      return
    }
    const settling = control.now() - facts.changedMs < control.settlingMs && code !== 'media-directory'
    if (settling) counts.unsettled++
    counts.skipped++
    this.writer.skipped(directoryKey, name, facts.size, facts.mtimeMs, settling ? 'file-unsettled' : code)
  }

  private keep(directoryKey: number, name: string, facts: { size: number; mtimeMs: number; changedMs: number }, rewritten: boolean): void {
    const { reader } = this
    const sets = reader.ascii('SpecificCharacterSet')
    const patientId = `${sets}\n${reader.ascii('PatientName')}\n${reader.ascii('PatientID')}\n${reader.ascii('PatientBirthDate')}\n${reader.ascii('PatientSex')}\n${reader.ascii('IssuerOfPatientID')}`
    let patientKey = this.patients.get(patientId)
    if (patientKey === undefined) this.patients.set(patientId, (patientKey = this.writer.patient(this.patientFields())))
    const StudyInstanceUID = reader.ascii('StudyInstanceUID')
    let studyKey = this.studies.get(StudyInstanceUID)
    if (studyKey === undefined || rewritten) {
      const fields = { StudyInstanceUID, ...this.texts(['StudyDate', 'StudyTime', 'StudyDescription', 'AccessionNumber']) }
      this.studies.set(StudyInstanceUID, (studyKey = this.writer.study(fields, this.patientFields(), patientKey)))
      if (rewritten) this.writer.correctStudy(studyKey, fields, this.patientFields(), patientKey)
    }
    const SeriesInstanceUID = reader.ascii('SeriesInstanceUID')
    const seriesId = `${studyKey}\n${SeriesInstanceUID}`
    let seriesKey = this.series.get(seriesId)
    if (seriesKey === undefined) {
      const texts = this.texts(['Modality', 'SeriesDescription', 'BodyPartExamined'])
      this.series.set(seriesId, (seriesKey = this.writer.series(studyKey, { SeriesInstanceUID, SeriesNumber: reader.integer('SeriesNumber'), ...texts })))
    }
    this.writer.instance(directoryKey, name, facts.size, facts.mtimeMs, {
      seriesKey, patientKey, formKey: this.formKey(), SOPInstanceUID: reader.ascii('SOPInstanceUID'), InstanceNumber: reader.integer('InstanceNumber'),
    }, studyKey, facts.changedMs)
  }

  private patientFields(): PatientFields {
    return this.texts(['PatientName', 'PatientID', 'IssuerOfPatientID', 'PatientBirthDate', 'PatientSex'])
  }

  private texts<Keyword extends HeadKeyword>(keywords: readonly Keyword[]): Record<Keyword, string> {
    return Object.fromEntries(keywords.map((keyword) => [keyword, this.reader.text(keyword)])) as Record<Keyword, string>
  }

  private formKey(): number {
    const { reader } = this
    const SOPClassUID = reader.ascii('SOPClassUID')
    const ImageType = reader.ascii('ImageType')
    const BurnedInAnnotation = reader.ascii('BurnedInAnnotation')
    const ConversionType = reader.ascii('ConversionType')
    const Rows = reader.unsigned('Rows') ?? 0
    const Columns = reader.unsigned('Columns') ?? 0
    const NumberOfFrames = Math.max(0, Math.min(reader.integer('NumberOfFrames') ?? (Rows > 0 ? 1 : 0), 0x7fffffff))
    const { TransferSyntaxUID } = reader.values
    const formId = `${SOPClassUID}\n${TransferSyntaxUID}\n${ImageType}\n${BurnedInAnnotation}\n${ConversionType}\n${NumberOfFrames}\n${Rows}\n${Columns}`
    let formKey = this.forms.get(formId)
    if (formKey === undefined) {
      const named = sopClassKind(SOPClassUID)
      // What a class says counts for documents; whether there are frames to show, the instance itself says.
      const kind = named === 'report' ? 'report' : Rows > 0 && Columns > 0 ? 'image' : 'other'
      formKey = this.writer.form({ SOPClassUID, TransferSyntaxUID, ImageType, BurnedInAnnotation, ConversionType, NumberOfFrames, Rows, Columns, kind })
      this.forms.set(formId, formKey)
    }
    return formKey
  }

  /** Rows that were counted empty are gone, and their keys with them; a long run must not keep everything in memory either. */
  private forgetKeys(all: boolean): void {
    if (!all && this.studies.size + this.series.size + this.patients.size + this.forms.size < 100_000) return
    for (const keys of [this.patients, this.studies, this.series, this.forms]) keys.clear()
  }
}

function statOf(file: string): Stats | null {
  try {
    return statSync(file)
  } catch {
    return null
  }
}

/** Every directory below the root with the names of its files; links are followed, and a directory reached twice is read once. */
async function listPlaces(root: string, control: ScanControl, only?: ReadonlySet<string>): Promise<Place[] | null | 'stopped'> {
  const places: Place[] = []
  const seen = new Set<string>()
  if (only) {
    if (!statOf(root)) return null
    return [...only].map((directory) => listPlace(root, directory, [], seen)).filter((place) => place !== null)
  }
  const waiting = ['']
  let pause = control.now()
  while (waiting.length > 0) {
    const directory = waiting.pop()!
    const place = listPlace(root, directory, waiting, seen)
    if (place) places.push(place)
    else if (directory === '') return null
    if (control.now() - pause > SLICE_MS) {
      control.progress({ done: 0, total: null, secondsLeft: null })
      if (!(await control.proceed())) return 'stopped'
      pause = control.now()
    }
  }
  return places
}

function listPlace(root: string, directory: string, waiting: string[], seen: Set<string>): Place | null {
  const full = path.join(root, directory)
  try {
    // The same directory by another way, a link to one above it among them, holds nothing new.
    const { dev, ino } = statSync(full, { bigint: true })
    const real = `${dev}:${ino}`
    if (seen.has(real)) return { directory, names: [] }
    seen.add(real)
    const names: string[] = []
    const below: string[] = []
    for (const entry of readdirSync(full, { withFileTypes: true })) {
      if (entry.isDirectory()) below.push(path.join(directory, entry.name))
      else if (entry.isFile()) names.push(entry.name)
      else if (entry.isSymbolicLink()) {
        const stat = statOf(path.join(full, entry.name))
        if (stat?.isDirectory()) below.push(path.join(directory, entry.name))
        else if (stat?.isFile()) names.push(entry.name)
      }
    }
    waiting.push(...below.sort().reverse())
    return { directory, names: names.sort() }
  } catch {
    return null
  }
}
