/**
 * Puts bytes that no decoder needs at every place where compressed pixel data can contain them. It does not share code
 * with the product that removes them: it finds the places by markers alone.
 */
import { Buffer } from 'node:buffer'

export const NEEDLE = Buffer.from('ZZNEEDLE^PATIENT 19640229', 'latin1')

export interface Planted {
  readonly place: string
  readonly bytes: Uint8Array
}

const join = (...parts: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(parts))
const word = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff)
const segment = (marker: number, content: Uint8Array): Uint8Array =>
  join(word(marker), word(content.length + 2), content)
const word32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
const box = (type: string, content: Uint8Array): Uint8Array =>
  join(word32(content.length + 8), Buffer.from(type, 'latin1'), content)

interface Mark {
  readonly marker: number
  readonly at: number
  readonly end: number
}

/** Returns the segments of a JPEG or JPEG-LS codestream, including those between scans. */
function jpegMarks(bytes: Uint8Array): Mark[] {
  const jpegLs = bytes.some((byte, at) => byte === 0xff && bytes[at + 1] === 0xf7 && at < 200)
  const found: Mark[] = []
  for (let at = 2; at + 1 < bytes.length; ) {
    const marker = bytes[at + 1]!
    const isMarker = bytes[at] === 0xff && (jpegLs ? marker >= 0x80 : marker !== 0) && marker !== 0xff
    if (!isMarker || (marker >= 0xd0 && marker <= 0xd7)) {
      at++
      continue
    }
    const end = marker === 0xd9 ? at + 2 : at + 2 + ((bytes[at + 2]! << 8) | bytes[at + 3]!)
    found.push({ marker, at, end })
    if (marker === 0xd9) break
    at = end
  }
  return found
}

/** A complete JPEG picture that contains only the needle. */
const THUMBNAIL = join(Buffer.of(0xff, 0xd8), segment(0xfffe, NEEDLE), Buffer.of(0xff, 0xd9))

export function plantedJpeg(bytes: Uint8Array): Planted[] {
  const marks = jpegMarks(bytes)
  const eoi = marks.find(({ marker }) => marker === 0xd9)?.at ?? bytes.length
  const scans = marks.filter(({ marker }) => marker === 0xda)
  const frame = marks.find(({ marker }) => (marker >= 0xc0 && marker <= 0xc3) || marker === 0xf7)
  if (!frame || scans.length === 0) return []
  const put = (place: string, at: number, what: Uint8Array): Planted => ({
    place,
    bytes: join(bytes.subarray(0, at), what, bytes.subarray(at)),
  })
  const places = [
    put('comment at the start', 2, segment(0xfffe, NEEDLE)),
    put('EXIF at the start', 2, segment(0xffe1, join(Buffer.from('Exif\0\0'), NEEDLE))),
    put('JFXX thumbnail', 2, segment(0xffe0, join(Buffer.from('JFXX\0\x10'), THUMBNAIL))),
    put('APP14 of another maker', 2, segment(0xffee, NEEDLE)),
    put('APP8 of another maker', 2, segment(0xffe8, NEEDLE)),
    put('fill bytes and a comment', 2, join(Buffer.of(0xff, 0xff, 0xff), segment(0xfffe, NEEDLE))),
    put('IPTC before the frame', frame.at, segment(0xffed, NEEDLE)),
    put('comment after the frame', frame.end, segment(0xfffe, NEEDLE)),
    put('comment before the scan', scans[0]!.at, segment(0xfffe, NEEDLE)),
    put('comment before the end', eoi, segment(0xfffe, NEEDLE)),
    put('EXIF before the end', eoi, segment(0xffe1, join(Buffer.from('Exif\0\0'), NEEDLE))),
    put('JFIF before the end', eoi, segment(0xffe0, join(Buffer.from('JFIF\0'), NEEDLE))),
    put('bytes after the end', bytes.length, NEEDLE),
    put('picture after the end', bytes.length, THUMBNAIL),
    put('bytes at the end of the scan', eoi, NEEDLE),
    ...scans
      .slice(1)
      .flatMap(({ at }) => [
        put('comment between scans', at, segment(0xfffe, NEEDLE)),
        put('EXIF between scans', at, segment(0xffe1, NEEDLE)),
        put('bytes between scans', at, NEEDLE),
      ]),
  ]
  if (frame.marker === 0xf7)
    places.push(put('mapping table', scans[0]!.at, segment(0xfff8, join(Buffer.of(2, 5, 1), NEEDLE))))
  else {
    const table = join(NEEDLE, NEEDLE, NEEDLE).subarray(0, 64)
    places.push(put('quantization table that is not used', 2, segment(0xffdb, join(Buffer.of(3), table))))
    const counts = Buffer.alloc(16)
    counts[7] = NEEDLE.length
    places.push(put('codes that are not used', 2, segment(0xffc4, join(Buffer.of(0x13), counts, NEEDLE))))
  }
  const jfif = marks.find(({ marker, at }) => marker === 0xe0 && bytes[at + 4] === 0x4a && bytes[at + 7] === 0x46)
  if (jfif) {
    const content = join(bytes.subarray(jfif.at + 4, jfif.end), NEEDLE)
    content.set([NEEDLE.length, 1], 12)
    places.push({
      place: 'JFIF thumbnail',
      bytes: join(bytes.subarray(0, jfif.at), segment(0xffe0, content), bytes.subarray(jfif.end)),
    })
  }
  return places
}

