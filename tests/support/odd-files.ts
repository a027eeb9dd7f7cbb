/**
 * Makes files with one mistake that real writers make, each with a correct twin: a reader must read both alike. Seeded.
 */
import sharp from 'sharp'
import { encoded, type OddElement } from './dicom-bytes.ts'
import { codestreams, SIDE } from './picture-sources.ts'

export interface OddFile {
  readonly name: string
  readonly bytes: Uint8Array
  readonly twin: Uint8Array
}

/** This text is in values that de-identification must remove everywhere. */
export const SECRET = 'SECRETNAME'

const IMPLICIT = '1.2.840.10008.1.2'
const EXPLICIT = '1.2.840.10008.1.2.1'
const BIG_ENDIAN = '1.2.840.10008.1.2.2'
const DEFLATED = '1.2.840.10008.1.2.1.99'
const BASELINE = '1.2.840.10008.1.2.4.50'
const EXPLICIT_ONES = [EXPLICIT, BIG_ENDIAN, DEFLATED]
const ENCODINGS = [IMPLICIT, ...EXPLICIT_ONES]

class Random {
  private state: number
  constructor(seed: number) {
    this.state = seed >>> 0
  }
  /** Returns an integer from 0 up to, but not including, the limit (mulberry32). */
  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % limit
  }
  of<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!
  }
}

