import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { deidentifyInstance } from '../../src-core/deidentify/deidentify.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { number, text } from '../../src-core/dicom/values.ts'
import { bytesElement, filePreambleAndMeta, numberElement, textElement, writeDataset } from '../../src-core/dicom/write.ts'
import { createImaging } from '../../src-engine/decode/pool.ts'
import type { DecodedFrame } from '../../src-engine/imaging.ts'
import { cleanPixels } from './clean-pixels.ts'

const frame = (pixels: number[]): DecodedFrame => ({
  Rows: 2, Columns: 2, SamplesPerPixel: 1, BitsAllocated: 8, BitsStored: 8, PixelRepresentation: 0, PhotometricInterpretation: 'MONOCHROME2', pixels: Uint8Array.from(pixels),
})
const corner = [{ x: 1, y: 0, width: 1, height: 1 }]

function dataset(NumberOfFrames: number): ReturnType<typeof parseDicom>['dataset'] {
  const head = filePreambleAndMeta({ MediaStorageSOPClassUID: '1.2', MediaStorageSOPInstanceUID: '1.2', TransferSyntaxUID: '1.2.840.10008.1.2.1' })
  const body = writeDataset([textElement(TAG.Modality, 'CS', 'US'), textElement(TAG.NumberOfFrames, 'IS', String(NumberOfFrames)), numberElement(TAG.Rows, 'US', [2]), bytesElement(TAG.PixelData, 'OB', new Uint8Array(2))])
  return parseDicom(new Uint8Array(Buffer.concat([head, body]))).dataset
}

it('D5: every frame of compressed pixels is decoded and painted', async () => {
  const frames = [frame([9, 8, 7, 6]), frame([1, 2, 3, 4])]
  const cleaned = await cleanPixels(async (_source, number) => frames[number - 1]!, { bytes: new Uint8Array(0) }, dataset(2), corner)
  expect([...cleaned.pixels]).toEqual([9, 6, 7, 6, 1, 1, 3, 4])
  expect(cleaned.PhotometricInterpretation).toBe('MONOCHROME2')
})

it('D5: frames of other sizes, and more than memory should hold, are refused', async () => {
  const frames = [frame([9, 8, 7, 6]), frame([1, 2])]
  await expect(cleanPixels(async (_source, number) => frames[number - 1]!, { bytes: new Uint8Array(0) }, dataset(2), corner)).rejects.toThrow('decode-failed')
  await expect(cleanPixels(async () => frames[0]!, { bytes: new Uint8Array(0) }, dataset(1_000_000_000), corner)).rejects.toThrow('too-large')
})

const codecs = path.resolve(import.meta.dirname, '../../../shared/dicom/synth/codecs')
describe.skipIf(!existsSync(codecs))('real codecs', () => {
  const imaging = createImaging({ concurrency: 1 })
  afterAll(() => imaging.close())

  it.each(['jpegls_80_3frames.dcm', 'rle_rgb.dcm', 'j2k_90_signed16.dcm', 'jpeg_baseline_cine_fragmented.dcm', 'htj2k_lossless_201_gray12.dcm'].filter((name) => existsSync(path.join(codecs, name))))('D5: %s leaves painted and uncompressed, equal to the decoded source elsewhere', async (name) => {
    const source = { path: path.join(codecs, name) }
    const file = parseDicom(readFileSync(source.path))
    const cleanedPixels = await cleanPixels(imaging.decodeFrame, source, file.dataset, [{ x: 0, y: 0, width: 8, height: 4 }])
    const made = deidentifyInstance(file, { options: new Set(), mapUid: () => '2.25.1', shiftDays: 0, patientName: 'Anonymous^1', patientId: 'A', cleanedPixels })
    const bytes = Buffer.concat(made.chunks)
    const out = parseDicom(bytes)
    expect([made.TransferSyntaxUID, text(out.dataset, TAG.BurnedInAnnotation)]).toEqual(['1.2.840.10008.1.2.1', 'NO'])
    const last = number(file.dataset, TAG.NumberOfFrames) ?? 1
    const [before, after] = [await imaging.decodeFrame(source, last), await imaging.decodeFrame({ bytes }, last)]
    const size = before.pixels.length / (before.Rows * before.Columns)
    let outside = 0
    for (let pixel = 0; pixel < before.Rows * before.Columns; pixel++) {
      if (pixel % before.Columns < 8 && Math.floor(pixel / before.Columns) < 4) continue
      if (Buffer.compare(before.pixels.subarray(pixel * size, (pixel + 1) * size), after.pixels.subarray(pixel * size, (pixel + 1) * size)) !== 0) outside++
    }
    expect(outside).toBe(0)
    const painted = after.pixels.subarray(0, 8 * size)
    expect(painted.every((byte, index) => byte === painted[index % size])).toBe(true)
  })
})