export function plantedJpeg2000(bytes: Uint8Array): Planted[] {
  const view = Buffer.from(bytes)
  const marks: Mark[] = []
  let at = 2
  for (; view.readUInt16BE(at) !== 0xff90; at += 2 + view.readUInt16BE(at + 2))
    marks.push({ marker: view.readUInt16BE(at), at, end: at + 2 + view.readUInt16BE(at + 2) })
  const firstTile = at
  let lastTile = at
  for (let length = view.readUInt32BE(at + 6); length > 0 && at + length + 12 < bytes.length; ) {
    at += length
    if (view.readUInt16BE(at) !== 0xff90) break
    lastTile = at
    length = view.readUInt32BE(at + 6)
  }
  const put = (place: string, from: number, what: Uint8Array, tile?: number): Planted => {
    const planted = join(bytes.subarray(0, from), what, bytes.subarray(from))
    if (tile !== undefined) {
      const length = view.readUInt32BE(tile + 6)
      if (length > 0) planted.set(word32(length + what.length), tile + 6)
    }
    return { place, bytes: planted }
  }
  const lastLength = view.readUInt32BE(lastTile + 6)
  const end = lastLength > 0 ? lastTile + lastLength : bytes.length - 2
  const size = marks.find(({ marker }) => marker === 0xff51)!
  const steps = marks.find(({ marker }) => marker === 0xff5c)!
  const comment = segment(0xff64, join(Buffer.of(0, 1), NEEDLE))
  const places = [
    put('comment in the main header', size.end, comment),
    put('binary comment in the main header', firstTile, segment(0xff64, join(Buffer.of(0, 0), NEEDLE))),
    put('comment in a tile-part', firstTile + 12, comment, firstTile),
    put('lengths of tile-parts', firstTile, segment(0xff55, join(Buffer.of(0, 0x10), NEEDLE, NEEDLE))),
    put('lengths of packets', firstTile, segment(0xff57, join(Buffer.of(0), NEEDLE))),
    put('lengths of packets of a tile-part', firstTile + 12, segment(0xff58, join(Buffer.of(0), NEEDLE)), firstTile),
    put('registration', firstTile, segment(0xff63, NEEDLE)),
    put('bytes after the last packet', end, NEEDLE, lastTile),
    put('bytes after the end', bytes.length, NEEDLE),
    put('picture after the end', bytes.length, THUMBNAIL),
    {
      place: 'quantization steps of no sub-band',
      bytes: join(
        bytes.subarray(0, steps.at),
        segment(0xff5c, join(bytes.subarray(steps.at + 4, steps.end), NEEDLE)),
        bytes.subarray(steps.end),
      ),
    },
  ]
  const components = view.readUInt16BE(size.at + 38)
  const sizeBox = box(
    'ihdr',
    join(bytes.subarray(12, 16), bytes.subarray(8, 12), word(components), Buffer.of(bytes[size.at + 40]!, 7, 0, 0)),
  )
  const color = box('colr', join(Buffer.of(1, 0, 0), word32(components === 1 ? 17 : 16)))
  const inJp2 = (place: string, header: readonly Uint8Array[], before: Uint8Array, after: Uint8Array): Planted => ({
    place,
    bytes: join(
      box('jP  ', Buffer.of(0x0d, 0x0a, 0x87, 0x0a)),
      box('ftyp', join(Buffer.from('jp2 \0\0\0\0jp2 ', 'latin1'))),
      before,
      box('jp2h', join(sizeBox, ...header)),
      box('jp2c', bytes),
      after,
    ),
  })
  const none = new Uint8Array(0)
  places.push(
    inJp2('XML box', [color], box('xml ', NEEDLE), none),
    inJp2('UUID box at the end', [color], none, box('uuid', join(NEEDLE, NEEDLE))),
    inJp2('resolution box', [color, box('res ', NEEDLE)], none, none),
    inJp2('ICC profile', [box('colr', join(Buffer.of(2, 0, 0), NEEDLE))], none, none),
  )
  return places
}

