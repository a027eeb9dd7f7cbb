/**
 * Makes damaged copies of DICOM files, the same for the same number, and records what Outpost's readers do with them.
 */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DicomElement, DicomFile } from '../../src-core/dicom/dataset.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { pixelDataElement } from '../../src-core/dicom/pixels/read-description.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { forgetPeak, isRefusal, memoryLimit, memoryOf, MIB, readAll } from './trial.ts'

/** Returns a generator of integers from 0 up to, but not including, `below`; the same seed gives the same sequence. */
export function sequenceOf(seed: number): (below: number) => number {
  let state = seed >>> 0
  return (below) => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

/**
 * Returns every file of a corpus, except its reference pictures. Large files are used once in twenty rounds, because
 * their copies are similar.
 */
export function corpusFiles(folder: string): { readonly name: string; readonly large: boolean }[] {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)))
  return names
    .filter((name) => !/^reference|^LICENCES|\.(tsv|md|txt)$/.test(name))
    .sort()
    .map((name) => ({ name, large: statSync(path.join(folder, name)).size > 1024 * 1024 }))
}

/** Attributes whose values determine sizes, tables and codecs. */
const DECISIVE_TAGS = [
  0x00280002, 0x00280004, 0x00280006, 0x00280008, 0x00280010, 0x00280011, 0x00280100, 0x00280101, 0x00280102,
  0x00280103, 0x00280120, 0x00280121, 0x00281050, 0x00281051, 0x00281052, 0x00281053, 0x00281101, 0x00281102,
  0x00281103, 0x00281201, 0x00281221, 0x00283000, 0x00283010, 0x00080005, 0x00080016, 0x00080018, 0x60000010,
  0x60000011, 0x60000015, 0x60000050, 0x60000051, 0x60003000, 0x7fe00001, 0x00020010, 0x52009229, 0x52009230,
]
export const EXTREMES = [
  0, 1, 2, 7, 8, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xfffe, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xfffffffe,
  0xffffffff,
]

/** Parses a file completely; null when it cannot be read. */
export function layoutOf(bytes: Uint8Array): DicomFile | null {
  try {
    const file = parseDicom(bytes, { salvage: true })
    return file.dataset.bytes === bytes ? file : null
  } catch {
    return null
  }
}

export type Below = (below: number) => number
export type Change = (bytes: Uint8Array, below: Below, file: DicomFile | null) => Uint8Array

export function put(bytes: Uint8Array, at: number, value: number, size: number): Uint8Array {
  for (let i = 0; i < size && at + i < bytes.length; i++) bytes[at + i] = Math.floor(value / 256 ** i) & 255
  return bytes
}

export function pick<T>(below: Below, from: readonly T[]): T {
  return from[below(from.length)]!
}

/** Returns a position in the file: half of the time in its first 4 KiB, which contain most of the attributes. */
const placeIn = (bytes: Uint8Array, below: Below): number =>
  below(below(2) ? bytes.length : Math.min(bytes.length, 4096))

export function elementIn(file: DicomFile, below: Below): DicomElement {
  let dataset = file.meta && below(10) === 0 ? file.meta : file.dataset
  for (;;) {
    const element = pick(below, [...dataset.elements.values()])
    const item = element.items && element.items.length > 0 && below(3) > 0 ? pick(below, element.items) : null
    if (!item || item.elements.size === 0) return element
    dataset = item
  }
}

/** Returns a position at the beginning of a fragment, of the offset table, or of a fragment's item. */
function fragmentPlace(file: DicomFile, below: Below): number | null {
  const element = pixelDataElement(file.dataset)?.element
  if (!element?.fragments || element.fragments.length === 0) return null
  const { start, length } = pick(below, element.fragments)
  const kind = below(10)
  if (kind === 0) return element.valueStart + below(16)
  if (kind === 1) return start - 8 + below(8)
  return start + (kind < 8 ? below(Math.min(length, 128)) : below(length + 1))
}

export const CHANGES: readonly Change[] = [
  (bytes, below) => put(bytes, placeIn(bytes, below), bytes[placeIn(bytes, below)]! ^ (1 << below(8)), 1),
  (bytes, below) => put(bytes, placeIn(bytes, below), below(256), 1),
  (bytes, below) => put(bytes, placeIn(bytes, below), pick(below, EXTREMES), pick(below, [1, 2, 4])),
  (bytes, below) => bytes.slice(0, below(bytes.length)),
  (bytes, below) => {
    const at = placeIn(bytes, below)
    const length = below(Math.min(65_536, bytes.length - at))
    return below(2)
      ? Buffer.concat([bytes.subarray(0, at + length), bytes.subarray(at)])
      : Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
  },
  // Changes the length of an element.
  (bytes, below, file) => {
    if (!file || file.dataset.elements.size === 0) return bytes
    const element = elementIn(file, below)
    const size = file.dataset.explicitVR && element.valueStart - element.start === 8 ? 2 : 4
    return put(
      bytes,
      element.valueStart - size,
      below(2) ? pick(below, EXTREMES) : element.valueLength + below(9) - 4,
      size,
    )
  },
  // Changes the value of an attribute in DECIDING, or its VR.
  ...[0, 1, 2].map(
    (): Change => (bytes, below, file) => {
      const present = file
        ? DECISIVE_TAGS.flatMap((tag) => file.dataset.elements.get(tag) ?? file.meta?.elements.get(tag) ?? [])
        : []
      if (present.length === 0) return bytes
      const element = pick(below, present)
      if (below(8) === 0)
        return put(
          bytes,
          element.start + 4,
          pick(below, ['UN', 'SQ', 'OB', 'US', 'LO', 'AT', 'FD'])
            .split('')
            .reduce((word, letter, i) => word + letter.charCodeAt(0) * 256 ** i, 0),
          2,
        )
      if (/^(IS|DS|CS|UI)$/.test(element.vr)) {
        const text = pick(below, [
          '0',
          '-1',
          '1',
          '2',
          '65535',
          '99999999',
          '2147483648',
          '1e9',
          '1e308',
          'NaN',
          '',
          '0.0000001',
          'PALETTE COLOR',
          'RGB',
          'YBR_FULL_422',
        ])
          .padEnd(element.valueLength)
          .slice(0, element.valueLength)
        for (let i = 0; i < text.length; i++) bytes[element.valueStart + i] = text.charCodeAt(i)
        return bytes
      }
      return put(bytes, element.valueStart + 2 * below(Math.max(1, element.valueLength >> 1)), pick(below, EXTREMES), 2)
    },
  ),
  // Changes bytes inside compressed pixels: tables, items, the headers of codestreams.
  ...[0, 1, 2].map(
    (): Change => (bytes, below, file) => {
      const at = file && fragmentPlace(file, below)
      return at === null
        ? bytes
        : put(bytes, at, below(3) ? below(256) : pick(below, EXTREMES), pick(below, [1, 1, 2, 4]))
    },
  ),
]

