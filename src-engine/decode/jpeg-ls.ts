/** JPEG-LS (ISO 14495-1), lossless and near-lossless: every loop is bounded by the frame, so that no codestream, however damaged, can hold a process up. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import { JpegLsBits } from './jpeg-ls-bits.ts'

export interface JpegLsFrame {
  readonly Rows: number
  readonly Columns: number
  readonly components: number
  /** Bits per sample, 2 to 16. */
  readonly precision: number
}

interface Preset { MAXVAL: number; T1: number; T2: number; T3: number; RESET: number }

const failed = (reason: string): OutpostError => new OutpostError('decode-failed', { reason: `jpeg-ls ${reason}` })

/**
 * @param frame as the codestream's header says
 * @returns samples little endian, colour by pixel, a byte each up to 8 bits and two above
 * @error decode-failed, pixel-data-too-short
 * @see ISO 14495-1 Annex A (decoding), Annex C (markers)
 */
export function decodeJpegLs(bytes: Uint8Array, frame: JpegLsFrame): Uint8Array {
  const { Rows, Columns, components, precision } = frame
  if (precision < 2 || precision > 16 || components < 1 || components > 4) throw failed('frame')
  const samples = precision > 8 ? new Uint16Array(Rows * Columns * components) : new Uint8Array(Rows * Columns * components)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let given: Partial<Preset> = {}
  let restartLines = 0
  let done = 0
  for (let at = 2; at + 4 <= bytes.length && done < components;) {
    if (bytes[at] !== 0xff) throw failed('marker')
    const marker = bytes[at + 1]!
    if (marker === 0xff) { at++; continue }
    if (marker === 0xd9) break
    const length = view.getUint16(at + 2)
    const end = at + 2 + length
    if (length < 2 || end > bytes.length) throw failed('length')
    if (marker === 0xf8) given = readPreset(view, at + 4, end) ?? given
    if (marker === 0xdd) restartLines = length === 4 ? view.getUint16(at + 4) : length === 6 ? view.getUint32(at + 4) : unsupported('restart')
    // Colour transforms of one vendor, which DICOM has no place for.
    if (marker === 0xe8 && length >= 7 && view.getUint32(at + 4) === 0x6d726678 && bytes[at + 8] !== 0) unsupported('colour transform')
    if (marker !== 0xda) { at = end; continue }
    const count = bytes[at + 4]!
    if (length !== 6 + 2 * count || count < 1 || done + count > components) throw failed('scan')
    for (let i = 0; i < count; i++) if (bytes[at + 6 + 2 * i] !== 0) unsupported('mapping table')
    const [NEAR, interleave, transform] = [bytes[end - 3]!, bytes[end - 2]!, bytes[end - 1]!]
    if (transform !== 0) unsupported('point transform')
    if (count > 1 ? interleave !== 1 && interleave !== 2 : interleave > 2) throw failed('interleave')
    const bits = new JpegLsBits(bytes, end)
    const scan = new Scan(bits, presetOf(given, precision, NEAR), NEAR, { samples, Rows, Columns, stride: components, first: done, count }, restartLines)
    scan.decode(count > 1 && interleave === 2)
    done += count
    at = bits.nextMarker()
  }
  if (done < components) throw new OutpostError('pixel-data-too-short', { reason: 'jpeg-ls scans' })
  return new Uint8Array(samples.buffer)
}

function unsupported(what: string): never {
  throw failed(what)
}

/** LSE: preset parameters (id 1), of which 0 means the usual value; tables and large sizes are not for images of DICOM. */
function readPreset(view: DataView, at: number, end: number): Partial<Preset> | null {
  const id = at < end ? view.getUint8(at) : 0
  if (id !== 1) return unsupported('preset')
  if (end - at < 11) throw failed('preset')
  const [MAXVAL = 0, T1 = 0, T2 = 0, T3 = 0, RESET = 0] = [1, 3, 5, 7, 9].map((offset) => view.getUint16(at + offset))
  return { MAXVAL, T1, T2, T3, RESET }
}

