/**
 * Writes JPEG and JPEG-LS codestreams again with only what a decoder needs: frame and scan headers, the tables that a
 * scan uses, the segments that decide on colours, and the entropy-coded data up to the last bit (ISO 10918-1 Annex B,
 * ISO 14495-1 Annex C).
 */
import { readPreset, type JpegLsPreset } from '../../dicom/codestreams/jpeg-ls-preset.ts'
import { concatenated } from '../../bytes.ts'
import { segment, uint16, unwalkable } from './bytes.ts'
import { huffmanTable, type HuffmanTable } from './huffman-bits.ts'
import { walkJpegLsScan } from './jpeg-ls-walk.ts'
import { neededSegment, type FrameSize } from './jpeg-marks.ts'
import { nextMarker, walkScan, type Coefficients, type JpegFrame, type ScanComponent } from './jpeg-scan.ts'

const PROCESSES: Readonly<Record<number, JpegFrame['process']>> = {
  0xc0: 'sequential',
  0xc1: 'sequential',
  0xc2: 'progressive',
  0xc3: 'lossless',
}
const JPEG_LS = 0xf7
const START = Uint8Array.of(0xff, 0xd8)
const END = Uint8Array.of(0xff, 0xd9)

interface Segment {
  /** The second byte of the marker. */
  readonly marker: number
  /** The bytes after the length. */
  readonly content: Uint8Array
  readonly end: number
}

/** A table with the bytes of its segment, and in the form in which scans look up codes. */
interface Table {
  readonly bytes: Uint8Array
  readonly codes?: HuffmanTable
}

/**
 * The first image in the bytes. Bytes after its end are not kept.
 * @error cannot-deidentify where the codestream cannot be followed to its end. Hierarchical and arithmetic processes,
 * which no DICOM transfer syntax in use has, are among these cases
 */
export function cleanJpeg(bytes: Uint8Array): Uint8Array {
  return new JpegCleaner(bytes).clean()
}

class JpegCleaner {
  private readonly bytes: Uint8Array
  private readonly parts: Uint8Array[] = [START]
  /**
   * The tables as they were last defined, and as they were last written. The keys are marker, class and destination.
   */
  private readonly tables = new Map<number, Table>()
  private readonly written = new Map<number, Table>()
  private readonly coefficients: Coefficients = new Map()
  private readonly codedComponents = new Set<number>()
  private frame: (JpegFrame & { readonly jpegLs: boolean; readonly size: FrameSize }) | null = null
  private restartInterval = 0
  /** The preset coding parameters of JPEG-LS. */
  private jpegLsPreset: Partial<JpegLsPreset> = {}

  constructor(bytes: Uint8Array) {
    this.bytes = bytes
  }

  clean(): Uint8Array {
    const { size } = readFrame(this.firstFrame())
    let at = 2
    for (let next = this.segmentAt(at); next; next = this.segmentAt(at)) {
      at = next.end
      if (next.marker === 0xda) at = this.writeScan(next)
      else this.handleSegment(next, size)
    }
    if (!this.frame || this.codedComponents.size < this.frame.components.length) throw unwalkable('jpeg scans')
    return concatenated([...this.parts, END])
  }

  /**
   * The next segment; null at the end of the image or of the bytes. Where an encoder wrote no end marker, one is
   * written.
   */
  private segmentAt(from: number): Segment | null {
    const { bytes } = this
    const at = this.codedComponents.size > 0 ? nextMarker(bytes, from) : from
    if (at >= bytes.length) return null
    if (bytes[at] !== 0xff) throw unwalkable('jpeg marker')
    const marker = bytes[at + 1]!
    if (marker === 0xff) return this.segmentAt(at + 1)
    if (marker === 0xd9) return null
    if (at + 4 > bytes.length) return null
    const end = at + 2 + uint16(bytes, at + 2)
    if (end < at + 4 || end > bytes.length || marker < 0xc0 || marker === 0xd8) throw unwalkable('jpeg segment')
    return { marker, content: bytes.subarray(at + 4, end), end }
  }