/** Returns a 16-bit grey image with the given changes, in the order of tags. */
function image(random: Random, changes: readonly OddElement[] = []): OddElement[] {
  const step = 1 + random.below(200)
  const words = Uint16Array.from({ length: SIDE * SIDE }, (_, index) => (index * step) & 0x7fff)
  const usual: OddElement[] = [
    { tag: 0x00080016, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.7' },
    { tag: 0x00080018, vr: 'UI', value: '1.2.3.4.5' },
    { tag: 0x00080060, vr: 'CS', value: 'OT' },
    { tag: 0x00081030, vr: 'LO', value: 'Hand left' },
    { tag: 0x00100010, vr: 'PN', value: 'FIRST^Anna' },
    { tag: 0x00100020, vr: 'LO', value: 'ID-1' },
    { tag: 0x00181030, vr: 'LO', value: 'Protocol' },
    { tag: 0x0020000d, vr: 'UI', value: '1.2.3' },
    { tag: 0x0020000e, vr: 'UI', value: '1.2.3.4' },
    { tag: 0x00200013, vr: 'IS', value: '7' },
    { tag: 0x00280002, vr: 'US', value: [1] },
    { tag: 0x00280004, vr: 'CS', value: 'MONOCHROME2' },
    { tag: 0x00280010, vr: 'US', value: [SIDE] },
    { tag: 0x00280011, vr: 'US', value: [SIDE] },
    { tag: 0x00280100, vr: 'US', value: [16] },
    { tag: 0x00280101, vr: 'US', value: [16] },
    { tag: 0x00280102, vr: 'US', value: [15] },
    { tag: 0x00280103, vr: 'US', value: [0] },
    { tag: 0x7fe00010, vr: 'OW', value: new Uint8Array(words.buffer) },
  ]
  return changed(usual, changes)
}

function changed(elements: readonly OddElement[], changes: readonly OddElement[]): OddElement[] {
  const tags = new Set(changes.map(({ tag }) => tag))
  return [...elements.filter(({ tag }) => !tags.has(tag)), ...changes].sort((first, second) => first.tag - second.tag)
}

const window = (random: Random): OddElement[] => [
  { tag: 0x00281050, vr: 'DS', value: String(500 + random.below(9_000)) },
  { tag: 0x00281051, vr: 'DS', value: String(100 + random.below(9_000)) },
]

/** Returns a LUT descriptor under a VR other than US, with the same three words. */
function descriptorOf(tag: number, vr: string, values: readonly number[]): OddElement {
  const words = new Uint8Array(Uint16Array.from(values).buffer)
  return { tag, vr, value: vr === 'UN' ? words : values }
}

function lutDescriptor(random: Random): OddFile {
  const syntax = random.of(EXPLICIT_ONES)
  const signed = random.below(2)
  const vr = random.of(['SS', 'UN', 'OW'])
  const count = random.of([32_769 + random.below(32_000), 40_000, 65_535, 0, 1 + random.below(2_000)])
  const first = signed ? (65_536 - random.below(3_000)) & 0xffff : random.below(3_000)
  const entries = Uint16Array.from({ length: count || 65_536 }, (_, index) => (index * 7) & 0xffff)
  const data = new Uint8Array(entries.buffer)
  const kind = random.of(['modality', 'VOI', 'palette'])
  const make = (descriptorVr: string): Uint8Array => {
    const table = [descriptorOf(0x00283002, descriptorVr, [count, first, 16]), bytesOf(0x00283006, data)]
    const changes =
      kind === 'palette'
        ? [
            { tag: 0x00280004, vr: 'CS', value: 'PALETTE COLOR' },
            ...[1, 2, 3].flatMap((channel) => [
              descriptorOf(0x00281100 + channel, descriptorVr, [count, first, 16]),
              bytesOf(0x00281200 + channel, data),
            ]),
          ]
        : [{ tag: kind === 'VOI' ? 0x00283010 : 0x00283000, vr: 'SQ', items: [table] }]
    const pixels = image(new Random(count))
    return encoded(syntax, changed(pixels, [{ tag: 0x00280103, vr: 'US', value: [signed] }, ...changes]))
  }
  return { name: `${kind} LUT of ${count} entries from ${first}, ${vr}, ${syntax}`, bytes: make(vr), twin: make('US') }
}

const bytesOf = (tag: number, value: Uint8Array): OddElement => ({ tag, vr: 'OW', value })

function emptyLut(random: Random): OddFile {
  const syntax = random.of(ENCODINGS)
  const tag = random.of([0x00283000, 0x00283010])
  const empty: OddElement[] = random.of([
    [],
    [{ tag: 0x00283002, vr: 'US' }],
    [{ tag: 0x00283002, vr: 'US' }, bytesOf(0x00283006, new Uint8Array())],
    [{ tag: 0x00283002, vr: 'US', value: [0, 0, 0] }, bytesOf(0x00283006, new Uint8Array(random.below(2) * 512))],
    [{ tag: 0x00283002, vr: 'US', value: [256, 0, 16] }],
    [{ tag: 0x00283002, vr: 'US', value: [256, 0, 16] }, bytesOf(0x00283006, new Uint8Array())],
  ])
  const table: OddElement[] = [
    { tag: 0x00283002, vr: 'US', value: [4_096, 0, 16] },
    bytesOf(0x00283006, new Uint8Array(Uint16Array.from({ length: 4_096 }, (_, at) => 65_535 - at * 16).buffer)),
  ]
  const followed = random.below(2) === 1
  const pixels = image(random, window(random))
  const make = (items: OddElement[][]): Uint8Array =>
    encoded(syntax, items.length > 0 ? changed(pixels, [{ tag, vr: 'SQ', items }]) : pixels)
  return {
    name:
      `empty item of ${tag.toString(16)}: ${empty.length} elements, ` +
      `${followed ? 'a table' : 'nothing'} after it, ${syntax}`,
    bytes: make(followed ? [empty, table] : [empty]),
    twin: make(followed ? [table] : []),
  }
}

/** Returns a JPEG with other markers before its frame, and with other component identifiers. */
function remarked(jpeg: Uint8Array, marks: readonly Uint8Array[], ids: string | null): Uint8Array {
  const parts: Uint8Array[] = [jpeg.subarray(0, 2), ...marks]
  let at = 2
  while (jpeg[at + 1] !== 0xda) {
    const end = at + 2 + ((jpeg[at + 2]! << 8) | jpeg[at + 3]!)
    const segment = jpeg.slice(at, end)
    if (ids && segment[1]! >= 0xc0 && segment[1]! <= 0xc2)
      for (let index = 0; index < 3; index++) segment[10 + index * 3] = ids.charCodeAt(index)
    if (segment[1] !== 0xe0 && segment[1] !== 0xee) parts.push(segment)
    at = end
  }
  const scan = jpeg.slice(at)
  if (ids) for (let index = 0; index < 3; index++) scan[5 + index * 2] = ids.charCodeAt(index)
  return new Uint8Array(Buffer.concat([...parts, scan]))
}

const JFIF = Uint8Array.of(0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0)
const adobe = (transform: number): Uint8Array =>
  Uint8Array.of(0xff, 0xee, 0, 14, 0x41, 0x64, 0x6f, 0x62, 0x65, 0, 100, 0, 0, 0, 0, transform)

async function jpegColor(random: Random): Promise<OddFile> {
  const raw = Uint8Array.from({ length: SIDE * SIDE * 3 }, (_, at) =>
    at % 3 === 0 ? 220 : (at * random.below(9)) & 255,
  )
  const jpeg = new Uint8Array(
    await sharp(raw, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .jpeg({ quality: 95, chromaSubsampling: '4:4:4' })
      .toBuffer(),
  )
  const label = random.of(['RGB', 'YBR_FULL_422', 'YBR_FULL'])
  const [mark, marks, ids, isYbr] = random.of<[string, Uint8Array[], string | null, boolean]>([
    ['JFIF', [JFIF], null, true],
    ['Adobe 0', [adobe(0)], null, false],
    ['Adobe 1', [adobe(1)], null, true],
    ['Adobe 2', [adobe(2)], null, true],
    ['JFIF and Adobe 0', [JFIF, adobe(0)], null, true],
    ['components R, G, B', [], 'RGB', false],
    ['JFIF and components R, G, B', [JFIF], 'RGB', true],
  ])
  const make = (codestream: Uint8Array, PhotometricInterpretation: string): Uint8Array =>
    encoded(
      BASELINE,
      image(new Random(1), [
        { tag: 0x00280002, vr: 'US', value: [3] },
        { tag: 0x00280004, vr: 'CS', value: PhotometricInterpretation },
        { tag: 0x00280006, vr: 'US', value: [0] },
        { tag: 0x00280100, vr: 'US', value: [8] },
        { tag: 0x00280101, vr: 'US', value: [8] },
        { tag: 0x00280102, vr: 'US', value: [7] },
        { tag: 0x7fe00010, vr: 'OB', fragments: [codestream] },
      ]),
    )
  return {
    name: `JPEG marked ${mark}, labelled ${label}`,
    bytes: make(remarked(jpeg, marks, ids), label),
    twin: make(remarked(jpeg, [], null), isYbr ? 'YBR_FULL_422' : 'RGB'),
  }
}

function frameNumber(random: Random): OddFile {
  const syntax = random.of(ENCODINGS)
  const value = random.of(['0', '', '-1', 'abc', '00', '1.5', '-0', '0.0', 'one', '+', '0\\2'])
  const pixels = image(random)
  return {
    name: `NumberOfFrames "${value}", ${syntax}`,
    bytes: encoded(syntax, changed(pixels, [{ tag: 0x00280008, vr: 'IS', value }])),
    twin: encoded(syntax, changed(pixels, [{ tag: 0x00280008, vr: 'IS', value: '1' }])),
  }
}

function damagedVr(random: Random): OddFile {
  const syntax = random.of(EXPLICIT_ONES)
  const vr = random.of(['??', '\0\0', '  ', 'lo', 'P?', '1A', '\x7f\x7f', 'A\0', '@[', '--'])
  const pixels = image(random, window(random))
  const nested = random.below(4) === 0
  const make = (letters: string | null): Uint8Array => {
    const damage = (element: OddElement): OddElement => ({
      ...element,
      // The value is encoded for its own VR; then the letters replace that VR.
      vr: letters ?? element.vr,
      value: letters && Array.isArray(element.value) ? wordsIn(syntax, element.value) : element.value,
    })
    if (!nested)
      return encoded(
        syntax,
        pixels.map((element, at) => (at === place ? damage(element) : element)),
      )
    const item = [
      damage({ tag: 0x00081150, vr: 'UI', value: '1.2.840.10008.5.1.4.1.1.2' }),
      { tag: 0x00081155, vr: 'UI', value: '1.2.9' },
    ]
    return encoded(syntax, changed(pixels, [{ tag: 0x00081140, vr: 'SQ', items: [item] }]))
  }
  const place = random.below(pixels.length - 1)
  const where = nested ? 'in an item' : pixels[place]!.tag.toString(16)
  return { name: `VR ${JSON.stringify(vr)} of ${where}, ${syntax}`, bytes: make(vr), twin: make(null) }
}

function wordsIn(syntax: string, values: readonly number[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap((value) => (syntax === BIG_ENDIAN ? [value >> 8, value & 255] : [value & 255, value >> 8])),
  )
}

function doubled(random: Random): OddFile {
  const syntax = random.of(ENCODINGS)
  const sound = image(random)
  const wrong = random.of<OddElement>([
    { tag: 0x00100010, vr: 'PN', value: `${SECRET}^Bert` },
    { tag: 0x00100020, vr: 'LO', value: SECRET },
    { tag: 0x00081030, vr: 'LO', value: SECRET },
    { tag: 0x00181030, vr: 'LO', value: SECRET },
    { tag: 0x00280010, vr: 'US', value: [3] },
  ])
  const first = sound.findIndex(({ tag }) => tag === wrong.tag)
  const [place, elements] = random.of<[string, OddElement[]]>([
    ['before it', sound.toSpliced(first, 0, wrong)],
    ['long before it', sound.toSpliced(random.below(first), 0, wrong)],
    ['behind the pixels', [...sound, wrong]],
  ])
  return {
    name: `${wrong.tag.toString(16)} once more ${place}, ${syntax}`,
    bytes: encoded(syntax, elements),
    twin: encoded(syntax, sound),
  }
}

function secondMeta(random: Random): OddFile {
  const syntax = random.of(ENCODINGS)
  const pixels = image(random)
  const group: OddElement[] = [
    { tag: 0x00020010, vr: 'UI', value: random.of([...ENCODINGS, BASELINE]) },
    { tag: 0x00020016, vr: 'AE', value: SECRET },
  ]
  const inside = random.below(2) === 1
  const at = 1 + random.below(pixels.length - 1)
  return {
    name: `a second group 0002 ${inside ? `before element ${at}` : 'behind the first'}, ${syntax}`,
    bytes: inside ? encoded(syntax, pixels.toSpliced(at, 0, ...group)) : encoded(syntax, pixels, { moreMeta: group }),
    twin: encoded(syntax, pixels),
  }
}

async function underNative(random: Random): Promise<OddFile> {
  // Frames that are only deflated have no signature by which their syntax could be recognized.
  const coded = (await codestreams()).filter(([syntax]) => !syntax.endsWith('.8.1'))
  const [syntax, codestream] = random.of(coded)
  const label = random.of([IMPLICIT, EXPLICIT])
  const definedLength = random.below(2) === 1
  const frames = 1 + random.below(2)
  const pixels = image(random, [
    { tag: 0x00280008, vr: 'IS', value: String(frames) },
    { tag: 0x7fe00010, vr: 'OB', fragments: Array.from({ length: frames }, () => codestream), definedLength },
  ])
  const sound = pixels.map((element) => ({ ...element, definedLength: false }))
  return {
    name: `${frames} frames of ${syntax} under ${label}${definedLength ? ', of defined length' : ''}`,
    bytes: encoded(label, pixels),
    twin: encoded(syntax, sound),
  }
}

const KINDS = { lutDescriptor, emptyLut, jpegColor, frameNumber, damagedVr, doubled, secondMeta, underNative }
export type OddKind = keyof typeof KINDS
export const ODD_KINDS = Object.keys(KINDS) as OddKind[]

/** Returns files of one kind; the same numbers give the same files. @param from number of the first file */
export function oddFiles(kind: OddKind, count: number, from = 0): Promise<OddFile[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const seed = (from + index) * ODD_KINDS.length + ODD_KINDS.indexOf(kind)
      const file = await KINDS[kind](new Random(seed * 2_654_435_761))
      return { ...file, name: `${from + index}: ${file.name}` }
    }),
  )
}
