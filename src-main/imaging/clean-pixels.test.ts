import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { deidentifyInstance } from '../../src-core/deidentify/deidentify.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { number, text } from '../../src-core/dicom/values.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  textElement,
  writeDataset,
} from '../../src-core/dicom/write.ts'
import { createImaging } from '../../src-engine/decode-process/pool.ts'
import type { Imaging, PaintedFrame } from '../../src-engine/imaging.ts'
import { cleanPixels } from './clean-pixels.ts'

const RLE = '1.2.840.10008.1.2.5'
const frame = (bytes: number[], changes: Partial<PaintedFrame> = {}): PaintedFrame => ({
  Rows: 2,
  Columns: 2,
  SamplesPerPixel: 1,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PhotometricInterpretation: 'MONOCHROME2',
  TransferSyntaxUID: null,
  bytes: Uint8Array.from(bytes),
  ...changes,
})
const { TransferSyntaxUID: _syntax, bytes: _bytes, Rows: _rows, Columns: _columns, ...described } = frame([])
const nowhere = { bytes: new Uint8Array(0) }
const corner = [{ x: 1, y: 0, width: 1, height: 1 }]

function dataset(NumberOfFrames: number, BitsAllocated = 8): ReturnType<typeof parseDicom>['dataset'] {
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: '1.2',
    MediaStorageSOPInstanceUID: '1.2',
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  const body = writeDataset([
    textElement(TAG.Modality, 'CS', 'US'),
    textElement(TAG.NumberOfFrames, 'IS', String(NumberOfFrames)),
    numberElement(TAG.Rows, 'US', [2]),
    numberElement(TAG.BitsAllocated, 'US', [BitsAllocated]),
    bytesElement(TAG.PixelData, 'OB', new Uint8Array(2)),
  ])
  return parseDicom(new Uint8Array(Buffer.concat([head, body]))).dataset
}

it('D5: frames that were compressed again are passed on as they are, in one syntax', async () => {
  const frames = [frame([1, 2, 3], { TransferSyntaxUID: RLE }), frame([4], { TransferSyntaxUID: RLE })]
  const cleaned = await cleanPixels(async (_source, request) => frames[request.frame - 1]!, nowhere, dataset(2), corner)
  expect(cleaned).toEqual({ ...described, TransferSyntaxUID: RLE, frames: [Uint8Array.of(1, 2, 3), Uint8Array.of(4)] })
})

it('D5: when one frame cannot be compressed, or the attempt is too much, all leave native', async () => {
  const native = [frame([9, 6, 7, 6]), frame([1, 1, 3, 4])]
  const expected = { ...described, pixels: Uint8Array.of(9, 6, 7, 6, 1, 1, 3, 4) }
  for (const second of [
    frame([1, 1, 3, 4]),
    frame([4], { TransferSyntaxUID: RLE, PhotometricInterpretation: 'MONOCHROME1' }),
    new OutpostError('decode-out-of-memory'),
  ]) {
    const paint: Imaging['paintFrame'] = async (_source, { frame: number, compress, regions }) => {
      expect(regions).toBe(corner)
      if (!compress) return native[number - 1]!
      if (number === 1) return frame([1], { TransferSyntaxUID: RLE })
      if (second instanceof OutpostError) throw second
      return second
    }
    expect(await cleanPixels(paint, nowhere, dataset(2), corner)).toEqual(expected)
  }
})

it('D5: bits stay bits, frame after frame without a gap', async () => {
  const frames = [
    frame([1, 0, 1, 1], { BitsStored: 1, HighBit: 0 }),
    frame([0, 1, 0, 0], { BitsStored: 1, HighBit: 0 }),
  ]
  const cleaned = await cleanPixels(
    async (_source, request) => frames[request.frame - 1]!,
    nowhere,
    dataset(2, 1),
    corner,
  )
  // The first pixel is in the lowest bit: 0010 1101.
  expect(cleaned).toEqual({
    ...described,
    BitsAllocated: 1,
    BitsStored: 1,
    HighBit: 0,
    pixels: Uint8Array.of(0b0010_1101),
  })
})

