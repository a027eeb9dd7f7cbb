/**
 * Decodes one scan of JPEG-LS with its contexts. Lines have width + 2 samples, so that neighbours at the edges need no
 * test (ISO 14495-1 A.2.1).
 */
import { OutpostError } from '../../contract/errors.ts'
import { entropyBits, type EntropyBits } from './entropy-bits.ts'

export interface JpegLsPreset {
  readonly MAXVAL: number
  readonly T1: number
  readonly T2: number
  readonly T3: number
  readonly RESET: number
}

export interface JpegLsTarget {
  readonly samples: Uint8Array | Uint16Array
  readonly Rows: number
  readonly Columns: number
  /**
   * stride: the number of components of the frame; first: the first component of this scan; count: the number of its
   * components.
   */
  readonly stride: number
  readonly first: number
  readonly count: number
}

/** The exponents of run lengths (A.2.1). */
const RUN_EXPONENTS = Int32Array.of(
  0,
  0,
  0,
  0,
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  5,
  5,
  6,
  6,
  7,
  7,
  8,
  9,
  10,
  11,
  12,
  13,
  14,
  15,
)
const RUN_CONTEXT = 365
/** The highest exponent of a Golomb code that a valid scan needs. */
const MAX_EXPONENT = 24

export class JpegLsScan {
  /** Four numbers for each context: the sum of the error sizes, the bias, the correction, and the count (A.2.1). */
  private readonly contexts = new Int32Array(367 * 4)
  /** The number of negative errors in each of the two run contexts. */
  private readonly negative = new Int32Array(2)
  private readonly quantized: Int8Array
  private readonly range: number
  private readonly step: number
  private readonly qbpp: number
  private readonly limit: number
  private runIndex = 0
  private segment: EntropyBits
  private position = 0
  /** The position of each segment, and how many of its bits were read. */
  readonly segments: { readonly start: number; readonly bits: number }[] = []
  private segmentStart: number

  private readonly bytes: Uint8Array
  private readonly preset: JpegLsPreset
  private readonly near: number
  private readonly target: JpegLsTarget
  private readonly restartLines: number