/** @see ISO 14495-1 C.2.4.1.1 */
function presetOf(given: Partial<Preset>, precision: number, NEAR: number): Preset {
  const MAXVAL = given.MAXVAL || 2 ** precision - 1
  if (MAXVAL >= 2 ** precision || NEAR > Math.min(255, MAXVAL >> 1)) throw failed('preset')
  const clamp = (value: number, least: number): number => (value > MAXVAL || value < least ? least : value)
  const large = (Math.min(MAXVAL, 4095) + 128) >> 8
  const small = Math.floor(256 / (MAXVAL + 1))
  const usual = (base: number, low: number): number => (MAXVAL >= 128 ? large * (base - low) + low : Math.max(low, Math.floor(base / small)))
  const T1 = given.T1 || clamp(usual(3, 2) + 3 * NEAR, NEAR + 1)
  const T2 = given.T2 || clamp(usual(7, 3) + 5 * NEAR, T1)
  const T3 = given.T3 || clamp(usual(21, 4) + 7 * NEAR, T2)
  const RESET = given.RESET || 64
  if (T1 < NEAR + 1 || T2 < T1 || T3 < T2 || T3 > MAXVAL || RESET < 3) throw failed('preset')
  return { MAXVAL, T1, T2, T3, RESET }
}

/** Exponents of run lengths (A.2.1). */
const J = Int32Array.of(0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13, 14, 15)
const RUN_CONTEXT = 365

interface Target {
  readonly samples: Uint8Array | Uint16Array
  readonly Rows: number
  readonly Columns: number
  /** Components of the frame; first: of this scan; count: how many it has. */
  readonly stride: number
  readonly first: number
  readonly count: number
}

/** One scan: its contexts, and lines of width + 2 samples, so that neighbours need no test (A.2.1). */
class Scan {
  private readonly a = new Int32Array(367)
  private readonly b = new Int32Array(367)
  private readonly c = new Int32Array(367)
  private readonly n = new Int32Array(367)
  /** Of the two run contexts: errors below zero. */
  private readonly negative = new Int32Array(2)
  private readonly quantized: Int8Array
  private readonly range: number
  private readonly step: number
  private readonly qbpp: number
  private readonly limit: number
  private runIndex = 0

  private readonly bits: JpegLsBits
  private readonly preset: Preset
  private readonly near: number
  private readonly target: Target
  private readonly restartLines: number

  constructor(bits: JpegLsBits, preset: Preset, near: number, target: Target, restartLines: number) {
    this.bits = bits
    this.preset = preset
    this.near = near
    this.target = target
    this.restartLines = restartLines
    const { MAXVAL } = preset
    this.step = 2 * near + 1
    this.range = Math.floor((MAXVAL + 2 * near) / this.step) + 1
    this.qbpp = 32 - Math.clz32(this.range - 1)
    const bpp = Math.max(2, 32 - Math.clz32(MAXVAL))
    this.limit = 2 * (bpp + Math.max(8, bpp))
    this.quantized = gradients(preset, near)
  }

  decode(bySample: boolean): void {
    const { Rows, Columns, count } = this.target
    const lines = (): Int32Array[] => Array.from({ length: count }, () => new Int32Array(Columns + 2))
    let [above, line] = [lines(), lines()]
    const runIndexes = new Int32Array(count)
    this.reset()
    for (let row = 0; row < Rows; row++) {
      if (this.restartLines > 0 && row > 0 && row % this.restartLines === 0) {
        this.bits.restart()
        this.reset()
        runIndexes.fill(0)
        for (const one of above) one.fill(0)
      }
      for (let component = 0; component < count; component++) {
        above[component]![Columns + 1] = above[component]![Columns]!
        line[component]![0] = above[component]![1]!
      }
      if (bySample) this.pixels(above, line)
      else {
        for (let component = 0; component < count; component++) {
          this.runIndex = runIndexes[component]!
          this.line(above[component]!, line[component]!)
          runIndexes[component] = this.runIndex
        }
      }
      this.write(line, row)
      ;[above, line] = [line, above]
    }
  }