  private firstFrame(): Segment {
    let at = 2
    for (let next = this.segmentAt(at); next; next = this.segmentAt(at)) {
      if (isFrame(next.marker)) return next
      if (next.marker === 0xda) break
      at = next.end
    }
    throw unwalkable('jpeg frame')
  }

  /** Handles a segment that is not a scan. */
  private handleSegment(next: Segment, size: FrameSize): void {
    const { marker, content } = next
    if (isFrame(marker)) {
      if (this.frame) throw unwalkable('jpeg frames')
      this.frame = { ...readFrame(next), size }
      this.parts.push(segment(0xff00 | marker, content))
    } else if (marker === 0xc4) this.defineTables(0xc4, content, huffmanLength)
    else if (marker === 0xdb) this.defineTables(0xdb, content, (from) => (from[0]! >> 4 === 0 ? 65 : 129))
    else if (marker === 0xdd) this.readRestartInterval(content)
    else if (marker === 0xf8) this.readJpegLsPreset(content)
    else if (marker >= 0xe0 && marker <= 0xef) {
      // Only segments before the first scan decide on colours.
      const mark = this.codedComponents.size === 0 ? neededSegment(marker, content, size) : null
      if (mark) this.parts.push(mark)
    } else if (marker !== 0xfe) throw unwalkable('jpeg segment')
  }

  /** Reads the tables of a segment, which may hold several. */
  private defineTables(marker: number, content: Uint8Array, lengthOf: (from: Uint8Array) => number): void {
    for (let at = 0; at < content.length; ) {
      const bytes = content.subarray(at, at + lengthOf(content.subarray(at)))
      if (bytes.length < lengthOf(content.subarray(at))) throw unwalkable('jpeg table')
      const codes = marker === 0xc4 ? huffmanTable(bytes.subarray(1, 17), bytes.subarray(17)) : undefined
      // The high half of the first byte is the class of a Huffman table, or the precision of a quantization table.
      const key = (marker << 8) | (marker === 0xc4 ? bytes[0]! : bytes[0]! & 15)
      this.tables.set(key, codes ? { bytes, codes } : { bytes })
      at += bytes.length
    }
  }

  private readRestartInterval(content: Uint8Array): void {
    const { length } = content
    if (length !== 2 && !(length === 4 && isJpegLs(this.frame))) throw unwalkable('jpeg restart interval')
    this.restartInterval = length === 2 ? uint16(content, 0) : uint16(content, 0) * 65_536 + uint16(content, 2)
    this.parts.push(segment(0xffdd, content))
  }

  /**
   * Reads the preset coding parameters of JPEG-LS. Tables that map samples to others are not used in DICOM (C.2.4.1).
   */
  private readJpegLsPreset(content: Uint8Array): void {
    if (content[0] === 1 && content.length === 11) {
      this.jpegLsPreset = readPreset(new DataView(content.buffer, content.byteOffset, 11), 0, 11)
      this.parts.push(segment(0xfff8, content))
    } else if (content[0] !== 2 && content[0] !== 3) throw unwalkable('jpeg-ls preset')
  }

