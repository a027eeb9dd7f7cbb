/** Scans a folder: files that agree with the index are skipped, and new or changed files are read. */
import path from 'node:path'
import type { IndexWriter, KnownDirectory, KnownFile } from '../storage/index/index-writer.ts'
import { DirectoryDigest } from './directory-digest.ts'
import { FolderGone, mountedDevice } from './folder-presence.ts'
import { listPlaces, statOf, withSeparator, type ListingEnd, type Place } from './list-places.ts'
import { GROUP, ReadAhead, type Fetched, type FileGroup } from './read-ahead.ts'
import type { RowKeys } from './row-keys.ts'

/** Files per transaction: enough that commits cost little, few enough that readers see new studies soon. */
const BATCH = 2000
/** Number of files that are read before the rest of the folder is listed. */
const FIRST_FILES = 200
/** Longest time between two checks for messages, so that a pause takes effect at once. */
const SLICE_MS = 100

export interface ScanCounts {
  files: number
  indexed: number
  unchanged: number
  skipped: number
  unsettled: number
  removed: number
}
export interface ScanProgress {
  readonly done: number
  readonly total: number | null
  readonly secondsLeft: number | null
}

export interface ScanControl {
  /** Resolves at once unless the scan is paused; false: stop. */
  proceed(): Promise<boolean>
  progress(progress: ScanProgress): void
  /**
   * Called with each directory, relative to the folder, before it is listed. Changes in it before this call may be
   * missed by a watcher that starts with the call.
   */
  listing?(directory: string): void
  /** Called after each commit that changed the index. */
  committed(): void
  now(): number
  /** A file that changed more recently than this may still be written, so an error in it is not recorded yet. */
  readonly settlingMs: number
}

export interface ScanScope {
  /** Directories relative to the folder that are scanned without their subdirectories; absent: the whole folder. */
  readonly only?: ReadonlySet<string> | undefined
  /**
   * Trusts the modification times of directories: this finds files that were added, renamed or removed, and misses
   * files that were rewritten in place.
   */
  readonly quick?: boolean
}

export class FolderScan {
  private readonly writer: IndexWriter
  /** Loaded with the first file that has to be read. */
  private keys: RowKeys | null = null
  private readonly ahead = new ReadAhead()
  /** Number of changes that are not committed yet. */
  private pending = 0

  constructor(writer: IndexWriter) {
    this.writer = writer
  }

  /**
   * @param root absolute path of the folder
   * @returns the counts, or null when the folder is missing or disappears during the scan; then the index is unchanged
   */
  async run(folderId: string, root: string, control: ScanControl, scope: ScanScope = {}): Promise<ScanCounts | null> {
    const device = mountedDevice(root, this.writer.knownDevice(folderId))
    if (device === null) return null
    try {
      return await this.compare(folderId, root, device, control, scope)
    } catch (error) {
      if (error instanceof FolderGone) return null
      throw error
    }
  }

  private async compare(
    folderId: string,
    root: string,
    device: string,
    control: ScanControl,
    { only, quick = false }: ScanScope,
  ): Promise<ScanCounts | null> {
    const counts: ScanCounts = { files: 0, indexed: 0, unchanged: 0, skipped: 0, unsettled: 0, removed: 0 }
    const known = new Map(
      this.writer
        .knownDirectories(folderId)
        .filter(({ path: directory }) => !only || only.has(directory))
        .map((row) => [row.path, row]),
    )
    const scanning: Scanning = { folderId, root, device, known, counts, control, pause: control.now() }
    const listing = listPlaces(root, {
      known,
      only,
      quick,
      now: () => control.now(),
      listing: (directory) => control.listing?.(directory),
      proceed: async () => {
        if (control.now() - scanning.pause <= SLICE_MS) return true
        control.progress({ done: counts.files, total: null, secondsLeft: null })
        const go = await control.proceed()
        scanning.pause = control.now()
        return go
      },
    })
    // The first files are read at once, so that a folder of any size soon shows studies. The rest is listed before it
    // is read, so that the total is known.
    const first = await gather(listing, FIRST_FILES)
    if (first.end === 'missing') return null
    // The scan was stopped before everything was listed: files that were not seen must not be removed from the index.
    if (first.end === 'stopped' || !(await this.visitAll(scanning, first.places, first.end === 'listed'))) return counts
    if (first.end === null) {
      const rest = await gather(listing, Infinity)
      if (rest.end === 'stopped' || !(await this.visitAll(scanning, rest.places, true))) return counts
    }
    assertDevicePresent(scanning)
    if (known.size > 0 || counts.removed > 0)
      this.within(() => {
        for (const { directoryKey } of known.values()) {
          this.writer.forgetDirectory(directoryKey)
          counts.removed++
          this.pending++
        }
        this.commit(scanning, counts.removed > 0 && !only)
      })
    control.progress({ done: counts.files, total: counts.files, secondsLeft: 0 })
    return counts
  }

