/**
 * Writes explicit VR little endian (PS3.5 7.1.2): small things into one buffer, large values as slices of the source
 * that are never copied.
 */
import type { Tag, VR } from '../dicom/dataset.ts'

/** Two reserved bytes and a 32-bit length. */
const LONG = new Set<VR>(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV'])
/** From this size on, a slice is cheaper than a copy. */
const SLICE = 16 * 1024
const UNDEFINED = 0xffffffff
const BUFFER = 256 * 1024

interface Space {
  readonly bytes: Uint8Array
  readonly view: DataView
  at: number
}
/**
 * What the writer before left of its buffer: a header takes a few KiB, and a buffer for each would be as much work as
 * the header. Nothing written is ever written over.
 */
let left: Space | null = null

function newSpace(size: number): Space {
  const bytes = new Uint8Array(Math.max(BUFFER, size))
  return { bytes, view: new DataView(bytes.buffer), at: 0 }
}

export class ChunkWriter {
  #buffer: Uint8Array
  #view: DataView
  #at: number
  #from: number
  /** Source bytes to be copied, that may still grow: what is kept lies side by side more often than not. */
  #run: Uint8Array | null = null
  #runStart = 0
  #runEnd = 0
  readonly #chunks: Uint8Array[] = []

  constructor() {
    // Taken until chunks() gives it back: of two writers at once the second gets a buffer of its own.
    const space = left ?? newSpace(0)
    left = null
    this.#buffer = space.bytes
    this.#view = space.view
    this.#at = this.#from = space.at
  }

  #reserve(size: number): void {
    if (this.#at + size <= this.#buffer.length) return
    this.#flush()
    const space = newSpace(size)
    this.#buffer = space.bytes
    this.#view = space.view
    this.#at = this.#from = 0
  }

  #flush(): void {
    if (this.#at > this.#from) this.#chunks.push(this.#buffer.subarray(this.#from, this.#at))
    this.#from = this.#at
  }

  /**
   * Bytes of the source as they are, from start to end: what follows on what was last copied so is copied together with
   * it.
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

  /** Bytes as they are. */
  raw(bytes: Uint8Array): void {
    if (this.#run) this.#endRun()
    if (bytes.length === 0) return
    if (bytes.length >= SLICE) {
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
    const written = length > 0xfffe && !LONG.has(vr) ? 'UN' : vr
    this.#tag(tag)
    this.#buffer[this.#at++] = written.charCodeAt(0)
    this.#buffer[this.#at++] = written.charCodeAt(1)
    if (LONG.has(written)) {
      this.#view.setUint16(this.#at, 0, true)
      this.#view.setUint32(this.#at + 2, length, true)
      this.#at += 6
    } else {
      this.#view.setUint16(this.#at, length, true)
      this.#at += 2
    }
  }

  /** An element; a value of odd length is padded. */
  element(tag: Tag, vr: VR, value: Uint8Array): void {
    const odd = value.length & 1
    this.#header(tag, vr, value.length + odd)
    this.raw(value)
    if (odd) {
      this.#reserve(1)
      this.#buffer[this.#at++] = paddingOf(vr)
    }
  }

  /** Text of the default repertoire. */
  text(tag: Tag, vr: VR, value: string): void {
    const odd = value.length & 1
    this.#header(tag, vr, value.length + odd)
    this.#reserve(value.length + odd)
    for (let index = 0; index < value.length; index++) this.#buffer[this.#at++] = value.charCodeAt(index)
    if (odd) this.#buffer[this.#at++] = paddingOf(vr)
  }

  /** An element of undefined length whose content follows. */
  open(tag: Tag, vr: VR): void {
    this.#header(tag, vr, UNDEFINED)
  }

  /** An item of known length; of odd length it is padded with zero (PS3.5 A.4). */
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
    this.#delimiter(0xfffee000, UNDEFINED)
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

  /** Everything written, in order. */
  chunks(): Uint8Array[] {
    this.#endRun()
    this.#flush()
    left = { bytes: this.#buffer, view: this.#view, at: this.#at }
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
