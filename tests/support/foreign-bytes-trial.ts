/**
 * De-identifies files of the corpus with foreign bytes at every place, and compares the pixels with independent
 * decoders.
 */
import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { deidentifyInstance, type DeidentifyContext } from '../../src-core/deidentify/deidentify.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { number } from '../../src-core/dicom/values.ts'
import { encapsulated, NEEDLE, plantedJpeg, plantedJpeg2000, plantedRle, type Planted } from './foreign-bytes.ts'
import { foreignPixels } from './foreign-pixels.ts'

export interface ForeignBytesReport {
  /** The number of variants that were de-identified, and the places in each transfer syntax. */
  written: number
  readonly places: Map<string, Set<string>>
  /** Files that cannot be de-identified even without planted bytes, so that nothing is planted into them. */
  readonly refusedSources: string[]
  readonly refused: string[]
  readonly survivors: string[]
  readonly differing: string[]
  /** The number of distinct outputs whose pixels a foreign decoder read before and after. */
  compared: number
}

/** Returns the compressed files below a folder by transfer syntax, the smallest first. */
export function compressedFiles(folder: string, maxBytes: number): Map<string, string[]> {
  const found = new Map<string, { file: string; size: number }[]>()
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const file = path.join(entry.parentPath, entry.name)
    if (!entry.isFile() || file.includes(`${path.sep}reference${path.sep}`)) continue
    const { size } = statSync(file)
    if (size > maxBytes) continue
    try {
      const { dataset, TransferSyntaxUID } = parseDicom(readFileSync(file))
      if (!dataset.elements.get(TAG.PixelData)?.fragments) continue
      const same = found.get(TransferSyntaxUID) ?? []
      found.set(TransferSyntaxUID, [...same, { file, size }])
    } catch {
      // Some files of the corpus cannot be read.
    }
  }
  return new Map(
    [...found].map(([syntax, files]) => [syntax, files.sort((a, b) => a.size - b.size).map(({ file }) => file)]),
  )
}

const context: DeidentifyContext = {
  options: new Set(),
  mapUid: (uid) => `2.25.${uid.length}`,
  shiftDays: 0,
  patientName: 'Anonymous^1',
  patientId: 'A',
  pixelsReviewed: true,
}

function deidentified(bytes: Uint8Array): Uint8Array | null {
  try {
    return new Uint8Array(Buffer.concat(deidentifyInstance(parseDicom(bytes), context).chunks))
  } catch (error) {
    if (error instanceof OutpostError) return null
    throw error
  }
}

function plantedFrame(frame: Uint8Array, syntax: string): Planted[] {
  if (syntax === '1.2.840.10008.1.2.5') return plantedRle(frame)
  if (frame[0] === 0xff && frame[1] === 0xd8) return plantedJpeg(frame)
  return frame[0] === 0xff && frame[1] === 0x4f ? plantedJpeg2000(frame) : []
}

/** Returns variants of a file with foreign bytes in its first frame, beside its frames, and in its offset table. */
function variantsOf(source: Uint8Array): Planted[] {
  const { dataset, TransferSyntaxUID } = parseDicom(source)
  const element = dataset.elements.get(TAG.PixelData)!
  const frames = element.fragments!.map(({ start, length }) => source.slice(start, start + length))
  if (frames.length !== (number(dataset, TAG.NumberOfFrames) ?? 1)) return []
  const [first, ...otherFrames] = frames
  const file = (fragments: readonly Uint8Array[], table?: Uint8Array): Uint8Array =>
    new Uint8Array(Buffer.concat([source.subarray(0, element.start), encapsulated(fragments, table)]))
  const text = Buffer.concat([NEEDLE, NEEDLE, NEEDLE, NEEDLE]).subarray(0, 4 * frames.length)
  return [
    ...plantedFrame(first!, TransferSyntaxUID).map(({ place, bytes }) => ({
      place,
      bytes: file([bytes, ...otherFrames]),
    })),
    { place: 'a fragment more', bytes: file([...frames, NEEDLE], offsets(frames)) },
    { place: 'text as offset table', bytes: file(frames, text) },
  ]
}

