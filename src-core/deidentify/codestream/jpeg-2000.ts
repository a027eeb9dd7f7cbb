/**
 * Writes JPEG 2000 and HTJ2K codestreams again with only the markers that decoding needs and the packets of each tile
 * (ISO 15444-1 Annex A, ISO 15444-15 Annex A).
 */
import { concatenated } from '../../bytes.ts'
import { segment, uint16, uint32, unwalkable } from './bytes.ts'
import { packetBytes, type Progression } from './jpeg-2000-packets.ts'
import { precinctsOf, tilesAlong, type ComponentStyle, type GridAxis, type Sampling } from './jpeg-2000-tile.ts'

const [SIZ, CAP, COD, COC, QCD, QCC, RGN, POC] = [0xff51, 0xff50, 0xff52, 0xff53, 0xff5c, 0xff5d, 0xff5e, 0xff5f]
const [SOC, SOT, SOD, EOC] = [0xff4f, 0xff90, 0xff93, 0xffd9]
/**
 * Markers of profiles, lengths, registration and comments. No sample depends on them, and the lengths would be wrong
 * afterwards.
 */
const DROPPED_MARKERS = new Set([0xff55, 0xff56, 0xff57, 0xff58, 0xff59, 0xff63, 0xff64])

interface ImageSize {
  readonly axes: readonly [GridAxis, GridAxis]
  readonly components: readonly Sampling[]
}

/**
 * The coding parameters of a tile. The main header states them for all tiles, unless the first header of a tile states
 * its own.
 */
interface Coding {
  readonly style?: Uint8Array
  readonly components: ReadonlyMap<number, Uint8Array>
  readonly progressions: readonly Uint8Array[]
}

interface Headers {
  /** The segments to write. */
  readonly parts: readonly Uint8Array[]
  readonly coding: Coding
  /** The position of the marker that ends the headers. */
  readonly end: number
}

interface TilePart {
  readonly tile: number
  readonly header: Uint8Array
  readonly parts: readonly Uint8Array[]
  readonly data: Uint8Array
}

/**
 * The codestream up to its end marker. Bytes after it are not kept.
 * @error cannot-deidentify where it cannot be followed. Packed packet headers and the extensions of Part 2, which no
 * known writer of DICOM uses, are among these cases
 */
export function cleanJpeg2000(bytes: Uint8Array): Uint8Array {
  const sizeEnd = 4 + uint16(bytes, 4)
  if (uint16(bytes, 2) !== SIZ || sizeEnd > bytes.length) throw unwalkable('jpeg 2000 size')
  const size = readSize(bytes.subarray(6, sizeEnd))
  const main = readHeaders(bytes, sizeEnd, SOT, size, { components: new Map(), progressions: [] })
  const codings = new Map<number, Coding>()
  const tileParts: TilePart[] = []
  let at = main.end
  while (at + 12 <= bytes.length && uint16(bytes, at) === SOT) {
    const tile = uint16(bytes, at + 4)
    const length = uint32(bytes, at + 6)
    if (uint16(bytes, at + 2) !== 10 || tile >= tilesAlong(size.axes[0]) * tilesAlong(size.axes[1]))
      throw unwalkable('jpeg 2000 tile')
    const headers = readHeaders(bytes, at + 12, SOD, size, codings.get(tile) ?? main.coding)
    codings.set(tile, headers.coding)
    const from = headers.end + 2
    // A length of zero means up to the end of the codestream. Writers may also state a length beyond the end.
    const to = length === 0 ? bytes.length : Math.min(bytes.length, at + length)
    if (to < from) throw unwalkable('jpeg 2000 tile length')
    const header = segment(SOT, bytes.subarray(at + 4, at + 12))
    const stop = markerIn(bytes, from, to)
    tileParts.push({ tile, header, parts: headers.parts, data: bytes.subarray(from, stop) })
    at = length === 0 ? stop : to
  }
  if (tileParts.length === 0) throw unwalkable('jpeg 2000 tiles')
  cutTails(tileParts, size, codings)
  return concatenated([
    marker(SOC),
    bytes.subarray(2, sizeEnd),
    ...main.parts,
    ...tileParts.flatMap(writtenTilePart),
    marker(EOC),
  ])
}

function marker(code: number): Uint8Array {
  return Uint8Array.of(code >> 8, code & 0xff)
}

