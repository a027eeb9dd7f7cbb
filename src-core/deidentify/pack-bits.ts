/**
 * Samples of a byte each, 0 or 1, as bits, the first in the lowest bit of the first byte; frames follow on each other
 * without padding between them.
 * @see PS3.5 8.1.1
 */
export function packBits(samples: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(samples.length / 8))
  for (let index = 0; index < samples.length; index++)
    if ((samples[index]! & 1) === 1) packed[index >> 3]! |= 1 << (index & 7)
  return packed
}
