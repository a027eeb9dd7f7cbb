/**
 * JPEG 2000 and HTJ2K codestreams written anew with the markers that decide on decoding and the packets of each tile
 * (ISO 15444-1 Annex A, ISO 15444-15 Annex A).
 */
import { concatenated } from '../../bytes.ts'
import { segment, uint16, uint32, unwalkable } from './bytes.ts'
import { packetBytes, type Progression } from './jpeg-2000-packets.ts'
import { precinctsOf, tilesAlong, type ComponentStyle, type GridAxis, type Sampling } from './jpeg-2000-tile.ts'

const [SIZ, CAP, COD, COC, QCD, QCC, RGN, POC] = [0xff51, 0xff50, 0xff52, 0xff53, 0xff5c, 0xff5d, 0xff5e, 0xff5f]
const [SOC, SOT, SOD, EOC] = [0xff4f, 0xff90, 0xff93, 0xffd9]
/** Profiles, lengths, registration and comments: no sample depends on them, and lengths would be wrong afterwards. */
const NOT_KEPT = new Set([0xff55, 0xff56, 0xff57, 0xff58, 0xff59, 0xff63, 0xff64])

interface ImageSize {
  readonly axes: readonly [GridAxis, GridAxis]
  readonly components: readonly Sampling[]
}

/** What headers say of a tile: of all, unless the tile's own first header says otherwise. */
interface Coding {
  readonly style?: Uint8Array
  readonly components: ReadonlyMap<number, Uint8Array>
  readonly progressions: readonly Uint8Array[]
}

interface Headers {
  /** Segments to write. */
  readonly parts: readonly Uint8Array[]
  readonly coding: Coding
  /** Of the marker that ends them. */
  readonly end: number
}

interface TilePart {
  readonly tile: number
  readonly header: Uint8Array
  readonly parts: readonly Uint8Array[]
  readonly data: Uint8Array
}

/**
 * The codestream up to its end; what stands behind it is not kept.
 * @error cannot-deidentify where it cannot be followed: packed packet headers and the extensions of Part 2, which no
 * known writer of DICOM uses, among them
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
    // A length of zero reaches to the end of the codestream; writers may also claim more than there is.
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

/** The marker segments from a place on to the marker that ends them. */
function readHeaders(bytes: Uint8Array, start: number, last: number, size: ImageSize, inherited: Coding): Headers {
  const kept: { readonly code: number; readonly content: Uint8Array }[] = []
  const own = new Map<number, Uint8Array>()
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
    if (NOT_KEPT.has(code)) continue
    const length = lengthOf(code, content, size.components.length)
    if (length !== content.length) throw unwalkable('jpeg 2000 segment')
    if (code === COD) {
      style = content
      // What the main header says of single components gives way to what a tile says of all.
      if (last === SOD) components = new Map()
    } else if (code === COC) own.set(componentOf(content, size.components.length), content)
    else if (code === POC) {
      // The first change of a tile replaces what the main header says.
      const replaces = last === SOD && progressions === inherited.progressions
      progressions = replaces ? [content] : [...progressions, content]
    }
    kept.push({ code, content })
  }
  const coding = { ...(style && { style }), components: new Map([...components, ...own]), progressions }
  const parts = kept.map(({ code, content }) => segment(code, quantized(code, content, coding, size)))
  return { parts, end: at, coding }
}

/** A quantization segment with the steps of so many sub-bands as the wavelet transform makes, and no bytes behind. */
function quantized(code: number, content: Uint8Array, coding: Coding, size: ImageSize): Uint8Array {
  if (code !== QCD && code !== QCC) return content
  const at = code === QCD ? 0 : indexBytes(size.components.length)
  const { components } = stylesOf(coding, size)
  const of = code === QCD ? components : components.slice(componentOf(content, components.length)).slice(0, 1)
  const levels = Math.max(...of.map(({ style }) => style.levels))
  const kind = content[at]! & 31
  const steps = kind === 1 ? 2 : (3 * levels + 1) * (kind === 0 ? 1 : 2)
  if (of.length === 0 || content.length < at + 1 + steps) throw unwalkable('jpeg 2000 quantization')
  return content.subarray(0, at + 1 + steps)
}

/** Of a component's number, which takes a second byte where there are more than 256. */
function indexBytes(components: number): 1 | 2 {
  return components < 257 ? 1 : 2
}

function componentOf(content: Uint8Array, components: number): number {
  return indexBytes(components) === 1 ? content[0]! : uint16(content, 0)
}

/** Bytes that the content of a segment has by its own fields: those behind them would be foreign (A.5, A.6). */
function lengthOf(code: number, content: Uint8Array, components: number): number {
  const index = indexBytes(components)
  switch (code) {
    case CAP:
      return 4 + 2 * ones(uint32(content, 0))
    case COD:
      return 10 + (content[0]! & 1 ? content[5]! + 1 : 0)
    case COC:
      return index + 6 + (content[index]! & 1 ? content[index + 1]! + 1 : 0)
    // What follows the steps is cut when the number of sub-bands is known.
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

function ones(bits: number): number {
  let count = 0
  for (let left = bits; left !== 0; left >>>= 1) count += left & 1
  return count
}

/** Codes above FF8F stand in no packet but at its start and after its header; one of them ends the data. */
function markerIn(bytes: Uint8Array, from: number, to: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0 && at + 1 < to; at = bytes.indexOf(0xff, at + 1)) {
    const next = bytes[at + 1]!
    // The counter after this one may be any number.
    if (next === 0x91) at += 5
    else if (next > 0x8f && next !== 0x92) return at
  }
  return to
}

/** Takes from the data of each tile what no packet holds. */
function cutTails(tileParts: TilePart[], size: ImageSize, codings: ReadonlyMap<number, Coding>): void {
  for (const [tile, coding] of codings) {
    const own = tileParts.filter((part) => part.tile === tile)
    const { components, progressions } = stylesOf(coding, size)
    const precincts = precinctsOf(tile, size.axes, components)
    let left = packetBytes(concatenated(own.map(({ data }) => data)), precincts, progressions)
    for (const part of own) {
      const data = part.data.subarray(0, left)
      left -= data.length
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
  const all = samplings.map((sampling, number) => {
    const given = components.get(number)
    return {
      sampling,
      style: given ? readStyle(given[index]!, given.subarray(index + 1)) : readStyle(style[0]!, style.subarray(5)),
    }
  })
  const whole: Progression = { order, layers, resolutions: [0, 33], components: [0, samplings.length] }
  const changes = progressions.flatMap((content) => readProgressions(content, index, samplings.length))
  if ([whole, ...changes].some((each) => each.order > 4)) throw unwalkable('jpeg 2000 progression')
  const withinLayers = changes.map((each) => ({ ...each, layers: Math.min(each.layers, layers) }))
  return { components: all, progressions: changes.length > 0 ? withinLayers : [whole] }
}

function readStyle(flags: number, content: Uint8Array): ComponentStyle {
  const [levels, x, y, blockStyle] = [content[0]!, content[1]!, content[2]!, content[3]!]
  if (levels > 32 || x > 8 || y > 8) throw unwalkable('jpeg 2000 style')
  const precincts = Array.from({ length: levels + 1 }, (_, resolution) => {
    const sizes = flags & 1 ? content[5 + resolution]! : 0xff
    return { x: sizes & 15, y: sizes >> 4 }
  })
  if (precincts.some((each, resolution) => resolution > 0 && (each.x === 0 || each.y === 0)))
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
      // Zero stands for 256 where the number has one byte.
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