function readSize(content: Uint8Array): ImageSize {
  const count = uint16(content, 34)
  if (content.length !== 36 + 3 * count || count === 0) throw unwalkable('jpeg 2000 size')
  const axis = (at: number): GridAxis => ({
    size: uint32(content, at),
    offset: uint32(content, at + 8),
    tileSize: uint32(content, at + 16),
    tileOffset: uint32(content, at + 24),
  })
  const axes = [axis(2), axis(6)] as const
  for (const { size, offset, tileSize, tileOffset } of axes)
    if (size <= offset || tileSize === 0 || tileOffset > offset || tileOffset + tileSize <= offset)
      throw unwalkable('jpeg 2000 size')
  const components = Array.from({ length: count }, (_, index) => ({
    x: content[37 + 3 * index]!,
    y: content[38 + 3 * index]!,
  }))
  if (components.some(({ x, y }) => x === 0 || y === 0)) throw unwalkable('jpeg 2000 size')
  return { axes, components }
}

/** Reads the marker segments from a position on, up to the marker that ends them. */
function readHeaders(bytes: Uint8Array, start: number, last: number, size: ImageSize, inherited: Coding): Headers {
  const keptSegments: { readonly code: number; readonly content: Uint8Array }[] = []
  const styleOfComponent = new Map<number, Uint8Array>()
  let { style, components, progressions } = inherited
  let at = start
  for (;;) {
    if (at + 4 > bytes.length) throw unwalkable('jpeg 2000 header')
    const code = uint16(bytes, at)
    if (code === last) break
    const end = at + 2 + uint16(bytes, at + 2)
    const content = bytes.subarray(at + 4, end)
    if (end < at + 4 || end > bytes.length) throw unwalkable('jpeg 2000 segment')
    at = end
    if (DROPPED_MARKERS.has(code)) continue
    const length = lengthOf(code, content, size.components.length)
    if (length !== content.length) throw unwalkable('jpeg 2000 segment')
    if (code === COD) {
      style = content
      // The style that a tile states for all components replaces what the main header states for single ones.
      if (last === SOD) components = new Map()
    } else if (code === COC) styleOfComponent.set(componentOf(content, size.components.length), content)
    else if (code === POC) {
      // The first POC segment of a tile replaces those of the main header.
      const replaces = last === SOD && progressions === inherited.progressions
      progressions = replaces ? [content] : [...progressions, content]
    }
    keptSegments.push({ code, content })
  }
  const coding = { ...(style && { style }), components: new Map([...components, ...styleOfComponent]), progressions }
  const parts = keptSegments.map(({ code, content }) => segment(code, quantized(code, content, coding, size)))
  return { parts, end: at, coding }
}

/**
 * A quantization segment with the steps for exactly as many sub-bands as the wavelet transform makes, without bytes
 * after them.
 */
function quantized(code: number, content: Uint8Array, coding: Coding, size: ImageSize): Uint8Array {
  if (code !== QCD && code !== QCC) return content
  const at = code === QCD ? 0 : indexBytes(size.components.length)
  const { components } = stylesOf(coding, size)
  const quantizedComponents =
    code === QCD ? components : components.slice(componentOf(content, components.length)).slice(0, 1)
  const levels = Math.max(...quantizedComponents.map(({ style }) => style.levels))
  const kind = content[at]! & 31
  const steps = kind === 1 ? 2 : (3 * levels + 1) * (kind === 0 ? 1 : 2)
  if (quantizedComponents.length === 0 || content.length < at + 1 + steps) throw unwalkable('jpeg 2000 quantization')
  return content.subarray(0, at + 1 + steps)
}

/** The number of bytes of a component index: two when there are more than 256 components. */
function indexBytes(components: number): 1 | 2 {
  return components < 257 ? 1 : 2
}

function componentOf(content: Uint8Array, components: number): number {
  return indexBytes(components) === 1 ? content[0]! : uint16(content, 0)
}

/**
 * The length of a segment's content according to its own fields. Bytes after that would not belong to it (A.5, A.6).
 */
function lengthOf(code: number, content: Uint8Array, components: number): number {
  const index = indexBytes(components)
  switch (code) {
    case CAP:
      return 4 + 2 * countOnes(uint32(content, 0))
    case COD:
      return 10 + (content[0]! & 1 ? content[5]! + 1 : 0)
    case COC:
      return index + 6 + (content[index]! & 1 ? content[index + 1]! + 1 : 0)
    // The bytes after the steps are removed later, when the number of sub-bands is known.
    case QCD:
    case QCC:
      return content.length
    case RGN:
      return index + 2
    case POC:
      return content.length - (content.length % (5 + 2 * index))
    default:
      throw unwalkable('jpeg 2000 marker')
  }
}

