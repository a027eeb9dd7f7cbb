/** Walks the packets of a JPEG 2000 tile by their headers, to find where the last one ends (ISO 15444-1 B.9, B.10). */
import type { CodeBlock, Precinct } from './jpeg-2000-tile.ts'
import { HeaderBits } from './tag-tree.ts'

/** A progression (A.6.6): which packets follow, up to which layer, resolution and component, and in which order. */
export interface Progression {
  readonly order: number
  readonly layers: number
  readonly resolutions: readonly [from: number, to: number]
  readonly components: readonly [from: number, to: number]
}

type Key = 'layer' | 'resolution' | 'component' | 'index' | 'x' | 'y'
const ORDERS: readonly (readonly Key[])[] = [
  ['layer', 'resolution', 'component', 'index'],
  ['resolution', 'layer', 'component', 'index'],
  ['resolution', 'y', 'x', 'component', 'index', 'layer'],
  ['y', 'x', 'component', 'resolution', 'index', 'layer'],
  ['component', 'y', 'x', 'resolution', 'index', 'layer'],
]

const START_OF_PACKET = 0x91
const END_OF_PACKET_HEADER = 0x92
/** Flags of the code-block style (Table A.19): lazy coding, a segment for each pass, high throughput (Part 15). */
const [LAZY, TERMINATED, HIGH_THROUGHPUT] = [1, 4, 0x40]

/**
 * How many bytes of a tile belong to packets.
 * @param data the data of all tile-parts of the tile, one after another
 * @returns the length of all data where the last packets are missing
 */
export function packetBytes(
  data: Uint8Array,
  precincts: readonly Precinct[],
  progressions: readonly Progression[],
): number {
  let at = 0
  for (const progression of progressions) {
    for (const { precinct, layer } of packetsOf(precincts, progression)) {
      if (layer !== precinct.nextLayer) continue
      if (at >= data.length) return data.length
      precinct.nextLayer++
      at = packetEnd(data, at, precinct, layer)
    }
  }
  return Math.min(at, data.length)
}

function packetsOf(
  precincts: readonly Precinct[],
  { order, layers, resolutions, components }: Progression,
): { readonly precinct: Precinct; readonly layer: number }[] {
  const keys = ORDERS[order]!
  const within = (value: number, [from, to]: readonly [number, number]): boolean => value >= from && value < to
  return precincts
    .filter(({ resolution, component }) => within(resolution, resolutions) && within(component, components))
    .flatMap((precinct) => Array.from({ length: layers }, (_, layer) => ({ precinct, layer })))
    .sort((a, b) => {
      for (const key of keys) {
        const difference = key === 'layer' ? a.layer - b.layer : a.precinct[key] - b.precinct[key]
        if (difference !== 0) return difference
      }
      return 0
    })
}

function packetEnd(data: Uint8Array, start: number, precinct: Precinct, layer: number): number {
  const marked = data[start] === 0xff && data[start + 1] === START_OF_PACKET
  const bits = new HeaderBits(data, marked ? start + 6 : start)
  let body = 0
  if (bits.bit() === 1) {
    for (const { blocks, inclusion, zeroPlanes } of precinct.bands) {
      for (const [index, block] of blocks.entries()) {
        const included = block.included ? bits.bit() === 1 : inclusion.isBelow(bits, index, layer + 1)
        if (!included) continue
        if (!block.included) {
          // No sample has this many bit-planes. The limit stops the count for a damaged header.
          for (let planes = 1; planes < 80 && !zeroPlanes.isBelow(bits, index, planes); ) planes++
          block.included = true
        }
        body += blockBytes(bits, block, precinct.style.blockStyle)
      }
    }
  }
  const end = bits.end()
  const closed = data[end] === 0xff && data[end + 1] === END_OF_PACKET_HEADER
  return (closed ? end + 2 : end) + body
}

/** The number of coding passes (Table B.4). */
function passesOf(bits: HeaderBits): number {
  if (bits.bit() === 0) return 1
  if (bits.bit() === 0) return 2
  const fewPasses = bits.bits(2)
  if (fewPasses < 3) return 3 + fewPasses
  const morePasses = bits.bits(5)
  return morePasses < 31 ? 6 + morePasses : 37 + bits.bits(7)
}

/** The number of bytes that a packet holds for one code-block (B.10.7). */
function blockBytes(bits: HeaderBits, block: CodeBlock, style: number): number {
  let passesLeft = passesOf(bits)
  while (block.lengthBits < 32 && bits.bit() === 1) block.lengthBits++
  if (style & HIGH_THROUGHPUT) return highThroughputBytes(bits, block.lengthBits, passesLeft)
  let bytes = 0
  while (passesLeft > 0) {
    if (block.passes >= block.maxPasses) {
      block.maxPasses = nextSegment(block.maxPasses, style)
      block.passes = 0
    }
    const passes = Math.min(passesLeft, block.maxPasses - block.passes)
    bytes += bits.bits(block.lengthBits + (31 - Math.clz32(passes)))
    block.passes += passes
    passesLeft -= passes
  }
  return bytes
}

/**
 * The number of passes in the next segment (D.4.2, D.6).
 * @param last the number of passes in the segment before; 0 when there was none
 */
function nextSegment(last: number, style: number): number {
  if (style & TERMINATED) return 1
  if (style & LAZY) return last === 0 ? 10 : last === 1 || last === 10 ? 2 : 1
  return Infinity
}

/**
 * The length of a cleanup segment and of the segment for the passes that refine it. Passes before these hold no data
 * (ISO 15444-15 B.3).
 */
function highThroughputBytes(bits: HeaderBits, lengthBits: number, passes: number): number {
  const emptyPasses = Math.floor((passes - 1) / 3) * 3
  const refining = passes - emptyPasses - 1
  const cleanup = bits.bits(lengthBits + (31 - Math.clz32(emptyPasses + 1)))
  return refining > 0 ? cleanup + bits.bits(lengthBits + (refining > 1 ? 1 : 0)) : cleanup
}