  /**
   * Writes a scan.
   * @returns the position of the first byte after its data
   */
  private writeScan({ content, end }: Segment): number {
    const { frame } = this
    const count = content[0]!
    if (!frame || count < 1 || count > 4 || content.length !== 4 + 2 * count) throw unwalkable('jpeg scan')
    const components = Array.from({ length: count }, (_, index) => {
      const component = frame.components.find(({ id }) => id === content[1 + 2 * index])
      if (!component) throw unwalkable('jpeg scan')
      return { component, selector: content[2 + 2 * index]! }
    })
    const isCodedAgain = components.some(({ component }) => this.codedComponents.has(component.id))
    // A component that is coded twice could hide a picture that no viewer shows.
    if (isCodedAgain && frame.process !== 'progressive') throw unwalkable('jpeg scan twice')
    const [Ss, Se, approximation] = [content[1 + 2 * count]!, content[2 + 2 * count]!, content[3 + 2 * count]!]
    const header = segment(0xffda, content)
    if (isJpegLs(frame)) {
      if (components.some(({ selector }) => selector !== 0)) throw unwalkable('jpeg-ls mapping table')
      const { pieces, end: stop } = walkJpegLsScan(this.bytes, end, {
        frame: frame.size,
        given: this.jpegLsPreset,
        count,
        parameters: content.subarray(1 + 2 * count),
        restartLines: this.restartInterval,
      })
      this.parts.push(header, ...pieces)
      for (const { component } of components) this.codedComponents.add(component.id)
      return stop
    }
    const Ah = approximation >> 4
    const needsDc = frame.process !== 'progressive' || (Ss === 0 && Ah === 0)
    const needsAc = frame.process === 'sequential' || (frame.process === 'progressive' && Ss > 0)
    const scanComponents = components.map(({ component, selector }): ScanComponent => {
      if (frame.process !== 'lossless' && !this.codedComponents.has(component.id))
        this.writtenTable(0xdb00 | component.quantization)
      return {
        component,
        dc: needsDc ? this.writtenTable(0xc400 | (selector >> 4)).codes : undefined,
        ac: needsAc ? this.writtenTable(0xc410 | (selector & 15)).codes : undefined,
      }
    })
    this.parts.push(header)
    const scan = { components: scanComponents, Ss, Se, Ah, restartInterval: this.restartInterval }
    const walked = walkScan(this.bytes, end, frame, scan, this.coefficients)
    for (const piece of walked.pieces) this.parts.push(piece)
    for (const { component } of components) this.codedComponents.add(component.id)
    return walked.end
  }

  /** Writes a table unless it was written already. Tables that no scan uses are not written. */
  private writtenTable(key: number): Table {
    const table = this.tables.get(key)
    if (!table) throw unwalkable('jpeg table')
    if (this.written.get(key) !== table) this.parts.push(segment(0xff00 | (key >> 8), table.bytes))
    this.written.set(key, table)
    return table
  }
}

function huffmanLength(from: Uint8Array): number {
  let length = 17
  for (let index = 1; index <= 16; index++) length += from[index] ?? 0
  return length
}

function isFrame(marker: number): boolean {
  return marker in PROCESSES || marker === JPEG_LS
}

function isJpegLs(frame: { readonly jpegLs: boolean } | null): boolean {
  return frame?.jpegLs === true
}

function readFrame({ marker, content }: Segment): JpegFrame & { readonly jpegLs: boolean; readonly size: FrameSize } {
  const count = content[5] ?? 0
  if (content.length !== 6 + 3 * count || count < 1 || count > 4) throw unwalkable('jpeg frame')
  const [precision, Rows, Columns] = [content[0]!, uint16(content, 1), uint16(content, 3)]
  // A height that only a later DNL marker states cannot be compared with Rows.
  if (Rows === 0 || Columns === 0) throw unwalkable('jpeg size')
  const components = Array.from({ length: count }, (_, index) => {
    const [id, sampling, quantization] = content.subarray(6 + 3 * index, 9 + 3 * index) as unknown as [
      number,
      number,
      number,
    ]
    const [horizontal, vertical] = [sampling >> 4, sampling & 15]
    if (horizontal < 1 || horizontal > 4 || vertical < 1 || vertical > 4) throw unwalkable('jpeg sampling')
    return { id, horizontal, vertical, quantization }
  })
  return {
    process: PROCESSES[marker] ?? 'sequential',
    Rows,
    Columns,
    components,
    jpegLs: marker === JPEG_LS,
    size: { Rows, Columns, components: count, precision },
  }
}
