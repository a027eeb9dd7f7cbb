/**
 * De-identifies files with planted identifiers with every combination of options, and looks for values that the options
 * do not retain, and for dates that should have been moved.
 */
import { patientOfDataset } from '../../src-core/patient/patient-of-dataset.ts'
import { anonymousPatients } from '../../src-main/imaging/anonymous-patients.ts'
import { execFileSync, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { codeOf } from '../../src-core/contract/errors.ts'
import { deidentifyInstance } from '../../src-core/deidentify/deidentify.ts'
import { METHOD_CODES, optionSet, type OptionName } from '../../src-core/deidentify/options.ts'
import { rowOf } from '../../src-core/deidentify/table.ts'
import type { DicomDataset, DicomFile } from '../../src-core/dicom/dataset.ts'
import { TAG, tagText } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { sequence, text, valueBytes } from '../../src-core/dicom/values.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import { readAgain } from '../../src-main/imaging/second-reader.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'

const shared = path.resolve(import.meta.dirname, '../../../shared')
const planter = path.join(shared, 'tools/plant_phi.py')
const corpus = path.join(shared, 'dicom')
const python = '/usr/bin/python3'
const ours = pseudonyms(new Uint8Array(32).fill(7))

export function canPlant(): boolean {
  return existsSync(planter) && spawnSync(python, ['-c', 'import pydicom, numpy, PIL']).status === 0
}

const MOVED = 'retainLongitudinalModifiedDates'
const OPTIONS = Object.keys(METHOD_CODES).filter(
  (name): name is OptionName => name !== 'basic' && name !== 'cleanPixelData',
)

/** Returns all allowed combinations in a fixed order; dates cannot be both kept and moved. */
export function optionCombinations(): OptionName[][] {
  const combinations: OptionName[][] = []
  for (let bits = 0; bits < 2 ** OPTIONS.length; bits++) {
    const chosen = OPTIONS.filter((_, index) => (bits >>> index) & 1)
    if (chosen.includes(MOVED) && chosen.includes('retainLongitudinalFullDates')) continue
    combinations.push(chosen)
  }
  return combinations
}

interface Needle {
  readonly place: string
  readonly vr: string
  readonly retainedBy: readonly string[]
}

export interface Planted {
  readonly files: readonly DicomFile[]
  /** The needles, by their text in the file or by a digest of their bytes. */
  readonly needles: ReadonlyMap<string, Needle>
}

/** Plants identifiers into files of the corpus that the seed selects from every SOP class and transfer syntax. */
export function plant(folder: string, count: number, seed: number): Planted {
  execFileSync(
    python,
    [
      planter,
      'plant',
      '--src',
      corpus,
      '--out',
      folder,
      '--n',
      String(count),
      '--seed',
      String(seed),
      '--burn',
      '0',
    ].concat(['--maxsize', '120000']),
    { stdio: 'ignore' },
  )
  const needles = new Map<string, Needle>()
  for (const line of readFileSync(path.join(folder, 'manifest.tsv'), 'utf8').split('\n').slice(1)) {
    const [, needle = '', encoding, place = '', vr = '', kind, , retained = '', mustGo] = line.split('\t')
    // The tests of whole commands cover names of files and folders.
    if (mustGo !== 'yes' || kind === 'path') continue
    const found = encoding === 'hex' ? Buffer.from(needle, 'hex').toString('latin1') : needle
    needles.set(found, { place, vr, retainedBy: [...retained.split(','), ...keptBy(place)].filter(retains) })
  }
  const files = readdirSync(path.join(folder, 'files'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => parseDicom(readFileSync(path.join(entry.parentPath, entry.name)), { inflate: inflateBounded }))
  return { files, needles }
}

/**
 * Returns the options that keep an element. For one inside a sequence the manifest has the options of the sequence; the
 * element has options of its own.
 */
function keptBy(place: string): string[] {
  const last = /\(([0-9A-F]{4}),([0-9A-F]{4})\)$/.exec(place)
  const row = last && rowOf(Number.parseInt(last[1]! + last[2]!, 16))
  return row ? Object.keys(row[3]) : []
}

/** Cleaning keeps no planted word. Among private elements only numbers are known to be safe. */
function retains(option: string): boolean {
  return option.startsWith('retain') && option !== 'retainSafePrivate'
}

export interface PlantedReport {
  readonly written: number
  readonly refused: Readonly<Record<string, number>>
  /** Where a needle is left, or a date did not move; empty when there is no fault. */
  readonly survivors: readonly string[]
}

/** De-identifies every file with these options, reads each copy again, and looks for needles that are left. */
export function throughOptions({ files, needles }: Planted, chosen: readonly OptionName[]): PlantedReport {
  const options = optionSet(chosen)
  const survivors = new Set<string>()
  const refused: Record<string, number> = {}
  let written = 0
  for (const file of files) {
    const context = {
      options,
      mapUid: ours.mapUid,
      ...anonymousPatients(ours)(patientOfDataset(file.dataset)),
      pixelsReviewed: true,
    }
    let copy: Buffer
    try {
      const made = deidentifyInstance(file, context)
      readAgain(made, file, context)
      copy = Buffer.concat(made.chunks)
    } catch (error) {
      refused[codeOf(error)] = (refused[codeOf(error)] ?? 0) + 1
      continue
    }
    written++
    for (const { place } of needlesLeft(copy, needles, chosen)) survivors.add(place)
    if (options.has(MOVED))
      for (const place of sameDates(file.dataset, parseDicom(copy).dataset)) survivors.add(`date ${place}`)
  }
  return { written, refused, survivors: [...survivors] }
}

/** The forms of planted values: tokens in any case, numbers, dates, times, UIDs, base64. */
const FORMS = [
  /[Zz][Qq][A-Za-z2-7]{8}/g,
  /97\d{7}/g,
  /(?<![\d.])1[5-8]\d{6}/g,
  /112233\.\d{6}/g,
  /2\.25\.\d{20,39}/g,
  /[A-Za-z0-9+/]{20,}={0,2}/g,
]
const GZIP = '\x1f\x8b\x08\0\0\0\0\0'

function needlesLeft(copy: Buffer, needles: ReadonlyMap<string, Needle>, chosen: readonly OptionName[]): Needle[] {
  const content = copy.toString('latin1')
  const found: Needle[] = []
  const see = (candidate: string): void => {
    const needle = needles.get(candidate)
    if (!needle || needle.retainedBy.some((name) => name !== MOVED && chosen.includes(name as OptionName))) return
    // Times stay. A date is compared with the date of its own source, because a moved date may equal another's by
    // chance.
    if (chosen.includes(MOVED) && ['DA', 'DT', 'TM'].includes(needle.vr)) return
    found.push(needle)
  }
  for (const form of FORMS)
    for (const [match] of content.matchAll(form))
      for (const candidate of new Set([match, match.toUpperCase(), match.slice(0, -1)])) see(candidate)
  for (let at = content.indexOf(GZIP); at >= 0; at = content.indexOf(GZIP, at + 1))
    for (const needle of needles.keys()) if (needle.startsWith(GZIP) && content.startsWith(needle, at)) see(needle)
  for (const bytes of pictures(parseDicom(copy).dataset)) see(createHash('sha256').update(bytes).digest('hex'))
  return found
}

/** Returns the bitmaps of overlays and icons, of which the planter stores digests. */
function pictures(dataset: DicomDataset): Uint8Array[] {
  const elements = [...dataset.elements.values()]
    .filter(({ tag }) => (tag & 0xff00ffff) >>> 0 === 0x60003000)
    .map((element) => valueBytes(dataset, element))
  const icons = sequence(dataset, TAG.IconImageSequence).flatMap((icon) => {
    const element = icon.elements.get(TAG.PixelData)
    return element ? [valueBytes(icon, element)] : []
  })
  return [...elements, ...icons]
}

/** Returns where a date of the source is unchanged in the copy, at the same place. */
function sameDates(source: DicomDataset, copy: DicomDataset, above = ''): string[] {
  const found: string[] = []
  for (const [tag, element] of copy.elements) {
    const before = source.elements.get(tag)
    if (!before) continue
    const place = above + tagText(tag)
    element.items?.forEach((item, index) => {
      const elements = before.items?.[index]
      if (elements) found.push(...sameDates(elements, item, `${place}/`))
    })
    if (element.vr !== 'DA' && element.vr !== 'DT') continue
    const now = text({ ...copy, elements: new Map([[tag, element]]) }, tag).slice(0, 8)
    if (/^\d{8}$/.test(now) && now !== '19000101' && text(source, tag).startsWith(now)) found.push(place)
  }
  return found
}
