/**
 * Makes fifty CT slices of 512 × 512, each in its own file and all together as frames of one file, in every transfer
 * syntax that the installed tools can write.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { openInstance } from '../../src-engine/decode/instance.ts'
import { imageAttributes, part10, type Attribute } from '../../src-engine/decode/part10.fixture.ts'

export const SLICES = 50
const SIDE = 512
const EXPLICIT_LITTLE = '1.2.840.10008.1.2.1'

export interface SliceFiles {
  readonly syntax: string
  /** Files of one slice each. */
  readonly slices: readonly string[]
  /** One file with all slices as frames. */
  readonly multiframe: string
}

const CONVERTERS: readonly (readonly [syntax: string, tool: string, options: readonly string[]])[] = [
  ['implicit', 'dcmconv', ['+ti']],
  ['big endian', 'dcmconv', ['+tb']],
  ['deflated', 'dcmconv', ['+td']],
  ['RLE', 'dcmcrle', []],
  ['JPEG baseline', 'dcmcjpeg', ['+eb', '+Wi', '1']],
  ['JPEG extended', 'dcmcjpeg', ['+ee']],
  ['JPEG lossless', 'dcmcjpeg', []],
  ['JPEG lossless, predictor 6', 'dcmcjpeg', ['+el', '+sv', '6']],
  ['JPEG-LS', 'dcmcjpls', []],
  ['JPEG-LS near-lossless', 'dcmcjpls', ['+en']],
  ['JPEG 2000', 'gdcmconv', ['--j2k']],
]

/** @param wanted transfer syntaxes; empty for all */
export function makeSlices(folder: string, wanted: readonly string[]): SliceFiles[] {
  const native = path.join(folder, 'native')
  mkdirSync(native)
  const slices = generated(native) ?? phantoms(native)
  const multiframe = path.join(folder, 'native.dcm')
  const words = slices.map((slice) => openInstance({ path: slice }).frameBytes(1).bytes)
  writeFileSync(multiframe, ctImage(new Uint8Array(Buffer.concat(words)), [[0x00280008, 'IS', String(SLICES)]]))
  const results: SliceFiles[] = [{ syntax: 'native', slices, multiframe }]
  for (const [syntax, tool, options] of CONVERTERS) {
    if (wanted.length > 0 && !wanted.includes(syntax)) continue
    const out = path.join(folder, syntax.replaceAll(' ', '-'))
    mkdirSync(out)
    const convert = (from: string, to: string): boolean =>
      spawnSync(tool, [...options, from, to]).status === 0 && existsSync(to)
    const converted = slices.map((slice, index) => ({ slice, to: path.join(out, `${index}.dcm`) }))
    if (converted.every(({ slice, to }) => convert(slice, to)) && convert(multiframe, `${out}.dcm`))
      results.push({ syntax, slices: converted.map(({ to }) => to), multiframe: `${out}.dcm` })
  }
  return results.filter(({ syntax }) => wanted.length === 0 || wanted.includes(syntax))
}

/** Makes slices with the header of a real scanner, by the generator of studies beside the checkout; null without it. */
function generated(folder: string): string[] | null {
  const generator = path.resolve(import.meta.dirname, '../../../shared/tools/make_studies.py')
  if (!existsSync(generator)) return null
  const { status } = spawnSync(generator, [
    '--out',
    folder,
    '--files',
    String(SLICES),
    '--studies',
    '1',
    '--series',
    '1',
    '--instances',
    String(SLICES),
    '--pixels',
    'full',
    '--modalities',
    'CT:1',
    '--truth',
    'no',
  ])
  const found = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.startsWith('IM'))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .toSorted()
  return status === 0 && found.length === SLICES ? found : null
}

function phantoms(folder: string): string[] {
  return Array.from({ length: SLICES }, (_, index) => {
    const file = path.join(folder, `${index}.dcm`)
    writeFileSync(file, ctImage(new Uint8Array(phantom(index).buffer), []))
    return file
  })
}

function ctImage(pixels: Uint8Array, more: readonly Attribute[]): Uint8Array {
  return part10(
    EXPLICIT_LITTLE,
    imageAttributes(SIDE, SIDE, pixels, [
      [0x00080060, 'CS', 'CT'],
      [0x00281050, 'DS', '40'],
      [0x00281051, 'DS', '400'],
      [0x00281052, 'DS', '-1024'],
      [0x00281053, 'DS', '1'],
      [0x00280101, 'US', 12],
      [0x00280102, 'US', 11],
      ...more,
    ]),
  )
}

/** Returns a body with bones, soft tissue and noise, as stored values of a CT with intercept −1024. */
function phantom(slice: number): Uint16Array {
  let seed = slice + 1
  const noise = (): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return seed / 2_147_483_648 - 0.5
  }
  return Uint16Array.from({ length: SIDE * SIDE }, (_, i) => {
    const x = (i % SIDE) / SIDE - 0.5
    const y = Math.floor(i / SIDE) / SIDE - 0.5
    const inside = (x / 0.42) ** 2 + (y / 0.3) ** 2 < 1
    const bone = (x / 0.06) ** 2 + ((y - 0.15) / 0.05) ** 2 < 1
    const air = (Math.abs(x) - 0.2) ** 2 / 0.01 + y ** 2 / 0.02 < 1
    const value = bone ? 1900 : inside ? (air ? 200 : 1060 + 30 * Math.sin(x * 40 + slice)) : 20
    return Math.max(0, Math.round(value + noise() * (inside ? 40 : 8)))
  })
}
