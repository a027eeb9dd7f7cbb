/** Divides a tile of JPEG 2000 into resolutions, precincts and code-blocks (ISO 15444-1 Annex B). */
import { unwalkable } from './bytes.ts'
import { TagTree } from './tag-tree.ts'

/** One axis of the reference grid. */
export interface GridAxis {
  readonly size: number
  readonly offset: number
  readonly tileSize: number
  readonly tileOffset: number
}

/** Subsampling of a component. */
export interface Sampling {
  readonly x: number
  readonly y: number
}

/** Coding style of one component (A.6.1, A.6.2). */
export interface ComponentStyle {
  readonly levels: number
  /** Exponents of the size of code-blocks, and of the size of precincts for each resolution. */
  readonly blockX: number
  readonly blockY: number
  readonly precincts: readonly { readonly x: number; readonly y: number }[]
  readonly blockStyle: number
}

export interface CodeBlock {
  included: boolean
  lengthBits: number
  /** The number of coding passes so far in the current segment, and how many the segment can have. */
  passes: number
  maxPasses: number
}

export interface BlockGrid {
  readonly blocks: readonly CodeBlock[]
  readonly inclusion: TagTree
  readonly zeroPlanes: TagTree
}

export interface Precinct {
  readonly component: number
  readonly resolution: number
  readonly index: number
  /** The position on the reference grid. */
  readonly x: number
  readonly y: number
  readonly style: ComponentStyle
  readonly bands: readonly BlockGrid[]
  nextLayer: number
}

/** No image in DICOM has more precincts or code-blocks than this. Larger numbers would only cost memory. */
const MAX_PRECINCTS = 1 << 20
const MAX_BLOCKS = 1 << 22

interface Interval {
  readonly from: number
  readonly to: number
}

const ceilDivide = (value: number, exponent: number): number => Math.ceil(value / 2 ** exponent)
const floorDivide = (value: number, exponent: number): number => Math.floor(value / 2 ** exponent)

function tileInterval(axis: GridAxis, index: number): Interval {
  const from = axis.tileOffset + index * axis.tileSize
  return { from: Math.max(from, axis.offset), to: Math.min(from + axis.tileSize, axis.size) }
}

/** How many tiles there are along an axis. */
export function tilesAlong(axis: GridAxis): number {
  return Math.ceil((axis.size - axis.tileOffset) / axis.tileSize)
}

/**
 * Every precinct of a tile, ordered by component and resolution.
 * @error cannot-deidentify where there are too many
 */
export function precinctsOf(
  tile: number,
  [x, y]: readonly [GridAxis, GridAxis],
  components: readonly { readonly sampling: Sampling; readonly style: ComponentStyle }[],
): Precinct[] {
  const across = tilesAlong(x)
  const [tileX, tileY] = [tileInterval(x, tile % across), tileInterval(y, Math.floor(tile / across))]
  const precincts: Precinct[] = []
  let blocks = 0
  for (const [component, { sampling, style }] of components.entries()) {
    const [componentX, componentY] = [sampled(tileX, sampling.x), sampled(tileY, sampling.y)]
    for (let resolution = 0; resolution <= style.levels; resolution++) {
      const reduced = style.levels - resolution
      const size = style.precincts[resolution]!
      const [precinctsX, precinctsY] = [
        precinctsAlong(componentX, reduced, size.x),
        precinctsAlong(componentY, reduced, size.y),
      ]
      const count = (precinctsX.to - precinctsX.from) * (precinctsY.to - precinctsY.from)
      if (precincts.length + count > MAX_PRECINCTS) throw unwalkable('jpeg 2000 precincts')
      for (let index = 0; index < count; index++) {
        const [row, column] = [
          precinctsY.from + Math.floor(index / (precinctsX.to - precinctsX.from)),
          precinctsX.from + (index % (precinctsX.to - precinctsX.from)),
        ]
        const bands = bandsOf(style, resolution, [componentX, componentY], [column, row])
        blocks += bands.reduce((sum, band) => sum + band.blocks.length, 0)
        if (blocks > MAX_BLOCKS) throw unwalkable('jpeg 2000 blocks')
        precincts.push({
          component,
          resolution,
          index,
          x: Math.max(tileX.from, column * 2 ** (size.x + reduced) * sampling.x),
          y: Math.max(tileY.from, row * 2 ** (size.y + reduced) * sampling.y),
          style,
          bands,
          nextLayer: 0,
        })
      }
    }
  }
  return precincts
}

function sampled({ from, to }: Interval, step: number): Interval {
  return { from: Math.ceil(from / step), to: Math.ceil(to / step) }
}

function precinctsAlong({ from, to }: Interval, reduced: number, exponent: number): Interval {
  const [first, last] = [ceilDivide(from, reduced), ceilDivide(to, reduced)]
  return last > first ? { from: floorDivide(first, exponent), to: ceilDivide(last, exponent) } : { from: 0, to: 0 }
}

/** The code-blocks of one precinct, by sub-band (B.5, B.7). */
function bandsOf(
  style: ComponentStyle,
  resolution: number,
  tile: readonly [Interval, Interval],
  precinct: readonly [number, number],
): BlockGrid[] {
  const halved = resolution === 0 ? 0 : 1
  const decomposition = style.levels - resolution + halved
  const size = style.precincts[resolution]!
  const bands: readonly (readonly [number, number])[] =
    resolution === 0
      ? [[0, 0]]
      : [
          [1, 0],
          [0, 1],
          [1, 1],
        ] // prettier-ignore
  return bands.map((bandIndex) => {
    const spans = [
      { exponent: size.x - halved, block: style.blockX },
      { exponent: size.y - halved, block: style.blockY },
    ].map(({ exponent, block }, axis) => {
      const { from, to } = tile[axis]!
      const shifted = (value: number): number =>
        ceilDivide(value - (decomposition > 0 ? 2 ** (decomposition - 1) * bandIndex[axis]! : 0), decomposition)
      const start = precinct[axis]! * 2 ** exponent
      const [first, last] = [Math.max(start, shifted(from)), Math.min(start + 2 ** exponent, shifted(to))]
      const width = Math.min(block, exponent)
      return last > first ? ceilDivide(last, width) - floorDivide(first, width) : 0
    })
    const [across, down] = spans as [number, number]
    const count = across > 0 && down > 0 ? across * down : 0
    if (count > MAX_BLOCKS) throw unwalkable('jpeg 2000 blocks')
    return {
      blocks: Array.from({ length: count }, () => ({ included: false, lengthBits: 3, passes: 0, maxPasses: 0 })),
      inclusion: new TagTree(count > 0 ? across : 0, count > 0 ? down : 0),
      zeroPlanes: new TagTree(count > 0 ? across : 0, count > 0 ? down : 0),
    }
  })
}
