/**
 * Lists the directories of a folder, and compares their digests and times with the index to find the unchanged ones.
 */
import { readdirSync, statSync, type Stats } from 'node:fs'
import path from 'node:path'
import type { KnownDirectory } from '../storage/index/index-writer.ts'
import { DirectoryDigest } from './directory-digest.ts'
import { parentOf } from './parent-directory.ts'

/**
 * A directory that changed less than this ago may change again while its modification time stays the same: FAT stores
 * times in steps of two seconds.
 */
const MTIME_RESOLUTION_MS = 2500
/** Number of files whose times are read between two checks for messages. */
const AT_ONCE = 256

export interface Place {
  /** Path relative to the folder; '' for the folder itself. */
  readonly directory: string
  /** Sorted names of its files; empty when the directory is unchanged. */
  readonly names: readonly string[]
  /** The directory's state in the index, when it is still correct. */
  readonly unchanged: KnownDirectory | null
  /** When an entry was last added or removed; null when this is too recent to be reliable. */
  readonly changedMs: number | null
}

export interface ListOptions {
  /** The directories of the index, by path. */
  readonly known: ReadonlyMap<string, KnownDirectory>
  /** Directories that are listed without their subdirectories; absent: the whole folder. */
  readonly only?: ReadonlySet<string> | undefined
  /**
   * Treats a directory whose own modification time is unchanged as unchanged, without reading the times of its files: a
   * file that was rewritten in place is missed.
   */
  readonly quick: boolean
  now(): number
  /** Called with each directory before it is listed. */
  listing(directory: string): void
  /** Called often; false: stop. */
  proceed(): Promise<boolean>
}

/** How a listing ended: with all directories, stopped before that, or without a root. */
export type ListingEnd = 'listed' | 'stopped' | 'missing'

/** Yields every directory below the root. Links are followed, and a directory that is reached twice is listed once. */
export async function* listPlaces(root: string, options: ListOptions): AsyncGenerator<Place, ListingEnd> {
  const { known, only, quick } = options
  if (only && !statOf(root)) return 'missing'
  const waiting = only ? [...only] : ['']
  const rootPrefix = withSeparator(root)
  const below = quick ? childrenOf(known.keys()) : null
  const listedIds = new Set<string>()
  while (waiting.length > 0) {
    if (!(await options.proceed())) return 'stopped'
    const directory = waiting.pop()!
    options.listing(directory)
    const place = await listPlace(directory === '' ? root : rootPrefix + directory, directory)
    if (place === 'stopped') return 'stopped'
    if (place) yield place
    else if (directory === '' && !only) return 'missing'
  }
  return 'listed'

  async function listPlace(full: string, directory: string): Promise<Place | null | 'stopped'> {
    const stat = statOf(full)
    if (!stat) return null
    // A directory that was already listed by another path, such as a link to a parent, adds nothing.
    const real = identity(full, stat)
    if (listedIds.has(real)) return { directory, names: [], unchanged: null, changedMs: null }
    listedIds.add(real)
    const changedMs = options.now() - stat.mtimeMs > MTIME_RESOLUTION_MS ? stat.mtimeMs : null
    const before = known.get(directory)
    if (below && before && before.changedMs !== null && before.changedMs === changedMs) {
      if (!only) waiting.push(...(below.get(directory) ?? []))
      return { directory, names: [], unchanged: before, changedMs }
    }
    try {
      const found = before ? await withTheirTimes(full) : withTheirKinds(full)
      if (found === 'stopped') return 'stopped'
      if (!only)
        waiting.push(
          ...found.below
            .sort()
            .reverse()
            .map((name) => (directory === '' ? name : directory + path.sep + name)),
        )
      const unchanged = before && before.digest !== null && before.digest === found.digest ? before : null
      return { directory, names: unchanged ? [] : found.names.sort(), unchanged, changedMs }
    } catch {
      return null
    }
  }

  /** Lists a directory that the index knows: size and time of each entry are read for the comparison. */
  async function withTheirTimes(full: string): Promise<Found | 'stopped'> {
    const entries = readdirSync(full)
    const digest = new DirectoryDigest()
    const listed = { names: [] as string[], below: [] as string[] }
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      if (from > 0 && !(await options.proceed())) return 'stopped'
      takeTimes(withSeparator(full), entries, from, Math.min(from + AT_ONCE, entries.length), listed, digest)
    }
    return { ...listed, digest: digest.value }
  }
}

/** A directory's path with a separator at its end. */
export const withSeparator = (directory: string): string =>
  directory.endsWith(path.sep) ? directory : directory + path.sep

/**
 * Identifies a directory, by whichever path it is reached. The real path is part of it, because inode numbers of some
 * file systems are too large for a double.
 */
function identity(directory: string, { dev, ino }: Stats): string {
  if (Number.isSafeInteger(dev) && Number.isSafeInteger(ino)) return `${dev}:${ino}`
  const exact = statSync(directory, { bigint: true, throwIfNoEntry: false }) ?? { dev, ino }
  return `${exact.dev}:${exact.ino}`
}

interface Found {
  readonly names: string[]
  readonly below: string[]
  readonly digest: number | null
}

function takeTimes(
  prefix: string,
  entries: readonly string[],
  from: number,
  to: number,
  found: Omit<Found, 'digest'>,
  digest: DirectoryDigest,
): void {
  for (let at = from; at < to; at++) {
    const name = entries[at]!
    const stat = statOf(prefix + name)
    if (stat?.isFile()) {
      found.names.push(name)
      digest.add(name, stat.size, stat.mtimeMs)
    } else if (stat?.isDirectory()) found.below.push(name)
  }
}

/** Lists a new directory. Its files will be opened in any case, so only links are examined here. */
function withTheirKinds(full: string): Found {
  const names: string[] = []
  const below: string[] = []
  for (const entry of readdirSync(full, { withFileTypes: true })) {
    const kind = entry.isSymbolicLink() ? statOf(full + path.sep + entry.name) : entry
    if (kind?.isDirectory()) below.push(entry.name)
    else if (kind?.isFile()) names.push(entry.name)
  }
  return { names, below, digest: null }
}

function childrenOf(directories: Iterable<string>): Map<string, string[]> {
  const below = new Map<string, string[]>()
  for (const directory of directories) {
    if (directory === '') continue
    const parent = parentOf(directory)
    const siblings = below.get(parent)
    if (siblings) siblings.push(directory)
    else below.set(parent, [directory])
  }
  return below
}

const NO_ENTRY = { throwIfNoEntry: false } as const

export function statOf(file: string): Stats | null {
  try {
    return statSync(file, NO_ENTRY) ?? null
  } catch {
    return null
  }
}
