import { describe, expect, it } from 'vitest'
import type { DicomFile } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { number, numbers, text } from '../dicom/values.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../dicom/write.ts'
import type { CleanedPixels } from './cleaned-pixels.ts'
import { deidentifyInstance } from './deidentify.ts'

const [BASELINE, JPEG_2000, J2K_LOSSLESS, RLE] = ['4.50', '4.91', '4.90', '5'].map(
  (ending) => `1.2.840.10008.1.2.${ending}`,
) as [string, string, string, string]
const samples = {
  SamplesPerPixel: 3,
  BitsAllocated: 8,
  BitsStored: 8,
  PixelRepresentation: 0,
  PhotometricInterpretation: 'YBR_RCT',
} as const
const compressed: CleanedPixels = {
  ...samples,
  TransferSyntaxUID: J2K_LOSSLESS,
  frames: [Uint8Array.of(1, 2, 3), Uint8Array.of(4, 5), Uint8Array.of(6)],
}

/** An image of two pixels, three samples and three frames in 10 bytes of fragments: 18 bytes divided by 10 is 1.80. */
function source(TransferSyntaxUID: string, extra: readonly WritableElement[] = []): DicomFile {
  const elements = [
    textElement(TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.6.1'),
    textElement(TAG.SOPInstanceUID, 'UI', '1.2.3.4'),
    textElement(TAG.StudyInstanceUID, 'UI', '1.2.3'),
    textElement(TAG.SeriesInstanceUID, 'UI', '1.2.3.1'),
    numberElement(TAG.SamplesPerPixel, 'US', [3]),
    textElement(TAG.PhotometricInterpretation, 'CS', 'YBR_FULL_422'),
    numberElement(TAG.PlanarConfiguration, 'US', [1]),
    textElement(TAG.NumberOfFrames, 'IS', '3'),
    numberElement(TAG.Rows, 'US', [1]),
    numberElement(TAG.Columns, 'US', [2]),
    numberElement(TAG.BitsAllocated, 'US', [8]),
    numberElement(TAG.BitsStored, 'US', [8]),
    numberElement(TAG.HighBit, 'US', [7]),
    ...extra,
  ].sort((one, other) => one.tag - other.tag)
  const fragments = [
    0xfe,
    0xff,
    0x00,
    0xe0,
    0,
    0,
    0,
    0,
    0xfe,
    0xff,
    0x00,
    0xe0,
    10,
    0,
    0,
    0,
    ...Array.from({ length: 10 }, () => 1),
    0xfe,
    0xff,
    0xdd,
    0xe0,
    0,
    0,
    0,
    0,
  ]
  const pixelData = [0xe0, 0x7f, 0x10, 0, 0x4f, 0x42, 0, 0, 0xff, 0xff, 0xff, 0xff, ...fragments]
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: '1.2',
    MediaStorageSOPInstanceUID: '1.2.3.4',
    TransferSyntaxUID,
  })
  return parseDicom(new Uint8Array(Buffer.concat([head, writeDataset(elements), Uint8Array.from(pixelData)])))
}

function made(file: DicomFile, cleanedPixels: CleanedPixels): DicomFile {
  const { chunks } = deidentifyInstance(file, {
    options: new Set(),
    mapUid: (uid) => uid,
    shiftDays: 0,
    patientName: 'Anonymous^1',
    patientId: 'A',
    regions: [{ x: 0, y: 0, width: 1, height: 1 }],
    cleanedPixels,
  })
  return parseDicom(new Uint8Array(Buffer.concat(chunks)))
}

describe('D5: painted pixels that were compressed again', () => {
  it('D5: stand in fragments of even length, one for each frame, and the table says where', () => {
    const { dataset, TransferSyntaxUID } = made(source(RLE), compressed)
    expect(TransferSyntaxUID).toBe(J2K_LOSSLESS)
    const { fragments, offsetTable } = dataset.elements.get(TAG.PixelData)!
    expect(fragments!.map(({ start, length }) => [...dataset.bytes.subarray(start, start + length)])).toEqual([
      [1, 2, 3, 0],
      [4, 5],
      [6, 0],
    ])
    // Each item has a header of 8 bytes, so the offsets are 0, then 8 + 4, then 12 + 8 + 2.
    expect(offsetTable).toEqual([0, 12, 22])
  })
  it('D5: the header describes what was written', () => {
    const extended = [
      bytesElement(TAG.ExtendedOffsetTable, 'OV', new Uint8Array(24)),
      bytesElement(TAG.ExtendedOffsetTableLengths, 'OV', new Uint8Array(24)),
    ]
    const { dataset } = made(source(RLE, extended), { ...compressed, BitsAllocated: 16, BitsStored: 12, HighBit: 13 })
    expect(
      [TAG.SamplesPerPixel, TAG.PlanarConfiguration, TAG.BitsAllocated, TAG.BitsStored, TAG.HighBit].map((tag) =>
        number(dataset, tag),
      ),
    ).toEqual([3, 0, 16, 12, 13])
    expect([text(dataset, TAG.PhotometricInterpretation), text(dataset, TAG.BurnedInAnnotation)]).toEqual([
      'YBR_RCT',
      'NO',
    ])
    expect([TAG.ExtendedOffsetTable, TAG.ExtendedOffsetTableLengths].some((tag) => dataset.elements.has(tag))).toBe(
      false,
    )
    expect(
      made(source(RLE, extended), { ...samples, pixels: new Uint8Array(18) }).dataset.elements.has(
        TAG.ExtendedOffsetTable,
      ),
    ).toBe(false)
  })
  it('D5: what once lost stays marked so, also where its old syntax alone said it', () => {
    const said = (TransferSyntaxUID: string, ...extra: WritableElement[]): unknown[] => {
      const { dataset } = made(source(TransferSyntaxUID, extra), compressed)
      return [
        text(dataset, TAG.LossyImageCompression),
        text(dataset, TAG.LossyImageCompressionMethod),
        numbers(dataset, TAG.LossyImageCompressionRatio),
      ]
    }
    const word = (value: string): WritableElement => textElement(TAG.LossyImageCompression, 'CS', value)
    expect(said(BASELINE)).toEqual(['01', 'ISO_10918_1', [1.8]])
    expect(said(BASELINE, word('00'))).toEqual(['01', 'ISO_10918_1', [1.8]])
    expect(said(JPEG_2000)).toEqual(['01', 'ISO_15444_1', [1.8]])
    expect(said(JPEG_2000, textElement(TAG.LossyImageCompressionRatio, 'DS', '20'))).toEqual([
      '01',
      'ISO_15444_1',
      [20],
    ])
    // This syntax may also hold reversible frames, so the attribute of the file decides.
    expect(said(JPEG_2000, word('00'))).toEqual(['00', '', []])
    expect(said(BASELINE, word('01'), textElement(TAG.LossyImageCompressionRatio, 'DS', '7'))).toEqual(['01', '', [7]])
    expect(said(RLE)).toEqual(['', '', []])
  })
})