  /**
   * Visits the listed directories, in several transactions.
   * @param all whether no further directories follow, so that the total is final
   * @returns whether to continue
   */
  private async visitAll(scanning: Scanning, places: readonly Place[], all: boolean): Promise<boolean> {
    const { folderId, root, device, counts, control } = scanning
    const before = counts.files
    const total = all ? before + filesIn(places) : null
    const started = (scanning.pause = control.now())
    this.pending = 0
    this.writer.begin()
    try {
      const folderKey = this.writer.folder(folderId, root, device)
      for await (const [{ visit, directory, names, last }, fetched] of this.ahead.alongside(
        this.groups(scanning, places, folderKey),
      )) {
        if (!this.keys) {
          this.keys = new (await import('./row-keys.ts')).RowKeys(this.writer)
        }
        const { keys } = this
        Object.assign(keys.reader, { reads: 0, slowReads: 0 })
        const prefix = withSeparator(directory)
        for (const name of names) {
          this.visit(prefix + name, name, visit, scanning, keys, fetched.get(name))
          if (control.now() - scanning.pause > SLICE_MS) {
            const each = (control.now() - started) / 1000 / (counts.files - before)
            control.progress({
              done: counts.files,
              total,
              secondsLeft: total === null ? null : Math.round(each * (total - counts.files)),
            })
            // The transaction is committed so that no lock is held while other tasks run.
            this.commit(scanning)
            if (!(await control.proceed())) return false
            this.writer.begin()
            scanning.pause = control.now()
          } else if (this.pending >= BATCH) {
            this.commit(scanning)
            this.writer.begin()
          }
        }
        this.ahead.measured(keys.reader.reads, keys.reader.slowReads)
        if (last) this.finish(visit, scanning)
      }
      this.commit(scanning)
      return true
    } catch (error) {
      this.writer.rollback()
      this.keys?.forget(true)
      throw error
    }
  }

  /** @param cleaned whether rows that no file refers to any more are removed as well */
  private commit({ counts, control }: Scanning, cleaned = false): void {
    const changed = this.pending > 0
    this.writer.commit(cleaned)
    this.pending = 0
    if (changed) control.committed()
    this.keys?.forget(counts.removed > 0)
  }

  /** Runs work in a transaction and commits it. Cached row keys are dropped, because rows may have been removed. */
  private within(work: () => void): void {
    this.writer.begin()
    try {
      work()
    } catch (error) {
      this.writer.rollback()
      throw error
    } finally {
      this.keys?.forget(true)
    }
  }

  /**
   * Yields the files to visit, directory by directory. Unchanged directories are only counted. Each directory that
   * still exists is removed from `known`.
   */
  private *groups(
    { root, known, counts }: Scanning,
    places: readonly Place[],
    folderKey: number,
  ): Generator<FileGroup & { visit: Visit; last: boolean }> {
    for (const { directory, names, unchanged, changedMs } of places) {
      const before = known.get(directory)
      known.delete(directory)
      if (unchanged) {
        counts.files += unchanged.files
        counts.unchanged += unchanged.files
        counts.skipped += unchanged.skipped
        if (changedMs !== unchanged.changedMs) this.writer.settleDirectory({ ...unchanged, changedMs })
        continue
      }
      const files = new Map(before ? this.writer.known(before.directoryKey).map((file) => [file.name, file]) : [])
      const visit: Visit = {
        directoryKey: this.writer.directory(folderKey, directory),
        files,
        changedMs,
        digest: new DirectoryDigest(),
        sure: true,
        visited: 0,
        skipped: 0,
      }
      const full = path.join(root, directory)
      const wanted = (name: string): boolean => !files.has(name)
      let from = 0
      do {
        const group = names.slice(from, from + GROUP)
        from += GROUP
        yield { visit, directory: full, names: group, wanted, last: from >= names.length }
      } while (from < names.length)
    }
  }