  /**
   * @param start position of the scan's first segment
   * @param restartLines the number of lines after which a segment ends; 0 when there is one segment
   */
  constructor(
    bytes: Uint8Array,
    start: number,
    preset: JpegLsPreset,
    near: number,
    target: JpegLsTarget,
    restartLines: number,
  ) {
    this.bytes = bytes
    this.segmentStart = start
    this.segment = entropyBits(bytes, start, 7)
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

  /**
   * Decodes the scan into the target.
   * @returns the position where the scan ends
   * @error decode-failed, pixel-data-too-short
   */
  decode(bySample: boolean): number {
    const { Rows, Columns, count } = this.target
    const lines = (): Int32Array[] => Array.from({ length: count }, () => new Int32Array(Columns + 2))
    let [above, line] = [lines(), lines()]
    const runIndexes = new Int32Array(count)
    this.reset()
    for (let row = 0; row < Rows; row++) {
      if (this.restartLines > 0 && row > 0 && row % this.restartLines === 0) {
        this.restart()
        runIndexes.fill(0)
        for (const aboveLine of above) aboveLine.fill(0)
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
      if (this.position > this.segment.length) throw tooShort()
      this.write(line, row)
      ;[above, line] = [line, above]
    }
    this.segments.push({ start: this.segmentStart, bits: this.position })
    return this.segment.end
  }

  private reset(): void {
    const sum = Math.max(2, (this.range + 32) >> 6)
    for (let at = 0; at < this.contexts.length; at += 4) {
      this.contexts.fill(0, at, at + 4)
      this.contexts[at] = sum
      this.contexts[at + 3] = 1
    }
    this.negative.fill(0)
    this.runIndex = 0
  }

  /** Continues after the restart marker that is expected here. */
  private restart(): void {
    const marker = this.bytes[this.segment.end + 1] ?? 0
    if (marker < 0xd0 || marker > 0xd7) throw failed('restart')
    this.segments.push({ start: this.segmentStart, bits: this.position })
    this.segmentStart = this.segment.end + 2
    this.segment = entropyBits(this.bytes, this.segmentStart, 7)
    this.position = 0
    this.reset()
  }

  private write(line: readonly Int32Array[], row: number): void {
    const { samples, Columns, stride, first, count } = this.target
    if (stride === 1) return samples.set(line[0]!.subarray(1, Columns + 1), row * Columns)
    for (let component = 0; component < count; component++) {
      const values = line[component]!
      for (let x = 1, to = row * Columns * stride + first + component; x <= Columns; x++, to += stride)
        samples[to] = values[x]!
    }
  }

  private line(above: Int32Array, line: Int32Array): void {
    const width = this.target.Columns
    for (let x = 1; x <= width; ) {
      x = this.regular(above, line, x, width, false)
      if (x > width) return
      const left = line[x - 1]!
      const run = this.run(width - x + 1)
      line.fill(left, x, x + run)
      x += run
      if (x > width) return
      line[x] = this.interruption(left, above[x]!, Math.abs(left - above[x]!) <= this.near ? 1 : 0)
      if (this.runIndex > 0) this.runIndex--
      x++
    }
  }

  /**
   * Decodes a line sample by sample. A run covers all components together, and its interruption uses the first run
   * context only.
   */
  private pixels(above: readonly Int32Array[], line: readonly Int32Array[]): void {
    const {
      quantized,
      preset: { MAXVAL },
    } = this
    const { Columns: width, count } = this.target
    for (let x = 1; x <= width; x++) {
      let any = 0
      for (let component = 0; component < count; component++) {
        const [upper, values] = [above[component]!, line[component]!]
        any |=
          quantized[upper[x + 1]! - upper[x]! + MAXVAL]! |
          quantized[upper[x]! - upper[x - 1]! + MAXVAL]! |
          quantized[upper[x - 1]! - values[x - 1]! + MAXVAL]!
      }
      if (any !== 0) {
        for (let component = 0; component < count; component++)
          this.regular(above[component]!, line[component]!, x, x, true)
        continue
      }
      const run = this.run(width - x + 1)
      for (const values of line) values.fill(values[x - 1]!, x, x + run)
      x += run
      if (x > width) return
      for (let component = 0; component < count; component++)
        line[component]![x] = this.interruption(line[component]![x - 1]!, above[component]![x]!, 0)
      if (this.runIndex > 0) this.runIndex--
    }
  }

  /**
   * Decodes samples one after another, each from its neighbours and its error. The loop avoids branches where possible,
   * because the processor cannot predict noise.
   * @param always whether to decode also where the neighbourhood is flat, which otherwise begins a run
   * @returns the first position that was not decoded: after `to`, or where a run begins
   * @see ISO 14495-1 A.3 to A.6
   */
  private regular(above: Int32Array, line: Int32Array, from: number, to: number, always: boolean): number {
    const { contexts, quantized, near, step } = this
    const { words } = this.segment
    const { MAXVAL, RESET } = this.preset
    const most = this.limit - this.qbpp - 1
    const modulus = this.range * step
    let position = this.position
    let left = line[from - 1]!
    let corner = above[from - 1]!
    let up = above[from]!
    // The first gradient of a sample is the second gradient of the next one.
    let second = quantized[up - corner + MAXVAL]!
    let x = from
    for (; x <= to; x++) {
      const next = above[x + 1]!
      const first = quantized[next - up + MAXVAL]!
      const signed = 81 * first + 9 * second + quantized[corner - left + MAXVAL]!
      if (signed === 0 && !always) break
      const sign = signed >> 31
      const at = ((signed ^ sign) - sign) << 2
      let sum = contexts[at]!
      let bias = contexts[at + 1]!
      const correction = contexts[at + 2]!
      let seen = contexts[at + 3]!

      let predicted = medianPrediction(left, up, corner) + ((correction ^ sign) - sign)
      predicted = predicted < 0 ? 0 : predicted > MAXVAL ? MAXVAL : predicted

      const k = golombParameter(seen, sum)
      const shift = position & 31
      const window = (words[position >>> 5]! << shift) | ((words[(position >>> 5) + 1]! >>> 1) >>> (31 - shift))
      const zeros = Math.clz32(window)
      let mapped
      if (zeros + k < 31 && zeros < most) {
        mapped = (zeros << k) | (((window << (zeros + 1)) >>> 1) >>> (31 - k))
        position += zeros + 1 + k
      } else {
        this.position = position
        mapped = this.golomb(k, most)
        position = this.position
      }
      let error = (mapped >>> 1) ^ -(mapped & 1)
      if (k === 0 && near === 0 && 2 * bias <= -seen) error = ~error
      sum += (error ^ (error >> 31)) - (error >> 31)
      if (near !== 0) error *= step
      bias += error

      // The context is updated with the error (A.6).
      if (seen === RESET) {
        sum >>= 1
        bias = bias >= 0 ? bias >> 1 : -((1 - bias) >> 1)
        seen >>= 1
      }
      seen++
      if (bias <= -seen) {
        if (correction > -128) contexts[at + 2] = correction - 1
        bias += seen
        if (bias <= -seen) bias = 1 - seen
      } else if (bias > 0) {
        if (correction < 127) contexts[at + 2] = correction + 1
        bias -= seen
        if (bias > 0) bias = 0
      }
      contexts[at] = sum
      contexts[at + 1] = bias
      contexts[at + 3] = seen

      left = reconstructed(predicted + ((error ^ sign) - sign), near, modulus, MAXVAL)
      line[x] = left
      corner = up
      up = next
      second = first
    }
    this.position = position
    return x
  }

  /**
   * The length of a run, at most `most` samples.
   * @see ISO 14495-1 A.7.1
   */
  private run(most: number): number {
    let length = 0
    while (this.read(1) === 1) {
      const fullRun = 1 << RUN_EXPONENTS[this.runIndex]!
      const runPart = Math.min(fullRun, most - length)
      length += runPart
      if (runPart === fullRun && this.runIndex < 31) this.runIndex++
      if (length === most) return length
    }
    length += this.read(RUN_EXPONENTS[this.runIndex]!)
    if (length >= most) throw failed('run')
    return length
  }

  /**
   * The sample that ends a run.
   * @see ISO 14495-1 A.7.2
   */
  private interruption(left: number, up: number, type: 0 | 1): number {
    const { contexts, negative } = this
    const at = (RUN_CONTEXT + type) * 4
    const sum = contexts[at]!
    const seen = contexts[at + 3]!
    const contextSum = type === 0 ? sum : sum + (seen >> 1)
    let k = 0
    while (seen << k < contextSum && k < MAX_EXPONENT) k++
    const mapped = this.golomb(k, this.limit - RUN_EXPONENTS[this.runIndex]! - this.qbpp - 2)
    const odd = (mapped + type) & 1
    const size = (mapped + type + odd) >> 1
    const error = (k !== 0 || 2 * negative[type]! >= seen) === (odd === 1) ? -size : size
    if (error < 0) negative[type]!++
    const halve = seen === this.preset.RESET ? 1 : 0
    contexts[at] = (sum + ((mapped + 1 - type) >> 1)) >> halve
    contexts[at + 3] = (seen >> halve) + 1
    negative[type]! >>= halve
    const sign = type === 0 && left > up ? -1 : 1
    const value = (type === 1 ? left : up) + sign * error * this.step
    return reconstructed(value, this.near, this.range * this.step, this.preset.MAXVAL)
  }

  /**
   * Reads bits.
   * @param count 0 to 31. Only damaged data asks for more; the value is then irrelevant
   */
  private read(count: number): number {
    const {
      position,
      segment: { words, length },
    } = this
    const index = position >>> 5
    this.position = position + count
    if (this.position > length) throw tooShort()
    const window = (words[index]! << (position & 31)) | ((words[index + 1]! >>> 1) >>> (31 - (position & 31)))
    return (window >>> 1) >>> (31 - count)
  }

  /**
   * Reads a number in limited-length Golomb code (A.5.3).
   * @param most the number of zeros after which a number of qbpp bits follows
   */
  private golomb(k: number, most: number): number {
    let zeros = 0
    for (; this.read(1) === 0; zeros++) if (zeros >= most) throw failed('code')
    return zeros < most ? (zeros << k) | this.read(k) : this.read(this.qbpp) + 1
  }
}

/**
 * The middle one of left, up, and left + up − corner, without branches.
 * @see ISO 14495-1 A.4.1
 */
function medianPrediction(left: number, up: number, corner: number): number {
  const less = left - up
  const low = up + (less & (less >> 31))
  const high = left + up - low
  const over = high - corner
  const planar = low + (over & ~(over >> 31))
  const beyond = planar - high
  return high + (beyond & (beyond >> 31))
}

/**
 * The smallest k for which seen · 2^k is at least sum, without branches.
 * @see ISO 14495-1 A.5.1
 */
function golombParameter(seen: number, sum: number): number {
  const difference = Math.clz32(seen) - Math.clz32(sum)
  const k = difference & ~(difference >> 31)
  return k + (((seen << k) - sum) >>> 31)
}

/**
 * The sample for a predicted value plus its error, which is coded modulo the range.
 * @see ISO 14495-1 A.4.5, A.8
 */
function reconstructed(value: number, near: number, modulus: number, MAXVAL: number): number {
  const unwrapped = value < -near ? value + modulus : value > MAXVAL + near ? value - modulus : value
  return unwrapped < 0 ? 0 : unwrapped > MAXVAL ? MAXVAL : unwrapped
}

function failed(reason: string): OutpostError {
  return new OutpostError('decode-failed', { reason: `jpeg-ls ${reason}` })
}

function tooShort(): OutpostError {
  return new OutpostError('pixel-data-too-short', { reason: 'jpeg-ls' })
}

/**
 * The quantized gradients, −4 to 4, for differences from −MAXVAL to MAXVAL (A.3.3). The last table is kept, because
 * the frames of a series share it.
 */
let lastGradients: { readonly key: string; readonly table: Int8Array } | undefined
function gradients({ MAXVAL, T1, T2, T3 }: JpegLsPreset, near: number): Int8Array {
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
