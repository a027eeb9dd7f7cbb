/**
 * Decodes every image of the reference corpus in the decode processes: it compares stored values with hashes, and
 * pictures with those of another program.
 */
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { codeOf } from '../../src-core/contract/errors.ts'
import { transferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import { openInstance } from '../../src-engine/decode/instance.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import type { Imaging } from '../../src-engine/imaging.ts'

const corpus = path.resolve(import.meta.dirname, '../../../shared/dicom')
const present = existsSync(path.join(corpus, 'CATALOG.tsv'))

type Row = Record<string, string>

function tsv(name: string): Row[] {
  const [head = [], ...rows] = readFileSync(path.join(corpus, name), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'))
  return rows.map((row) => Object.fromEntries(head.map((key, i) => [key, row[i] ?? ''])))
}

/** Returns file, frame and picture of every line of the reference table. */
function references(): { file: string; frame: number; png: string }[] {
  const lines = readFileSync(path.join(corpus, 'reference/REFERENCE.md'), 'utf8')
    .split('\n')
    .filter((line) => /^\| .* \| \d+ \| \S+\.png \| /.test(line))
  return lines
    .map((line) => line.slice(2).split(' | '))
    .map(([file = '', frame = '', png = '']) => ({ file, frame: Number(frame), png }))
}

/** Files whose reference is not reliable, or for which Outpost answers differently on purpose, each with the reason. */
const OTHER_VALUES: [RegExp, string][] = [
  [/SC_rgb_small_odd_big_endian/, 'the reference did not swap 8-bit samples in big endian OW words (PS3.5 7.3)'],
  [/\.gz$/, 'wrapped in gzip: refused, not unwrapped'],
]
const OTHER_PICTURE: [RegExp, string][] = [
  [
    /CT0012\.|eCT_Supplemental|27_asl_2d_tra|invalid-vr-length-test|parametric_map_/,
    'VOI of the functional groups, which the reference does not read',
  ],
  [
    /CT1_UNC\.|D_CLUNIE_CT1_RLE_FRAGS|GH177_D_CLUNIE|pixel_padding_range/,
    'padding left out of the range (PS3.3 C.7.5.1.1.2), which the reference keeps in',
  ],
  [
    /002_non_isotropic\/00[12]|oriented_data\/[012]|slope_tiny/,
    'the reference rounds modality values to integers before the window',
  ],
  [/rtdose_expb/, 'the reference swaps 32-bit big endian samples by halves; the little endian twin agrees with ours'],
  [/SC_rgb_(expb_)?32bit|gdcm-US-ALOKA-16/, 'the reference shows raw samples cut to 8 bits'],
  [/SC_ybr_full_uncompressed|ybr_full_planar1/, 'two levels: the reference truncates its YBR to RGB'],
  [/GH195/, 'labelled RGB but coded YCbCr: the reference shows it off-colour'],
  [/video_/, 'video: named, not shown'],
  [/overlay_6002_negative_origin/, 'a region of interest: drawn here, darkened around in the reference'],
  [/\.gz$/, 'wrapped in gzip: refused, not unwrapped'],
]

const reasonOf = (list: [RegExp, string][], file: string): string | undefined =>
  list.find(([pattern]) => pattern.test(file))?.[1]

describe.skipIf(!present)('the reference corpus of ../shared', () => {
  let imaging: Imaging
  let catalog: Map<string, Row>
  beforeAll(() => {
    // A busy machine may need longer for a frame than a user would wait.
    imaging = createImaging({ timeLimit: { base: 20_000, perMiB: 5_000 } })
    catalog = new Map(tsv('CATALOG.tsv').map((row) => [row['path']!, row]))
  })
  afterAll(() => imaging.close())

  const isLossless = (file: string): boolean => {
    const syntax = transferSyntax(catalog.get(file)?.['transfer_syntax_uid'] ?? '')
    return !syntax.lossy && syntax.pixels !== 'video'
  }

  it('W3: every lossless image decodes to the stored values that other decoders agree on', async () => {
    const expected = new Map<string, Set<string>>()
    for (const row of tsv('reference/decoded.tsv')) {
      if (!isLossless(row['path']!)) continue
      expected.set(row['path']!, (expected.get(row['path']!) ?? new Set()).add(row['sha256_of_frames_LE']!))
    }
    const differing: Row[] = []
    for (const [file, hashes] of expected) {
      const { sha256, code } = await imaging.inspect({ path: path.join(corpus, file) }, { pixels: true })
      if (!hashes.has(sha256 ?? ''))
        differing.push({ file, code: code ?? '', why: reasonOf(OTHER_VALUES, file) ?? '?' })
    }
    console.log(
      `${expected.size - differing.length} of ${expected.size} lossless images decode to the reference's stored values`,
    )
    if (differing.length > 0) console.table(differing)
    expect(expected.size).toBeGreaterThan(380)
    expect(differing.filter(({ why }) => why === '?')).toEqual([])
  }, 300_000)

  it('W3: every image that must be readable decodes, lossy ones too, or says that it is a video', async () => {
    const failing: Row[] = []
    const images = [...catalog].filter(([, row]) => row['expected'] === 'readable' && row['decoded_by'] !== '')
    for (const [file] of images) {
      const code = await imaging.decodeFrame({ path: path.join(corpus, file) }, 1).then(() => null, codeOf)
      const video = transferSyntax(catalog.get(file)!['transfer_syntax_uid']!).pixels === 'video'
      if (code !== (video ? 'video' : null)) failing.push({ file, code: code ?? 'decoded' })
    }
    expect(images.length).toBeGreaterThan(400)
    expect(failing).toEqual([])
  }, 300_000)

  it('W2: thumbnails of JPEG 2000 are decoded at the size they need', async () => {
    const files = [...catalog].filter(
      ([, row]) =>
        transferSyntax(row['transfer_syntax_uid'] ?? '').pixels === 'jpeg-2000' && row['expected'] === 'readable',
    )
    let reduced = 0
    for (const [file] of files) {
      const instance = openInstance({ path: path.join(corpus, file) })
      const { Rows, Columns, SamplesPerPixel } = instance.pixels()
      const half = await instance.decodeReduced(1, 1)
      if (!half) continue
      reduced++
      expect([file, half.Rows, half.Columns, half.pixels.length]).toEqual([
        file,
        Math.ceil(Rows / 2),
        Math.ceil(Columns / 2),
        Math.ceil(Rows / 2) * Math.ceil(Columns / 2) * SamplesPerPixel * (half.BitsAllocated / 8),
      ])
    }
    expect(reduced).toBeGreaterThan(15)
  }, 120_000)

  it('W3: pictures are within one grey level of the reference, lossy ones too', async () => {
    const differing: Row[] = []
    const rows = references()
    for (const { file, frame, png } of rows) {
      const away = await distance(imaging, file, frame, png)
      if (away !== '0' && away !== '1')
        differing.push({ file, frame: String(frame), away, why: reasonOf(OTHER_PICTURE, file) ?? '?' })
    }
    console.log(
      `${rows.length - differing.length} of ${rows.length} pictures are within one grey level of the reference`,
    )
    if (differing.length > 0) console.table(differing)
    expect(rows.length).toBeGreaterThan(500)
    expect(differing.filter(({ why }) => why === '?')).toEqual([])
  }, 300_000)
})

/** Returns the largest difference of a sample, or why the two cannot be compared. */
async function distance(imaging: Imaging, file: string, frame: number, png: string): Promise<string> {
  try {
    const rendered = await imaging.render({ path: path.join(corpus, file) }, { frame, format: 'png' })
    const [ours, theirs] = await Promise.all(
      [rendered.bytes, path.join(corpus, 'reference', png)].map((input) =>
        sharp(input).toColourspace('srgb').removeAlpha().raw().toBuffer({ resolveWithObject: true }),
      ),
    )
    if (ours!.info.width !== theirs!.info.width || ours!.info.height !== theirs!.info.height) return 'size'
    let largest = 0
    for (let i = 0; i < ours!.data.length; i++) largest = Math.max(largest, Math.abs(ours!.data[i]! - theirs!.data[i]!))
    return String(largest)
  } catch (error) {
    return codeOf(error)
  }
}