export function plantedRle(bytes: Uint8Array): Planted[] {
  const source = Buffer.from(bytes)
  const count = source.readUInt32LE(0)
  const starts = Array.from({ length: count }, (_, index) => source.readUInt32LE(4 + index * 4))
  const at = (place: string, from: number): Planted => {
    const gap = join(NEEDLE, Buffer.alloc(NEEDLE.length % 2))
    const planted = Buffer.from(join(bytes.subarray(0, from), gap, bytes.subarray(from)))
    for (const [index, start] of starts.entries())
      if (start >= from) planted.writeUInt32LE(start + gap.length, 4 + index * 4)
    return { place, bytes: new Uint8Array(planted) }
  }
  const header = Buffer.from(bytes)
  if (count < 9) NEEDLE.copy(header, 64 - NEEDLE.length)
  const run = join(bytes, bytes.length % 2 ? Buffer.alloc(1) : Buffer.alloc(0), Buffer.of(NEEDLE.length - 1), NEEDLE)
  return [
    { place: 'offsets that are not used', bytes: new Uint8Array(header) },
    at('before the first segment', 64),
    ...starts.slice(1).map((start) => at('after a segment', start)),
    at('after the last segment', bytes.length),
    { place: 'a run after the last', bytes: run },
    { place: 'picture after the end', bytes: join(bytes, THUMBNAIL) },
  ]
}

/** Returns pixel data of undefined length. @param table the Basic Offset Table, with any content */
export function encapsulated(fragments: readonly Uint8Array[], table: Uint8Array = new Uint8Array(0)): Uint8Array {
  const item = (tag: number, content: Uint8Array): Uint8Array => {
    const head = Buffer.alloc(8)
    head.writeUInt16LE(0xfffe, 0)
    head.writeUInt16LE(tag, 2)
    head.writeUInt32LE(content.length + (content.length & 1), 4)
    return join(head, content, Buffer.alloc(content.length & 1))
  }
  return join(
    Buffer.from('e07f10004f420000ffffffff', 'hex'),
    item(0xe000, table),
    ...fragments.map((fragment) => item(0xe000, fragment)),
    item(0xe0dd, new Uint8Array(0)),
  )
}
