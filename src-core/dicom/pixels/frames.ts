/** Which fragments of encapsulated pixel data make up each frame (PS3.5 A.4). */

export interface Fragment {
  readonly start: number
  readonly length: number
}

export interface FragmentLayout {
  readonly fragments: readonly Fragment[]
  readonly NumberOfFrames: number
  /** Basic Offset Table: first byte of each frame's first item, counted from the first item's tag. */
  readonly offsetTable: readonly number[]
  /** Extended Offset Table (7FE0,0001), counted as the basic one. */
  readonly extendedOffsets: readonly number[]
}

/**
 * Fragments by frame: by offset table where one fits, one by one where the counts agree, else by where codestreams
 * begin.
 * A frame that is missing is missing at the end of the answer.
 * @param beginsCodestream whether the bytes at a fragment's start open a codestream
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
 * JPEG and JPEG-LS (SOI, then a marker), JPEG 2000 (SOC SIZ), JPEG XL, and the boxes of JP2 and JPEG XL. Entropy-coded
 * data cannot look so.
 */
export function opensCodestream(bytes: Uint8Array): boolean {
  const [a, b, c, d] = bytes
  if (a === 0xff) return (b === 0xd8 && c === 0xff) || (b === 0x4f && c === 0xff && d === 0x51) || b === 0x0a
  return a === 0 && b === 0 && c === 0 && d === 12 && (bytes[4] === 0x6a || bytes[4] === 0x4a)
}
