/**
 * Tells whether a file says of its patient, study and series what the file before it said, without making text of
 * either.
 */
import type { HeadValues } from './scan-head.ts'

/** Heads that say more than this are each taken for new. */
const MOST_BYTES = 16 * 1024

export class SharedValues {
  private readonly places: readonly number[]
  private readonly lengths: Int32Array
  private readonly bytes = new Uint8Array(MOST_BYTES)
  private TransferSyntaxUID = ''
  private remembered = false

  /** @param places which of the head's wanted values are compared */
  constructor(places: readonly number[]) {
    this.places = places
    this.lengths = new Int32Array(places.length)
  }

  /** Whether these values are, byte for byte, those of the last call; they are remembered for the next. */
  repeats(values: HeadValues): boolean {
    if (this.remembered && values.TransferSyntaxUID === this.TransferSyntaxUID && this.equal(values)) return true
    this.remember(values)
    return false
  }

  /** What follows is new, whatever it says. */
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
      if (at + length > MOST_BYTES) return
      for (let offset = 0; offset < length; offset++) this.bytes[at++] = bytes[starts[place]! + offset]!
    }
    this.TransferSyntaxUID = TransferSyntaxUID
    this.remembered = true
  }
}