function offsets(frames: readonly Uint8Array[]): Uint8Array {
  const table = new Uint8Array(4 * frames.length)
  let at = 0
  for (const [index, { length }] of frames.entries()) {
    new DataView(table.buffer).setUint32(4 * index, at, true)
    at += 8 + length + (length & 1)
  }
  return table
}

/** @param work folder for the files that foreign decoders read */
export function foreignBytesTrial(files: readonly string[], work: string): ForeignBytesReport {
  const report: ForeignBytesReport = {
    written: 0,
    places: new Map(),
    refusedSources: [],
    refused: [],
    survivors: [],
    differing: [],
    compared: 0,
  }
  const pairs: { readonly source: string; readonly output: string; readonly name: string }[] = []
  for (const source of files) {
    const bytes = new Uint8Array(readFileSync(source))
    const name = path.basename(source)
    const outputs = new Set<string>()
    const keep = (place: string, output: Uint8Array, planted?: Uint8Array): void => {
      const digest = createHash('sha1').update(output).digest('hex')
      if (outputs.has(digest)) return
      outputs.add(digest)
      const file = path.join(work, `${pairs.length}.dcm`)
      writeFileSync(file, output)
      // Pillow decodes a codestream inside a JP2 file differently, so such a variant is compared with its own planted
      // input.
      const inJp2 = planted && /box|ICC/.test(place)
      const before = inJp2 ? path.join(work, `${pairs.length}-before.dcm`) : source
      if (inJp2) writeFileSync(before, planted)
      pairs.push({ source: before, output: file, name: `${name}: ${place}` })
    }
    const plain = deidentified(bytes)
    if (!plain) {
      report.refusedSources.push(name)
      continue
    }
    keep('as it is', plain)
    const { TransferSyntaxUID } = parseDicom(bytes)
    const places = report.places.get(TransferSyntaxUID) ?? new Set()
    report.places.set(TransferSyntaxUID, places)
    for (const { place, bytes: planted } of variantsOf(bytes)) {
      const output = deidentified(planted)
      if (!output) report.refused.push(`${name}: ${place}`)
      else {
        report.written++
        places.add(place)
        if (Buffer.from(output).includes(NEEDLE.subarray(0, 8))) report.survivors.push(`${name}: ${place}`)
        keep(place, output, planted)
      }
    }
  }
  compare(pairs, report)
  return report
}

function compare(
  pairs: readonly { readonly source: string; readonly output: string; readonly name: string }[],
  report: ForeignBytesReport,
): void {
  const sources = [...new Set(pairs.map(({ source }) => source))]
  const secondReading = foreignPixels(sources)
  // All files are decoded in one call, because starting the decoders takes longer than most files.
  const hashes = foreignPixels([...sources, ...pairs.map(({ output }) => output)])
  const [first, after] = [hashes.slice(0, sources.length), hashes.slice(sources.length)]
  // For damaged files GDCM returns whatever its memory contains, so only files that it decodes twice alike are
  // compared.
  const before = new Map(
    first.map(({ gdcm, pydicom }, index) => [
      sources[index]!,
      {
        gdcm: secondReading[index]!.gdcm === gdcm ? gdcm : '',
        pydicom: secondReading[index]!.pydicom === pydicom ? pydicom : '',
      },
    ]),
  )
  for (const [index, { source, name }] of pairs.entries()) {
    const hashesBefore = before.get(source)
    if (hashesBefore === undefined) {
      report.differing.push(`not read: ${name}`)
      continue
    }
    for (const decoder of ['gdcm', 'pydicom'] as const) {
      if (hashesBefore[decoder] === '') continue
      if (hashesBefore[decoder] === after[index]![decoder]) report.compared++
      else report.differing.push(`${decoder}: ${name}`)
    }
  }
}