/** Returns a copy with one to four changes. */
export function mutantOf(original: Uint8Array, number: number): Uint8Array {
  const below = sequenceOf(number)
  const file = layoutOf(original)
  let bytes: Uint8Array = new Uint8Array(original)
  for (let changes = 1 + below(4); changes > 0; changes--)
    if (bytes.length > 0) bytes = new Uint8Array(pick(below, CHANGES)(bytes, below, file))
  return bytes
}

export interface Finding {
  readonly number: number
  readonly file: string
  readonly what: string
}

export interface MutantReport {
  mutants: number
  /** The number of mutants that were also rendered. */
  rendered: number
  readonly outcomes: Map<string, number>
  /** Errors that are not an OutpostError, and decode processes that died. */
  readonly crashes: Finding[]
  /** Work that took longer than its watchdog allows. */
  readonly hangs: Finding[]
  /** Work that used more than 64 MiB plus eight times the larger of file and frame. */
  readonly greedy: Finding[]
}

export interface MutantRun {
  readonly folder: string
  readonly from: number
  readonly count: number
  readonly imaging: Imaging
  /** Every n-th mutant is rendered. */
  readonly renderEvery: number
  /** Returns the ids of processes whose peak memory must stay below the limit. */
  readonly measured?: () => readonly number[]
}

/** Runs mutants of the folder's files, from number `from` on, one after another. */
export async function runMutants({
  folder,
  from,
  count,
  imaging,
  renderEvery,
  measured = () => [],
}: MutantRun): Promise<MutantReport> {
  const report: MutantReport = { mutants: 0, rendered: 0, outcomes: new Map(), crashes: [], hangs: [], greedy: [] }
  const files = corpusFiles(folder)
  const originals = new Map<string, Uint8Array>()
  for (let number = from; number < from + count; number++) {
    const round = Math.floor(number / files.length)
    const chosen = files[number % files.length]!
    const { name } =
      chosen.large && (round + number) % 20 !== 0
        ? (files.find((file, index) => !file.large && index >= (number * 7) % files.length) ?? files[0]!)
        : chosen
    let original = originals.get(name)
    if (!original) {
      original = new Uint8Array(readFileSync(path.join(folder, name)))
      if (original.length <= MIB) originals.set(name, original)
    }
    const bytes = mutantOf(original, number)
    report.mutants++
    const countOutcome = (what: string): void => {
      report.outcomes.set(what, (report.outcomes.get(what) ?? 0) + 1)
    }
    const found = (list: Finding[], what: string): void => {
      list.push({ number, file: name, what })
    }
    const judge = (work: string, error: unknown): void => {
      if (isRefusal(error)) countOutcome(`${work} ${error.code}`)
      else found(report.crashes, `${work}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`)
      if (error instanceof OutpostError && error.code === 'decode-timeout') found(report.hangs, work)
    }
    const pids = measured()
    for (const pid of pids) forgetPeak(pid)
    const before = pids.map((pid) => memoryOf(pid).now)
    const permitted = readAll(bytes, number, judge, countOutcome, (what) => found(report.hangs, what))
    if (number % renderEvery === 0) {
      report.rendered++
      const frame = number % 5 === 0 ? 2 : 1
      await imaging
        .render({ bytes }, number % 2 === 0 ? { frame, format: 'jpeg', size: 256 } : { frame, format: 'png' })
        .then(
          () => countOutcome('render done'),
          (error: unknown) => judge('render', error),
        )
      if (number % 3 === 0)
        await imaging.decodeFrame({ bytes }, frame).then(
          () => countOutcome('decode done'),
          (error: unknown) => judge('decode', error),
        )
    }
    const limit = memoryLimit(bytes, permitted)
    pids.forEach((pid, index) => {
      const grown = memoryOf(pid).peak - before[index]!
      if (grown > limit) found(report.greedy, `${Math.round(grown / MIB)} MiB of ${Math.round(limit / MIB)} MiB`)
    })
  }
  return report
}