  private reset(): void {
    this.a.fill(Math.max(2, (this.range + 32) >> 6))
    this.b.fill(0)
    this.c.fill(0)
    this.n.fill(1)
    this.negative.fill(0)
    this.runIndex = 0
  }

  private write(line: readonly Int32Array[], row: number): void {
    const { samples, Columns, stride, first, count } = this.target
    for (let component = 0; component < count; component++) {
      const values = line[component]!
      for (let x = 1, to = row * Columns * stride + first + component; x <= Columns; x++, to += stride) samples[to] = values[x]!
    }
  }

  private line(above: Int32Array, line: Int32Array): void {
    const { quantized, preset: { MAXVAL } } = this
    const width = this.target.Columns
    let left = line[0]!
    let corner = above[0]!
    let up = above[1]!
    for (let x = 1; x <= width;) {
      const next = above[x + 1]!
      const context = 81 * quantized[next - up + MAXVAL]! + 9 * quantized[up - corner + MAXVAL]! + quantized[corner - left + MAXVAL]!
      if (context !== 0) {
        left = this.regular(context, left, up, corner)
        line[x++] = left
        corner = up
        up = next
        continue
      }
      const run = this.run(width - x + 1)
      line.fill(left, x, x + run)
      x += run
      if (x > width) return
      left = this.interruption(left, above[x]!, Math.abs(left - above[x]!) <= this.near ? 1 : 0)
      line[x] = left
      if (this.runIndex > 0) this.runIndex--
      corner = above[x]!
      up = above[x + 1]!
      x++
    }
  }

  /** Sample by sample: a run is one of all components together, and its interruption uses the first run context alone. */
  private pixels(above: readonly Int32Array[], line: readonly Int32Array[]): void {
    const { quantized, preset: { MAXVAL } } = this
    const { Columns: width, count } = this.target
    const contexts = new Int32Array(count)
    for (let x = 1; x <= width; x++) {
      let any = 0
      for (let component = 0; component < count; component++) {
        const [upper, values] = [above[component]!, line[component]!]
        const context = 81 * quantized[upper[x + 1]! - upper[x]! + MAXVAL]! + 9 * quantized[upper[x]! - upper[x - 1]! + MAXVAL]! + quantized[upper[x - 1]! - values[x - 1]! + MAXVAL]!
        contexts[component] = context
        any |= context
      }
      if (any === 0) {
        const run = this.run(width - x + 1)
        for (const values of line) values.fill(values[x - 1]!, x, x + run)
        x += run
        if (x > width) return
      }
      for (let component = 0; component < count; component++) {
        const [upper, values] = [above[component]!, line[component]!]
        values[x] = any === 0 ? this.interruption(values[x - 1]!, upper[x]!, 0) : this.regular(contexts[component]!, values[x - 1]!, upper[x]!, upper[x - 1]!)
      }
      if (any === 0 && this.runIndex > 0) this.runIndex--
    }
  }

