/** One run over a folder: what is as the index knows it is passed over, what is new or changed is read. */
import path from 'node:path'
import type { IndexWriter, KnownFile } from '../storage/index/index-writer.ts'
import { DirectoryDigest } from './directory-digest.ts'
import { listPlaces, statOf, type Place } from './list-places.ts'
import { HeadReader } from './read-head.ts'
import { RowKeys } from './row-keys.ts'

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

export interface ScanScope {
  /** Directories below the folder, relative, to look at alone and not deeper; absent: everything. */
  readonly only?: ReadonlySet<string> | undefined
  /** Believe the times of directories: finds what was added, renamed or removed, and misses files rewritten in place. */
  readonly quick?: boolean
}

export class FolderScan {
  private readonly writer: IndexWriter
  private readonly reader = new HeadReader()
  private readonly keys: RowKeys

  constructor(writer: IndexWriter) {
    this.writer = writer
    this.keys = new RowKeys(this.reader, writer)
  }

  /**
   * @param root absolute path of the folder
   * @returns what was found, or null when the folder is not there
   */
  async run(folderId: string, root: string, control: ScanControl, { only, quick = false }: ScanScope = {}): Promise<ScanCounts | null> {
    const counts: ScanCounts = { files: 0, indexed: 0, unchanged: 0, skipped: 0, unsettled: 0, removed: 0 }
    const known = new Map(this.writer.knownDirectories(folderId).filter(({ path: directory }) => !only || only.has(directory)).map((row) => [row.path, row]))
    let pause = control.now()
    const places = await listPlaces(root, {
      known, only, quick, now: () => control.now(),
      proceed: async () => {
        if (control.now() - pause <= SLICE_MS) return true
        control.progress({ done: 0, total: null, secondsLeft: null })
        const go = await control.proceed()
        pause = control.now()
        return go
      },
    })
    if (!places) return null
    // Stopped before everything was listed: what was not seen is not gone.
    if (places === 'stopped') return counts
    const filesOf = (place: Place): number => place.unchanged?.files ?? place.names.length
    const total = places.reduce((sum, place) => sum + filesOf(place), 0)
    const started = control.now()
    pause = started
    let pending = 0
    let changed = false
    this.writer.begin()
    try {
      const folderKey = this.writer.folder(folderId, root)
      const commit = (): void => {
        this.writer.commit()
        if (changed) control.committed()
        this.keys.forget(counts.removed > 0)
        pending = 0
        changed = false
      }
      for (const place of places) {
        const before = known.get(place.directory)
        known.delete(place.directory)
        if (place.unchanged) {
          counts.files += place.unchanged.files
          counts.unchanged += place.unchanged.files
          counts.skipped += place.unchanged.skipped
          if (place.changedMs !== place.unchanged.changedMs) this.writer.settleDirectory({ ...place.unchanged, changedMs: place.changedMs })
          continue
        }
        const files = new Map(before ? this.writer.known(before.directoryKey).map((file) => [file.name, file]) : [])
        const directoryKey = this.writer.directory(folderKey, place.directory)
        const prefix = path.join(root, place.directory) + path.sep
        const seen: Seen = { digest: new DirectoryDigest(), sure: true }
        const skippedBefore = counts.skipped
        for (const name of place.names) {
          const unchanged = counts.unchanged
          this.visit(prefix + name, directoryKey, name, files.get(name), counts, control, seen)
          files.delete(name)
          counts.files++
          if (counts.unchanged === unchanged) {
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
        for (const file of files.values()) {
          this.writer.forget(file)
          counts.removed++
          changed = true
        }
        const digest = seen.sure ? seen.digest.value : null
        this.writer.settleDirectory({ directoryKey, changedMs: digest === null ? null : place.changedMs, digest, files: place.names.length, skipped: counts.skipped - skippedBefore })
      }
      for (const { directoryKey } of known.values()) {
        this.writer.forgetDirectory(directoryKey)
        counts.removed++
        changed = true
      }
      this.writer.commit(counts.removed > 0 && !only)
      if (changed) control.committed()
      this.keys.forget(counts.removed > 0)
    } catch (error) {
      this.writer.rollback()
      this.keys.forget(true)
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
      this.keys.forget(true)
    }
  }

  private visit(file: string, directoryKey: number, name: string, known: KnownFile | undefined, counts: ScanCounts, control: ScanControl, seen: Seen): void {
    if (known) {
      const stat = statOf(file)
      if (stat && stat.size === known.size && stat.mtimeMs === known.mtimeMs && known.code !== 'file-unsettled') {
        counts.unchanged++
        if (known.code !== null) counts.skipped++
        seen.digest.add(name, stat.size, stat.mtimeMs)
        return
      }
      this.writer.forget(known)
      counts.removed++
    }
    const { facts, code } = this.reader.read(file)
    seen.digest.add(name, facts.size, facts.mtimeMs)
    if (code === null) {
      const keys = this.keys.ofFile(known?.seriesKey != null)
      this.writer.instance(directoryKey, name, facts, keys, this.reader.ascii('SOPInstanceUID'), this.reader.integer('InstanceNumber'))
      counts.indexed++
      return
    }
    const settling = control.now() - facts.changedMs < control.settlingMs && code !== 'media-directory'
    if (settling) counts.unsettled++
    // What could not be read may be readable the next time, with nothing about it changed.
    if (settling || code === 'file-unreadable') seen.sure = false
    counts.skipped++
    this.writer.skipped(directoryKey, name, facts, settling ? 'file-unsettled' : code)
  }
}

/** Of one directory, while its files are visited: sure until there is one to come back to. */
interface Seen { readonly digest: DirectoryDigest; sure: boolean }
