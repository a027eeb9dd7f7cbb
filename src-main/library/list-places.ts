/** Lists the directories of a folder, and tells by digests and times which of them are as the index knows them. */
import { readdirSync, statSync, type Stats } from 'node:fs'
import path from 'node:path'
import type { KnownDirectory } from '../storage/index/index-writer.ts'
import { DirectoryDigest } from './directory-digest.ts'
import { parentOf } from './parent-directory.ts'

/**
 * A directory that changed less than this ago may change again without its time showing it: FAT counts in steps of two
 * seconds.
 */
const MTIME_RESOLUTION_MS = 2500
/** Files that are asked for their times between two looks at messages. */
const AT_ONCE = 256

export interface Place {
  /** Relative to the folder; '' for the folder itself. */
  readonly directory: string
  /** Its files, sorted; of an unchanged one nobody needs them. */
  readonly names: readonly string[]
  /** What the index knows of it, when that still holds. */
  readonly unchanged: KnownDirectory | null
  /** When something was last added or taken away; null when that is too recent to tell. */
  readonly changedMs: number | null
}

export interface ListOptions {
  /** By their paths. */
  readonly known: ReadonlyMap<string, KnownDirectory>
  /** Directories to look at alone and not deeper; absent: everything. */
  readonly only?: ReadonlySet<string> | undefined
  /**
   * Takes a directory whose own time is unchanged for unchanged, without looking at its files: a file rewritten in
   * place is missed.
   */
  readonly quick: boolean
  now(): number
  /** Called with each directory before it is looked at. */
  listing(directory: string): void
  /** Called often; false: stop. */
  proceed(): Promise<boolean>
}

/** How a listing ended: with everything, or before, because it was told to stop or the root is not there. */
export type ListingEnd = 'listed' | 'stopped' | 'missing'

/** Every directory below the root; links are followed, and a directory reached twice is read once. */
export async function* listPlaces(root: string, options: ListOptions): AsyncGenerator<Place, ListingEnd> {
  const { known, only, quick } = options
  if (only && !statOf(root)) return 'missing'
  const waiting = only ? [...only] : ['']
  const rootPrefix = withSeparator(root)
  const below = quick ? childrenOf(known.keys()) : null
  const seen = new Set<string>()
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
    // The same directory by another way, a link to one above it among them, holds nothing new.
    const real = identity(full, stat)
    if (seen.has(real)) return { directory, names: [], unchanged: null, changedMs: null }
    seen.add(real)
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

  /** A directory that is known: each of its entries is asked for its size and time anyway. */
  async function withTheirTimes(full: string): Promise<Found | 'stopped'> {
    const entries = readdirSync(full)
    const digest = new DirectoryDigest()
    const found = { names: [] as string[], below: [] as string[] }
    for (let from = 0; from < entries.length; from += AT_ONCE) {
      if (from > 0 && !(await options.proceed())) return 'stopped'
      takeTimes(withSeparator(full), entries, from, Math.min(from + AT_ONCE, entries.length), found, digest)
    }
    return { ...found, digest: digest.value }
  }
}

/** A directory's path, so that the name of a file can follow it. */
export const withSeparator = (directory: string): string =>
  directory.endsWith(path.sep) ? directory : directory + path.sep

/** Of a directory, by whatever way it is reached. Some file systems have numbers that a double cannot tell apart. */
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

/** A directory that is new: its files will be opened anyway, so that only links are asked what they are. */
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