  /** @see ISO 14495-1 A.4 to A.6 */
  private regular(signed: number, left: number, up: number, corner: number): number {
    const { a, b, c, n, near, preset: { MAXVAL, RESET } } = this
    const sign = signed < 0 ? -1 : 1
    const context = signed * sign
    const correction = c[context]!
    const low = left < up ? left : up
    const high = left < up ? up : left
    let predicted = (corner >= high ? low : corner <= low ? high : left + up - corner) + sign * correction
    predicted = predicted < 0 ? 0 : predicted > MAXVAL ? MAXVAL : predicted
    const seen = n[context]!
    const sum = a[context]!
    let k = 0
    for (let reached = seen; reached < sum && k < 16; reached <<= 1) k++
    const mapped = this.bits.golomb(k, this.limit - this.qbpp - 1, this.qbpp)
    const known = b[context]!
    const flipped = near === 0 && k === 0 && 2 * known <= -seen
    const error = flipped ? (mapped & 1 ? (mapped - 1) >> 1 : -(mapped >> 1) - 1) : mapped & 1 ? -((mapped + 1) >> 1) : mapped >> 1
    let bias = known + error * this.step
    let size = sum + (error < 0 ? -error : error)
    let times = seen
    if (times === RESET) {
      size >>= 1
      bias = bias >= 0 ? bias >> 1 : -((1 - bias) >> 1)
      times >>= 1
    }
    times++
    if (bias <= -times) {
      if (correction > -128) c[context] = correction - 1
      bias += times
      if (bias <= -times) bias = 1 - times
    } else if (bias > 0) {
      if (correction < 127) c[context] = correction + 1
      bias -= times
      if (bias > 0) bias = 0
    }
    a[context] = size
    b[context] = bias
    n[context] = times
    return this.reconstructed(predicted + sign * error * this.step)
  }

  /** Samples of a run, at most so many. @see ISO 14495-1 A.7.1 */
  private run(most: number): number {
    let length = 0
    while (this.bits.read(1) === 1) {
      const whole = 1 << J[this.runIndex]!
      const taken = Math.min(whole, most - length)
      length += taken
      if (taken === whole && this.runIndex < 31) this.runIndex++
      if (length === most) return length
    }
    length += this.bits.read(J[this.runIndex]!)
    if (length >= most) throw failed('run')
    return length
  }

  /** The sample that ends a run. @see ISO 14495-1 A.7.2 */
  private interruption(left: number, up: number, type: 0 | 1): number {
    const { a, n, negative } = this
    const context = RUN_CONTEXT + type
    const weight = type === 0 ? a[context]! : a[context]! + (n[context]! >> 1)
    let k = 0
    while (n[context]! << k < weight && k < 16) k++
    const mapped = this.bits.golomb(k, this.limit - J[this.runIndex]! - this.qbpp - 2, this.qbpp)
    const odd = (mapped + type) & 1
    const size = (mapped + type + odd) >> 1
    const error = (k !== 0 || 2 * negative[type]! >= n[context]!) === (odd === 1) ? -size : size
    if (error < 0) negative[type]!++
    a[context]! += (mapped + 1 - type) >> 1
    if (n[context] === this.preset.RESET) {
      a[context]! >>= 1
      n[context]! >>= 1
      negative[type]! >>= 1
    }
    n[context]!++
    const sign = type === 0 && left > up ? -1 : 1
    return this.reconstructed((type === 1 ? left : up) + sign * error * this.step)
  }

  /** Errors are coded modulo the range (A.4.5, A.8). */
  private reconstructed(value: number): number {
    const { MAXVAL } = this.preset
    let found = value
    if (found < -this.near) found += this.range * this.step
    else if (found > MAXVAL + this.near) found -= this.range * this.step
    return found < 0 ? 0 : found > MAXVAL ? MAXVAL : found
  }
}

/** Gradients from −MAXVAL to MAXVAL as −4 to 4 (A.3.3). The last table is kept: the frames of a series share theirs. */
let lastGradients: { readonly key: string; readonly table: Int8Array } | undefined
function gradients({ MAXVAL, T1, T2, T3 }: Preset, near: number): Int8Array {
  const key = [MAXVAL, T1, T2, T3, near].join()
  if (lastGradients?.key === key) return lastGradients.table
  const table = Int8Array.from({ length: 2 * MAXVAL + 1 }, (_, index) => {
    const size = Math.abs(index - MAXVAL)
    const level = size <= near ? 0 : size < T1 ? 1 : size < T2 ? 2 : size < T3 ? 3 : 4
    return index < MAXVAL ? -level : level
  })
  lastGradients = { key, table }
  return table
}
