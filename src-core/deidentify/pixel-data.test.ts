import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TAG } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { valueBytes } from '../dicom/values.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../dicom/write.ts'
import { deidentifyInstance } from './deidentify.ts'

interface Image {
  readonly Rows: number
  readonly Columns: number
  readonly BitsAllocated: number
  readonly BitsStored?: number
  readonly PixelRepresentation?: number
  readonly SamplesPerPixel?: number
  readonly PhotometricInterpretation?: string
  readonly NumberOfFrames?: number
}

const CT = '1.2.840.10008.5.1.4.1.1.2'

/** The pixels of a CT image after de-identification. */
function leaving(
  image: Image,
  pixels: Uint8Array,
  tag: number = TAG.PixelData,
  TransferSyntaxUID = '1.2.840.10008.1.2.1',
): Uint8Array {
  const { BitsAllocated, BitsStored = BitsAllocated, PixelRepresentation = 0, SamplesPerPixel = 1 } = image
  const elements: WritableElement[] = [
    textElement(TAG.SOPClassUID, 'UI', CT),
    textElement(TAG.SOPInstanceUID, 'UI', '1.2.3.4'),
    textElement(TAG.StudyInstanceUID, 'UI', '1.2.3'),
    textElement(TAG.SeriesInstanceUID, 'UI', '1.2.3.1'),
    numberElement(TAG.SamplesPerPixel, 'US', [SamplesPerPixel]),
    textElement(TAG.PhotometricInterpretation, 'CS', image.PhotometricInterpretation ?? 'MONOCHROME2'),
    ...(image.NumberOfFrames ? [textElement(TAG.NumberOfFrames, 'IS', String(image.NumberOfFrames))] : []),
    numberElement(TAG.Rows, 'US', [image.Rows]),
    numberElement(TAG.Columns, 'US', [image.Columns]),
    numberElement(TAG.BitsAllocated, 'US', [BitsAllocated]),
    numberElement(TAG.BitsStored, 'US', [BitsStored]),
    numberElement(TAG.HighBit, 'US', [BitsStored - 1]),
    numberElement(TAG.PixelRepresentation, 'US', [PixelRepresentation]),
    bytesElement(tag, 'OW', pixels),
  ]
  const meta = filePreambleAndMeta({
    MediaStorageSOPClassUID: CT,
    MediaStorageSOPInstanceUID: '1.2.3.4',
    TransferSyntaxUID,
  })
  const { dataset } = parseDicom(new Uint8Array(Buffer.concat([meta, writeDataset(elements)])))
  const file = { meta: null, dataset, TransferSyntaxUID, partial: false, truncated: false }
  const made = deidentifyInstance(file, {
    options: new Set(),
    mapUid: (uid) => `2.25.${uid.length}`,
    shiftDays: 0,
    patientName: 'Anonymous^1',
    patientId: 'A',
    pixelsReviewed: true,
  })
  const out = parseDicom(new Uint8Array(Buffer.concat(made.chunks))).dataset
  return valueBytes(out, out.elements.get(tag)!)
}