  /** Removes the files that the index knew and that were not seen. */
  private finish({ directoryKey, files, changedMs, digest, sure, visited, skipped }: Visit, scanning: Scanning): void {
    if (files.size > 0) assertDevicePresent(scanning)
    for (const file of files.values()) {
      this.writer.forget(file)
      scanning.counts.removed++
      this.pending++
    }
    this.writer.settleDirectory({
      directoryKey,
      changedMs: sure ? changedMs : null,
      digest: sure ? digest.value : null,
      files: visited,
      skipped,
    })
  }

  /** Removes a folder from the index; its files stay. */
  remove(folderId: string, root: string): void {
    this.within(() => {
      this.writer.forgetFolder(this.writer.folder(folderId, root))
      this.writer.commit(true)
    })
  }

  private visit(file: string, name: string, visit: Visit, scanning: Scanning, keys: RowKeys, fetched?: Fetched): void {
    const { counts, control } = scanning
    const { reader } = keys
    const knownFile = visit.files.get(name)
    counts.files++
    visit.visited++
    if (knownFile) {
      visit.files.delete(name)
      const stat = statOf(file)
      if (
        stat &&
        stat.size === knownFile.size &&
        stat.mtimeMs === knownFile.mtimeMs &&
        knownFile.code !== 'file-unsettled'
      ) {
        counts.unchanged++
        visit.digest.add(name, stat.size, stat.mtimeMs)
        if (knownFile.code !== null) this.skip(visit, counts)
        return
      }
      this.writer.forget(knownFile)
      counts.removed++
    }
    this.pending++
    const { facts, code } = reader.read(file, fetched)
    if (code === 'file-unreadable') assertDevicePresent(scanning)
    visit.digest.add(name, facts.size, facts.mtimeMs)
    if (code === null) {
      this.writer.instance(
        visit.directoryKey,
        name,
        facts,
        keys.ofFile(knownFile?.seriesKey != null),
        reader.ascii('SOPInstanceUID'),
        reader.integer('InstanceNumber'),
      )
      counts.indexed++
      return
    }
    const settling = control.now() - facts.changedMs < control.settlingMs && code !== 'media-directory'
    if (settling) counts.unsettled++
    // A file that could not be read may become readable without any change of its size and time.
    if (settling || code === 'file-unreadable') visit.sure = false
    this.skip(visit, counts)
    this.writer.skipped(visit.directoryKey, name, facts, settling ? 'file-unsettled' : code)
  }

  private skip(visit: Visit, counts: ScanCounts): void {
    visit.skipped++
    counts.skipped++
  }
}

/** The state of one scan of a folder. */
interface Scanning {
  readonly folderId: string
  readonly root: string
  readonly device: string
  /** Directories that the index knows and that were not met yet. */
  readonly known: Map<string, KnownDirectory>
  readonly counts: ScanCounts
  readonly control: ScanControl
  /** Time of the last turn that other tasks had. */
  pause: number
}

/** @throws FolderGone */
function assertDevicePresent({ root, device }: Scanning): void {
  if (mountedDevice(root, device) !== device) throw new FolderGone()
}

const filesIn = (places: readonly Place[]): number =>
  places.reduce((sum, { unchanged, names }) => sum + (unchanged?.files ?? names.length), 0)

/**
 * Collects the next directories with at least that many files, unless the listing ends before. @returns end: null while
 * there is more
 */
async function gather(
  listing: AsyncGenerator<Place, ListingEnd>,
  files: number,
): Promise<{ places: Place[]; end: ListingEnd | null }> {
  const places: Place[] = []
  for (let found = 0; found < files; found += filesIn(places.slice(-1))) {
    const next = await listing.next()
    if (next.done) return { places, end: next.value }
    places.push(next.value)
  }
  return { places, end: null }
}

/** The state of one directory while its files are visited. */
interface Visit {
  readonly directoryKey: number
  /** Files that the index knows and that were not seen yet. */
  readonly files: Map<string, KnownFile>
  readonly changedMs: number | null
  readonly digest: DirectoryDigest
  /** False when a file of the directory has to be visited again at the next scan. */
  sure: boolean
  visited: number
  skipped: number
}
