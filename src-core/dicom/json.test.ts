import { describe, expect, it } from 'vitest'
import { toDicomJson } from './json.ts'
import { parseDicom } from './parse.ts'

/** An element in explicit little endian whose VR is UN. */
function unknown(tag: number, value: number[]): number[] {
  const word = (number: number): number[] => [number & 255, number >>> 8]
  return [...word(tag >>> 16), ...word(tag & 0xffff), 0x55, 0x4e, 0, 0, ...word(value.length), 0, 0, ...value]
}
const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0))

describe('X6: data sets as JSON', () => {
  it('what the standard knows is decoded though it was written as UN (PS3.5 6.2.2)', () => {
    const bytes = Uint8Array.from([
      ...unknown(0x00080018, ascii('1.2.34')),
      ...unknown(0x00280010, [2, 1]),
      ...unknown(0x00281051, ascii('400 ')),
    ])
    // 0x0102 = 258 rows.
    expect(toDicomJson(parseDicom(bytes).dataset)).toEqual({
      '00080018': { vr: 'UI', Value: ['1.2.34'] },
      '00280010': { vr: 'US', Value: [258] },
      '00281051': { vr: 'DS', Value: [400] },
    })
  })
  it('what nobody knows stays bytes', () => {
    const bytes = Uint8Array.from([...unknown(0x00080018, ascii('1.2.34')), ...unknown(0x00291001, [1, 2, 3])])
    expect(toDicomJson(parseDicom(bytes).dataset)['00291001']).toEqual({ vr: 'UN', InlineBinary: 'AQID' })
  })
  it('a value of a million spaces costs no more than others of its length', () => {
    const value = new Uint8Array(1_000_000).fill(0x20)
    value[value.length - 1] = 0x41
    const head = Uint8Array.from(unknown(0x00080018, ascii('1.2.34')))
    const lead = Uint8Array.from([
      0x10,
      0x00,
      0x10,
      0x00,
      0x55,
      0x4e,
      0,
      0,
      ...new Uint8Array(Uint32Array.of(value.length).buffer),
    ])
    const quickest = (of: Uint8Array): number => {
      const bytes = Buffer.concat([head, lead, of])
      return Math.min(
        ...Array.from({ length: 3 }, () => {
          const before = process.cpuUsage()
          expect(toDicomJson(parseDicom(bytes).dataset)['00100010']?.Value).toHaveLength(1)
          const { user, system } = process.cpuUsage(before)
          return user + system
        }),
      )
    }
    // A search that starts again at each position would take a hundred thousand times as long.
    expect(quickest(value)).toBeLessThan(100 * quickest(new Uint8Array(value.length).fill(0x41)))
  })
  it('W4: tables and overlays stand inside, other long values do not', () => {
    const long = Array.from({ length: 1000 }, () => 0)
    const json = toDicomJson(
      parseDicom(
        Uint8Array.from([
          ...unknown(0x00080018, ascii('1.2.34')),
          ...unknown(0x00281201, long),
          ...unknown(0x00291001, long),
          ...unknown(0x60023000, long),
        ]),
      ).dataset,
    )
    expect([json['00281201']?.InlineBinary?.length, json['60023000']?.InlineBinary?.length, json['00291001']]).toEqual([
      1336,
      1336,
      { vr: 'UN' },
    ])
  })
})