describe('D5: of native pixels, only what is shown leaves', () => {
  const hidden = new Uint8Array(Buffer.from('HIDDENPAGE2 HIDDENPAGE3 '))
  const behind = (pixels: readonly number[]): Uint8Array => Uint8Array.from([...pixels, ...hidden])

  it('D5: frames that no NumberOfFrames names are cut off', () => {
    expect([...leaving({ Rows: 2, Columns: 2, BitsAllocated: 8 }, behind([1, 2, 3, 4]))]).toEqual([1, 2, 3, 4])
  })
  it('D5: bytes behind the last frame are cut off, and a byte that makes the length even is zero', () => {
    // 3 × 1 pixels in three frames are 9 bytes.
    const image = { Rows: 1, Columns: 3, BitsAllocated: 8, NumberOfFrames: 3 }
    expect([...leaving(image, behind([1, 2, 3, 4, 5, 6, 7, 8, 9]))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0])
    expect([...leaving(image, Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 0x51))]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 0])
  })
  it('D5: bits behind the last of packed samples are zeros', () => {
    // Three pixels of one bit in two frames are six bits of a byte.
    const image = { Rows: 1, Columns: 3, BitsAllocated: 1, NumberOfFrames: 2 }
    expect([...leaving(image, behind([0xff]))]).toEqual([0x3f, 0])
  })
  it('D5: YBR_FULL_422 takes two samples for each pixel', () => {
    const image = {
      Rows: 3,
      Columns: 10,
      BitsAllocated: 8,
      SamplesPerPixel: 3,
      PhotometricInterpretation: 'YBR_FULL_422',
    }
    const pixels = Uint8Array.from({ length: 60 }, (_, index) => index)
    expect(leaving(image, behind([...pixels]))).toEqual(pixels)
  })
  it('D5: bytes behind floating point pixels are cut off', () => {
    expect([
      ...leaving({ Rows: 1, Columns: 1, BitsAllocated: 32 }, behind([0, 0, 0x80, 0x3f]), TAG.FloatPixelData),
    ]).toEqual([0, 0, 0x80, 0x3f])
  })
  it.each(['1.2.840.10008.1.2.4.50', '1.2.840.10008.1.2.4.90', '1.2.840.10008.1.2.5'])(
    'D5: what lies under %s without being in fragments is refused, since nothing walks it',
    (syntax) => {
      const image = { Rows: 2, Columns: 2, BitsAllocated: 8 }
      expect(() => leaving(image, Uint8Array.of(1, 2, 3, 4), TAG.PixelData, syntax)).toThrow('cannot-deidentify')
    },
  )

  it('D5: text in bits that hold no pixel becomes zeros, or the sign', () => {
    // Twelve bits are stored; 0x5abc and 0x4800 carry 5 and 4 above them. The sign of 0xabc and of 0x800 is set.
    const planted = Uint8Array.of(0xbc, 0x5a, 0x00, 0x48, 0x34, 0x72)
    const image = { Rows: 1, Columns: 3, BitsAllocated: 16, BitsStored: 12 }
    expect([...leaving(image, planted)]).toEqual([0xbc, 0x0a, 0x00, 0x08, 0x34, 0x02])
    expect([...leaving({ ...image, PixelRepresentation: 1 }, planted)]).toEqual([0xbc, 0xfa, 0x00, 0xf8, 0x34, 0x02])
  })

  it('D5: whatever the cells, the stored values stay, and nothing else does', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(8, 16, 32),
        fc.integer({ min: 1, max: 32 }),
        fc.constantFrom(0, 1),
        fc.integer({ min: 1, max: 9 }),
        fc.uint8Array({ minLength: 36, maxLength: 80 }),
        (BitsAllocated, stored, PixelRepresentation, Columns, bytes) => {
          const BitsStored = Math.min(stored, BitsAllocated)
          const size = BitsAllocated / 8
          const left = leaving({ Rows: 1, Columns, BitsAllocated, BitsStored, PixelRepresentation }, bytes)
          expect(left.length).toBe(Columns * size + ((Columns * size) & 1))
          for (let pixel = 0; pixel < Columns; pixel++) {
            const read = (from: Uint8Array): bigint =>
              Array.from({ length: size }, (_, at) => BigInt(from[pixel * size + at]!) << BigInt(8 * at)).reduce(
                (sum, byte) => sum | byte,
              )
            const value = PixelRepresentation
              ? BigInt.asIntN(BitsStored, read(bytes))
              : BigInt.asUintN(BitsStored, read(bytes)) // prettier-ignore
            expect(read(left)).toBe(BigInt.asUintN(BitsAllocated, value))
          }
        },
      ),
      { numRuns: 300 },
    )
  })
})
