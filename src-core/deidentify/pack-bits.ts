/**
 * Packs samples of one byte each, 0 or 1, into bits. The first sample is the lowest bit of the first byte. Frames
 * follow each other without padding.
 * @see PS3.5 8.1.1
 */
export function packBits(samples: Uint8Array): Uint8Array {
  const packed = new Uint8Array(Math.ceil(samples.length / 8))
  for (let index = 0; index < samples.length; index++)
    if ((samples[index]! & 1) === 1) packed[index >> 3]! |= 1 << (index & 7)
  return packed
}
