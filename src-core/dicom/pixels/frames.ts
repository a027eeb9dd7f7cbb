/** Assigns the fragments of encapsulated pixel data to frames (PS3.5 A.4). */

export interface Fragment {
  readonly start: number
  readonly length: number
}

export interface FragmentLayout {
  readonly fragments: readonly Fragment[]
  readonly NumberOfFrames: number
  /** The Basic Offset Table: the offset of each frame's first item, counted from the tag of the first item. */
  readonly offsetTable: readonly number[]
  /** The Extended Offset Table (7FE0,0001), counted like the basic one. */
  readonly extendedOffsets: readonly number[]
}

/**
 * The fragments of each frame. They are found by an offset table that fits, else one by one when the counts are equal,
 * else by the start of codestreams. Missing frames are missing at the end of the result.
 * @param beginsCodestream whether a fragment starts with a codestream
 */
export function fragmentsByFrame(
  layout: FragmentLayout,
  beginsCodestream: (fragment: Fragment) => boolean,
): Fragment[][] {
  const { fragments, NumberOfFrames } = layout
  if (NumberOfFrames === 1) return fragments.length > 0 ? [[...fragments]] : []
  if (fragments.length === NumberOfFrames) return fragments.map((fragment) => [fragment])
  return (
    byOffsets(layout, layout.extendedOffsets) ??
    byOffsets(layout, layout.offsetTable) ??
    byCodestream(fragments, beginsCodestream)
  )
}

function byOffsets({ fragments, NumberOfFrames }: FragmentLayout, offsets: readonly number[]): Fragment[][] | null {
  const first = fragments[0]
  if (!first || offsets.length !== NumberOfFrames || offsets[0] !== 0) return null
  const indexByOffset = new Map(fragments.map((fragment, index) => [fragment.start - first.start, index]))
  const starts: number[] = []
  for (const offset of offsets) {
    const index = indexByOffset.get(offset)
    if (index === undefined || index <= (starts.at(-1) ?? -1)) return null
    starts.push(index)
  }
  return starts.map((start, frame) => fragments.slice(start, starts[frame + 1]))
}

function byCodestream(fragments: readonly Fragment[], beginsCodestream: (fragment: Fragment) => boolean): Fragment[][] {
  const frames: Fragment[][] = []
  for (const fragment of fragments) {
    const last = frames.at(-1)
    if (!last || beginsCodestream(fragment)) frames.push([fragment])
    else last.push(fragment)
  }
  return frames
}

/**
 * Whether bytes start a codestream: JPEG or JPEG-LS (SOI, then a marker), JPEG 2000 (SOC SIZ), JPEG XL, or a box of JP2
 * or JPEG XL. Entropy-coded data cannot look like this.
 */
export function startsCodestream(bytes: Uint8Array): boolean {
  const [first, second, third, fourth] = bytes
  if (first === 0xff)
    return (
      (second === 0xd8 && third === 0xff) || (second === 0x4f && third === 0xff && fourth === 0x51) || second === 0x0a
    )
  return first === 0 && second === 0 && third === 0 && fourth === 12 && (bytes[4] === 0x6a || bytes[4] === 0x4a)
}
