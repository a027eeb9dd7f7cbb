/**
 * Writes a data set in explicit VR little endian (PS3.5 7.1.2). Short values are copied into one buffer; long values
 * are passed on as slices of the source, without a copy.
 */
import type { Tag, VR } from '../dicom/dataset.ts'

/** The VRs whose header has two reserved bytes and a 32-bit length. */
const LONG_VRS = new Set<VR>(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
/** The size in bytes from which a value is passed on as a slice, because a copy would cost more. */
const MIN_SLICE_BYTES = 16 * 1024
const UNDEFINED_LENGTH = 0xffffffff
const BUFFER_BYTES = 256 * 1024

interface WriteBuffer {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number
}
/**
 * The unused rest of the buffer of the last writer. A header needs a few KiB, and allocating a buffer for each header
 * would cost as much as writing it. Bytes that were written are never overwritten.
 */
let unusedBuffer: WriteBuffer | null = null

function newWriteBuffer(size: number): WriteBuffer {
  const bytes = new Uint8Array(Math.max(BUFFER_BYTES, size))
  return { bytes, view: new DataView(bytes.buffer), at: 0 }
}

export class ChunkWriter {
  #buffer: Uint8Array
  #view: DataView
  #at: number
  #from: number
  /**
   * A range of source bytes that is still to be copied. It grows while the elements that are kept follow each other in
   * the source, which is the usual case.
   */
  #run: Uint8Array | null = null
  #runStart = 0
  #runEnd = 0
  readonly #chunks: Uint8Array[] = []

  constructor() {
    // This writer owns the rest of the buffer until chunks() returns it. A second writer at the same time allocates its
    // own buffer.
    const writeBuffer = unusedBuffer ?? newWriteBuffer(0)
    unusedBuffer = null
    this.#buffer = writeBuffer.bytes
    this.#view = writeBuffer.view
    this.#at = this.#from = writeBuffer.at
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#buffer.length) return
    this.#flush()
    const writeBuffer = newWriteBuffer(size)
    this.#buffer = writeBuffer.bytes
    this.#view = writeBuffer.view
    this.#at = this.#from = 0
  }

  #flush(): void {
    if (this.#at > this.#from) this.#chunks.push(this.#buffer.subarray(this.#from, this.#at))
    this.#from = this.#at
  }

  /**
   * Copies the bytes of the source from start to end. A range that follows directly on the last one is merged with it,
   * so that both are copied at once.
   */
  copy(source: Uint8Array, start: number, end: number): void {
    if (this.#run === source && this.#runEnd === start) {
      this.#runEnd = end
      return
    }
    this.#endRun()
    this.#run = source
    this.#runStart = start
    this.#runEnd = end
  }

  #endRun(): void {
    if (!this.#run) return
    const bytes = this.#run.subarray(this.#runStart, this.#runEnd)
    this.#run = null
    this.raw(bytes)
  }

  /** Writes bytes without a change. */
  raw(bytes: Uint8Array): void {
    if (this.#run) this.#endRun()
    if (bytes.length === 0) return
    if (bytes.length >= MIN_SLICE_BYTES) {
      this.#flush()
      this.#chunks.push(bytes)
      return
    }
    this.#reserve(bytes.length)
    this.#buffer.set(bytes, this.#at)
    this.#at += bytes.length
  }

  #tag(tag: Tag): void {
    this.#view.setUint16(this.#at, tag >>> 16, true)
    this.#view.setUint16(this.#at + 2, tag & 0xffff, true)
    this.#at += 4
  }

  #header(tag: Tag, vr: VR, length: number): void {
    if (this.#run) this.#endRun()
    this.#reserve(12)
    // A value too long for a 16-bit length is written as UN (PS3.5 6.2.2).
    const written = length > 0xfffe && !LONG_VRS.has(vr) ? 'UN' : vr
    this.#tag(tag)
    this.#buffer[this.#at++] = written.charCodeAt(0)
    this.#buffer[this.#at++] = written.charCodeAt(1)
    if (LONG_VRS.has(written)) {
      this.#view.setUint16(this.#at, 0, true)
      this.#view.setUint32(this.#at + 2, length, true)
      this.#at += 6
    } else {
      this.#view.setUint16(this.#at, length, true)
      this.#at += 2
    }
  }

  /** Writes an element. A value of odd length is padded. */
  element(tag: Tag, vr: VR, value: Uint8Array): void {
    const odd = value.length & 1
    this.#header(tag, vr, value.length + odd)
    this.raw(value)
    if (odd) {
      this.#reserve(1)
      this.#buffer[this.#at++] = paddingOf(vr)
    }
  }

  /** Writes an element whose text has characters of the default repertoire only (PS3.5 6.1.1). */
  text(tag: Tag, vr: VR, value: string): void {
    const odd = value.length & 1
    this.#header(tag, vr, value.length + odd)
    this.#reserve(value.length + odd)
    for (let index = 0; index < value.length; index++) this.#buffer[this.#at++] = value.charCodeAt(index)
    if (odd) this.#buffer[this.#at++] = paddingOf(vr)
  }

  /** Starts an element of undefined length, whose content the caller writes next and ends with close(). */
  open(tag: Tag, vr: VR): void {
    this.#header(tag, vr, UNDEFINED_LENGTH)
  }

  /** Writes an item of known length. An item of odd length is padded with a zero (PS3.5 A.4). */
  item(bytes: Uint8Array): void {
    const odd = bytes.length & 1
    this.#delimiter(0xfffee000, bytes.length + odd)
    this.raw(bytes)
    if (odd) {
      this.#reserve(1)
      this.#buffer[this.#at++] = 0
    }
  }

  startItem(): void {
    this.#delimiter(0xfffee000, UNDEFINED_LENGTH)
  }
  endItem(): void {
    this.#delimiter(0xfffee00d, 0)
  }
  close(): void {
    this.#delimiter(0xfffee0dd, 0)
  }

  #delimiter(tag: Tag, length: number): void {
    if (this.#run) this.#endRun()
    this.#reserve(8)
    this.#tag(tag)
    this.#view.setUint32(this.#at, length, true)
    this.#at += 4
  }

  /** Everything that was written, in order. The writer cannot be used any more after this call. */
  chunks(): Uint8Array[] {
    this.#endRun()
    this.#flush()
    unusedBuffer = { bytes: this.#buffer, view: this.#view, at: this.#at }
    return this.#chunks
  }
}

/** Identifiers and bytes are padded with zero, text with a space (PS3.5 6.2). */
function paddingOf(vr: VR): number {
  return vr === 'UI' || vr === 'OB' || vr === 'OW' || vr === 'UN' ? 0 : 0x20
}

export function asciiBytes(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index)
  return bytes
}
