/**
 * Compares the values of patient, study and series in a file with those in the file before it, without converting them
 * to text.
 */
import type { HeadValues } from './scan-head.ts'

/** The maximum total size of the compared values in bytes. A file with longer values is always treated as new. */
const MAX_BYTES = 16 * 1024

export class SharedValues {
  private readonly places: readonly number[]
  private readonly lengths: Int32Array
  private readonly bytes = new Uint8Array(MAX_BYTES)
  private TransferSyntaxUID = ''
  private remembered = false

  /** @param places the indexes of the compared values in the list of wanted values */
  constructor(places: readonly number[]) {
    this.places = places
    this.lengths = new Int32Array(places.length)
  }

  /** Whether the values are equal, byte for byte, to those of the last call. They are remembered for the next call. */
  repeats(values: HeadValues): boolean {
    if (this.remembered && values.TransferSyntaxUID === this.TransferSyntaxUID && this.equal(values)) return true
    this.remember(values)
    return false
  }

  /** Treats the next file as new, whatever its values are. */
  forget(): void {
    this.remembered = false
  }

  private equal({ bytes, starts, lengths }: HeadValues): boolean {
    const { places, lengths: before, bytes: kept } = this
    let at = 0
    for (let index = 0; index < places.length; index++) {
      const start = starts[places[index]!]!
      const length = start < 0 ? -1 : lengths[places[index]!]!
      if (length !== before[index]) return false
      for (let offset = 0; offset < length; offset++) if (bytes[start + offset] !== kept[at + offset]) return false
      if (length > 0) at += length
    }
    return true
  }

  private remember({ bytes, starts, lengths, TransferSyntaxUID }: HeadValues): void {
    this.remembered = false
    let at = 0
    for (const [index, place] of this.places.entries()) {
      const length = starts[place]! < 0 ? -1 : lengths[place]!
      this.lengths[index] = length
      if (at + length > MAX_BYTES) return
      for (let offset = 0; offset < length; offset++) this.bytes[at++] = bytes[starts[place]! + offset]!
    }
    this.TransferSyntaxUID = TransferSyntaxUID
    this.remembered = true
  }
}