it('D5: frames of different sizes, too large ones, and ones that cannot be decoded are refused', async () => {
  const frames = [frame([9, 8, 7, 6]), frame([1, 2])]
  const paint: Imaging['paintFrame'] = async (_source, request) => frames[request.frame - 1]!
  await expect(cleanPixels(paint, nowhere, dataset(2), corner)).rejects.toThrow('decode-failed')
  await expect(cleanPixels(paint, nowhere, dataset(1_000_000_000), corner)).rejects.toThrow('too-large')
  const asked: boolean[] = []
  await expect(
    cleanPixels(
      async (_source, { compress }) => {
        asked.push(compress)
        throw new OutpostError('video')
      },
      nowhere,
      dataset(2),
      corner,
    ),
  ).rejects.toThrow('video')
  expect(asked).toEqual([true])
})

const codecs = path.resolve(import.meta.dirname, '../../../shared/dicom/synth/codecs')
describe.skipIf(!existsSync(codecs))('real codecs', () => {
  const imaging = createImaging({ concurrency: 1 })
  afterAll(() => imaging.close())

  const files: [name: string, TransferSyntaxUID: string, PhotometricInterpretation: string][] = [
    ['jpegls_80_3frames.dcm', '1.2.840.10008.1.2.4.80', 'MONOCHROME2'],
    ['rle_rgb.dcm', RLE, 'RGB'],
    ['j2k_90_signed16.dcm', '1.2.840.10008.1.2.4.90', 'MONOCHROME2'],
    ['jpeg_baseline_cine_fragmented.dcm', '1.2.840.10008.1.2.4.90', 'YBR_RCT'],
    ['jpeg_baseline_cine_eot.dcm', '1.2.840.10008.1.2.4.90', 'YBR_RCT'],
    ['htj2k_lossless_201_gray12.dcm', '1.2.840.10008.1.2.4.90', 'MONOCHROME2'],
    ['htj2k_lossless_201_rgb_rct.dcm', '1.2.840.10008.1.2.4.90', 'YBR_RCT'],
    ['jxl_lossless_110_gray16.dcm', '1.2.840.10008.1.2.4.90', 'MONOCHROME2'],
    ['encapsulated_uncompressed_98.dcm', '1.2.840.10008.1.2.1', 'MONOCHROME2'],
  ]
  it.each(files.filter(([name]) => existsSync(path.join(codecs, name))))(
    'D5: %s leaves painted and in %s, equal to the decoded source elsewhere',
    async (name, TransferSyntaxUID, photometric) => {
      const source = { path: path.join(codecs, name) }
      const file = parseDicom(readFileSync(source.path))
      const cleanedPixels = await cleanPixels(imaging.paintFrame, source, file.dataset, [
        { x: 0, y: 0, width: 8, height: 4 },
      ])
      const made = deidentifyInstance(file, {
        options: new Set(),
        mapUid: () => '2.25.1',
        shiftDays: 0,
        patientName: 'Anonymous^1',
        patientId: 'A',
        cleanedPixels,
        regions: corner,
      })
      const bytes = Buffer.concat(made.chunks)
      const out = parseDicom(bytes)
      expect([
        made.TransferSyntaxUID,
        out.TransferSyntaxUID,
        text(out.dataset, TAG.BurnedInAnnotation),
        text(out.dataset, TAG.PhotometricInterpretation),
      ]).toEqual([TransferSyntaxUID, TransferSyntaxUID, 'NO', photometric])
      expect(out.dataset.elements.has(TAG.ExtendedOffsetTable)).toBe(false)
      const last = number(file.dataset, TAG.NumberOfFrames) ?? 1
      if (TransferSyntaxUID !== '1.2.840.10008.1.2.1') {
        const { fragments, offsetTable } = out.dataset.elements.get(TAG.PixelData)!
        expect(fragments!.map(({ start }) => start - 8 - (fragments![0]!.start - 8))).toEqual(offsetTable)
        expect(fragments!.length).toBe(last)
      }
      for (const frame of new Set([1, last])) {
        const [before, after] = [await imaging.decodeFrame(source, frame), await imaging.decodeFrame({ bytes }, frame)]
        const size = before.pixels.length / (before.Rows * before.Columns)
        let outside = 0
        for (let pixel = 0; pixel < before.Rows * before.Columns; pixel++) {
          if (pixel % before.Columns < 8 && Math.floor(pixel / before.Columns) < 4) continue
          if (
            Buffer.compare(
              before.pixels.subarray(pixel * size, (pixel + 1) * size),
              after.pixels.subarray(pixel * size, (pixel + 1) * size),
            ) !== 0
          )
            outside++
        }
        expect(outside).toBe(0)
        const painted = after.pixels.subarray(0, 8 * size)
        expect(painted.every((byte, index) => byte === painted[index % size])).toBe(true)
      }
    },
  )
})
