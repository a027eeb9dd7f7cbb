/** How a tile of JPEG 2000 falls into resolutions, precincts and code-blocks (ISO 15444-1 Annex B). */
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
  /** Exponents of the code-blocks' size, and of the precincts' of each resolution. */
  readonly blockX: number
  readonly blockY: number
  readonly precincts: readonly { readonly x: number; readonly y: number }[]
  readonly blockStyle: number
}

export interface CodeBlock {
  included: boolean
  lengthBits: number
  /** Coding passes so far in the segment that is open, and how many it takes. */
  passes: number
  mostPasses: number
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
  /** On the reference grid. */
  readonly x: number
  readonly y: number
  readonly style: ComponentStyle
  readonly bands: readonly BlockGrid[]
  nextLayer: number
}

/** More precincts or code-blocks than any image of DICOM has are a lie that would only cost memory. */
const MOST_PRECINCTS = 1 << 20
const MOST_BLOCKS = 1 << 22

interface Interval {
  readonly from: number
  readonly to: number
}

const up = (value: number, exponent: number): number => Math.ceil(value / 2 ** exponent)
const down = (value: number, exponent: number): number => Math.floor(value / 2 ** exponent)

function tileInterval(axis: GridAxis, index: number): Interval {
  const from = axis.tileOffset + index * axis.tileSize
  return { from: Math.max(from, axis.offset), to: Math.min(from + axis.tileSize, axis.size) }
}

/** How many tiles there are along an axis. */
export function tilesAlong(axis: GridAxis): number {
  return Math.ceil((axis.size - axis.tileOffset) / axis.tileSize)
}

/** Every precinct of a tile, by component and resolution. @error cannot-deidentify where there are too many */
export function precinctsOf(
  tile: number,
  [x, y]: readonly [GridAxis, GridAxis],
  components: readonly { readonly sampling: Sampling; readonly style: ComponentStyle }[],
): Precinct[] {
  const across = tilesAlong(x)
  const [tx, ty] = [tileInterval(x, tile % across), tileInterval(y, Math.floor(tile / across))]
  const found: Precinct[] = []
  let blocks = 0
  for (const [component, { sampling, style }] of components.entries()) {
    const [cx, cy] = [sampled(tx, sampling.x), sampled(ty, sampling.y)]
    for (let resolution = 0; resolution <= style.levels; resolution++) {
      const reduced = style.levels - resolution
      const size = style.precincts[resolution]!
      const [px, py] = [precinctsAlong(cx, reduced, size.x), precinctsAlong(cy, reduced, size.y)]
      const count = (px.to - px.from) * (py.to - py.from)
      if (found.length + count > MOST_PRECINCTS) throw unwalkable('jpeg 2000 precincts')
      for (let index = 0; index < count; index++) {
        const [row, column] = [py.from + Math.floor(index / (px.to - px.from)), px.from + (index % (px.to - px.from))]
        const bands = bandsOf(style, resolution, [cx, cy], [column, row])
        blocks += bands.reduce((sum, band) => sum + band.blocks.length, 0)
        if (blocks > MOST_BLOCKS) throw unwalkable('jpeg 2000 blocks')
        found.push({
          component,
          resolution,
          index,
          x: Math.max(tx.from, column * 2 ** (size.x + reduced) * sampling.x),
          y: Math.max(ty.from, row * 2 ** (size.y + reduced) * sampling.y),
          style,
          bands,
          nextLayer: 0,
        })
      }
    }
  }
  return found
}

function sampled({ from, to }: Interval, step: number): Interval {
  return { from: Math.ceil(from / step), to: Math.ceil(to / step) }
}

function precinctsAlong({ from, to }: Interval, reduced: number, exponent: number): Interval {
  const [first, last] = [up(from, reduced), up(to, reduced)]
  return last > first ? { from: down(first, exponent), to: up(last, exponent) } : { from: 0, to: 0 }
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
  return bands.map((high) => {
    const spans = [
      { exponent: size.x - halved, block: style.blockX },
      { exponent: size.y - halved, block: style.blockY },
    ].map(({ exponent, block }, axis) => {
      const { from, to } = tile[axis]!
      const shifted = (value: number): number =>
        up(value - (decomposition > 0 ? 2 ** (decomposition - 1) * high[axis]! : 0), decomposition)
      const start = precinct[axis]! * 2 ** exponent
      const [first, last] = [Math.max(start, shifted(from)), Math.min(start + 2 ** exponent, shifted(to))]
      const width = Math.min(block, exponent)
      return last > first ? up(last, width) - down(first, width) : 0
    })
    const [across, along] = spans as [number, number]
    const count = across > 0 && along > 0 ? across * along : 0
    if (count > MOST_BLOCKS) throw unwalkable('jpeg 2000 blocks')
    return {
      blocks: Array.from({ length: count }, () => ({ included: false, lengthBits: 3, passes: 0, mostPasses: 0 })),
      inclusion: new TagTree(count > 0 ? across : 0, count > 0 ? along : 0),
      zeroPlanes: new TagTree(count > 0 ? across : 0, count > 0 ? along : 0),
    }
  })
}