function countOnes(bits: number): number {
  let count = 0
  for (let rest = bits; rest !== 0; rest >>>= 1) count += rest & 1
  return count
}

/**
 * The position of the first marker that ends packet data, or the end. Codes above FF8F occur only at the start of a
 * packet and after its header; any other one ends the data.
 */
function markerIn(bytes: Uint8Array, from: number, to: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < to; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]!
    // The counter after this marker may be any number, so it is skipped.
    if (next === 0x91) at += 5
    else if (next > 0x8f && next !== 0x92) return at
  }
  return to
}

/** Removes from the data of each tile the bytes that belong to no packet. */
function cutTails(tileParts: TilePart[], size: ImageSize, codings: ReadonlyMap<number, Coding>): void {
  for (const [tile, coding] of codings) {
    const partsOfTile = tileParts.filter((part) => part.tile === tile)
    const { components, progressions } = stylesOf(coding, size)
    const precincts = precinctsOf(tile, size.axes, components)
    let bytesLeft = packetBytes(concatenated(partsOfTile.map(({ data }) => data)), precincts, progressions)
    for (const part of partsOfTile) {
      const data = part.data.subarray(0, bytesLeft)
      bytesLeft -= data.length
      tileParts[tileParts.indexOf(part)] = { ...part, data }
    }
  }
}

function stylesOf(
  { style, components, progressions }: Coding,
  { components: samplings }: ImageSize,
): {
  components: { sampling: Sampling; style: ComponentStyle }[]
  progressions: Progression[]
} {
  if (!style) throw unwalkable('jpeg 2000 style')
  const [order, layers] = [style[1]!, uint16(style, 2)]
  const index = indexBytes(samplings.length)
  const styledComponents = samplings.map((sampling, number) => {
    const ownStyle = components.get(number)
    return {
      sampling,
      style: ownStyle
        ? readStyle(ownStyle[index]!, ownStyle.subarray(index + 1))
        : readStyle(style[0]!, style.subarray(5)),
    }
  })
  const defaultProgression: Progression = { order, layers, resolutions: [0, 33], components: [0, samplings.length] }
  const changes = progressions.flatMap((content) => readProgressions(content, index, samplings.length))
  if ([defaultProgression, ...changes].some((progression) => progression.order > 4))
    throw unwalkable('jpeg 2000 progression')
  const withinLayers = changes.map((change) => ({ ...change, layers: Math.min(change.layers, layers) }))
  return { components: styledComponents, progressions: changes.length > 0 ? withinLayers : [defaultProgression] }
}

function readStyle(flags: number, content: Uint8Array): ComponentStyle {
  const [levels, x, y, blockStyle] = [content[0]!, content[1]!, content[2]!, content[3]!]
  if (levels > 32 || x > 8 || y > 8) throw unwalkable('jpeg 2000 style')
  const precincts = Array.from({ length: levels + 1 }, (_, resolution) => {
    const sizes = flags & 1 ? content[5 + resolution]! : 0xff
    return { x: sizes & 15, y: sizes >> 4 }
  })
  if (precincts.some((size, resolution) => resolution > 0 && (size.x === 0 || size.y === 0)))
    throw unwalkable('jpeg 2000 precincts')
  return { levels, blockX: x + 2, blockY: y + 2, precincts, blockStyle }
}

function readProgressions(content: Uint8Array, index: 1 | 2, components: number): Progression[] {
  const length = 5 + 2 * index
  const number = (at: number): number => (index === 1 ? content[at]! : uint16(content, at))
  return Array.from({ length: content.length / length }, (_, change) => {
    const at = change * length
    return {
      resolutions: [content[at]!, content[at + 3 + index]!],
      // A zero means 256 where the number has one byte.
      components: [number(at + 1), Math.min(components, number(at + 4 + index) || 256)],
      layers: uint16(content, at + 1 + index),
      order: content[at + 4 + 2 * index]!,
    }
  })
}

function writtenTilePart({ header, parts, data }: TilePart): Uint8Array[] {
  const length = parts.reduce((sum, part) => sum + part.length, header.length + 2) + data.length
  new DataView(header.buffer).setUint32(6, length)
  return [header, ...parts, marker(SOD), data]
}
