import { describe, expect, it } from 'vitest'
import type { JsonDataset } from './dicom-json.ts'
import { lookupTableOf, lutItem, overlayMask, overlaysOf, paletteBytes } from './display-tables.ts'
import { paletteOf } from './palette.ts'
import { storedFrameOf } from './dicomweb-frames.ts'
import { paintFrame } from './paint-frame.ts'
import { stackOf } from './series-stack.ts'

const base64 = (...bytes: number[]) => btoa(String.fromCharCode(...bytes))
const us = (...Value: number[]) => ({ vr: 'US', Value })
/** An image of one row of two pixels of 8 bits. */
const image: JsonDataset = {
  '00080018': { vr: 'UI', Value: ['1.2'] },
  '00280002': us(1),
  '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
  '00280010': us(1),
  '00280011': us(2),
  '00280100': us(8),
  '00280101': us(8),
  '00280102': us(7),
  '00280103': us(0),
  '00281050': { vr: 'DS', Value: [100] },
  '00281051': { vr: 'DS', Value: [10] },
}
const painted = (dataset: JsonDataset, ...stored: number[]): number[] => {
  const frame = stackOf([dataset]).frames[0]!
  expect(frame.renderedOnly).toBe(false)
  const target = new Uint8ClampedArray(8)
  paintFrame(
    storedFrameOf(frame, Uint8Array.from(stored).buffer, new Headers()),
    { window: frame.windows[0]!, voiTable: frame.voiTable, inverted: false },
    target,
  )
  return [target[0]!, target[4]!]
}

describe('W4: tables and overlays in the viewer', () => {
  it('a VOI LUT goes before the window', () => {
    // The table has entries for 10 and 11, of 8 bits: 51 and 204. Values below the first and above the last take these
    // two (PS3.3 C.11.2.1.1).
    const lut = { '00283010': { vr: 'SQ', Value: [{ '00283002': us(2, 10, 8), '00283006': us(51, 204) }] } }
    expect(painted({ ...image, ...lut }, 10, 11)).toEqual([51, 204])
    expect(painted({ ...image, ...lut }, 0, 200)).toEqual([51, 204])
  })
  it('a modality LUT stands for slope and intercept', () => {
    // The modality LUT maps 0 to 96 and 1 to 105. With center 100 and width 10, black ends at 99.5 − 4.5 = 95 and
    // white starts at 104.
    const lut = {
      '00283000': {
        vr: 'SQ',
        Value: [{ '00283002': us(2, 0, 16), '00283006': { vr: 'OW', InlineBinary: base64(96, 0, 105, 0) } }],
      },
    }
    // (96 − 99.5) / 9 + 0.5 = 0.1111; · 255 = 28.3
    expect(painted({ ...image, ...lut }, 0, 1)).toEqual([28, 255])
  })
  it('a table whose data are not in the metadata leaves the picture to the server', () => {
    const lut = {
      '00283000': {
        vr: 'SQ',
        Value: [{ '00283002': us(2, 0, 16), '00283006': { vr: 'OW', BulkDataURI: 'elsewhere' } }],
      },
    }
    expect(stackOf([{ ...image, ...lut }]).frames[0]!.renderedOnly).toBe(true)
    expect(
      lookupTableOf({ '00283002': us(9, 0, 16), '00283006': { vr: 'OW', InlineBinary: base64(1, 2) } }, false),
    ).toBeNull()
  })
  it('W3: a LUT item of empty elements is as if absent: the next one counts, or the window', () => {
    const empty = { '00283002': { vr: 'US' }, '00283006': { vr: 'OW' } }
    const table = { '00283002': us(2, 0, 16), '00283006': { vr: 'OW', InlineBinary: base64(0, 0, 255, 255) } }
    expect(lutItem({ '00283010': { vr: 'SQ', Value: [empty, table] } }, '00283010')).toBe(table)
    expect(lutItem({ '00283010': { vr: 'SQ', Value: [empty, {}] } }, '00283010')).toBeUndefined()
    const stack = stackOf([{ ...image, '00283000': { vr: 'SQ', Value: [empty] } }])
    expect(stack.frames[0]).toMatchObject({ renderedOnly: false, modalityTable: null })
  })
  it('W3: a palette of 40,000 entries under a signed VR has 40,000', () => {
    const bytes = new Uint8Array(80_000)
    expect(paletteOf([[-25_536, 0, 16], [], []], [bytes, bytes, bytes])?.colors).toHaveLength(120_000)
  })
  it.each([0, -1, 1.5])('W3: an image of %d frames has one', (frames) => {
    const stack = stackOf([{ ...image, '00280008': { vr: 'IS', Value: [frames] } }])
    expect(stack.frames).toHaveLength(1)
    expect(stack.frames[0]!.code).toBeNull()
  })
  it('an overlay lies over the image, white', () => {
    // Only the second pixel's bit is set in 0b10.
    const overlay = {
      '60000010': us(1),
      '60000011': us(2),
      '60000050': { vr: 'SS', Value: [1, 1] },
      '60003000': { vr: 'OW', InlineBinary: base64(0b10, 0) },
    }
    expect(painted({ ...image, ...overlay }, 0, 0)).toEqual([0, 255])
  })
  it('an overlay in a bit above the stored ones is drawn, and is no part of the value', () => {
    const dataset = {
      ...image,
      '00280101': us(7),
      '00280102': us(6),
      '60000010': us(1),
      '60000011': us(2),
      '60000102': us(7),
    }
    // In 0x80 only bit 7 is set: the stored value is 0, so black but for the overlay. 0x5f is 95, black.
    expect(painted(dataset, 0x80, 0x5f)).toEqual([255, 0])
  })
  it('a plane of many frames gives each its own, and frames beyond it none', () => {
    const overlays = overlaysOf(
      {
        '60020010': us(1),
        '60020011': us(2),
        '60020015': { vr: 'IS', Value: [2] },
        '60023000': { vr: 'OB', InlineBinary: base64(0b1001) },
      },
      { BitsAllocated: 8, BitsStored: 8, HighBit: 7 },
    )!
    expect(
      [1, 2, 3].map((frame) => [...overlayMask(overlays, { Rows: 1, Columns: 2, frame }, new ArrayBuffer(2), 8)!]),
    ).toEqual([
      [1, 0],
      [0, 1],
      [0, 0],
    ])
  })
  it('a segmented palette is read', () => {
    // Discrete segment: 0 and 100; then a linear one in two steps to 300: 200 and 300 (PS3.3 C.7.9.2).
    const dataset = {
      '00281101': us(4, 0, 16),
      '00281221': { vr: 'OW', InlineBinary: base64(0, 0, 2, 0, 0, 0, 100, 0, 1, 0, 2, 0, 44, 1) },
    }
    expect([...new Uint16Array(paletteBytes(dataset, 1)!.buffer)]).toEqual([0, 100, 200, 300])
  })
})
