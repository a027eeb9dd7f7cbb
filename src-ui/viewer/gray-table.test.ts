import { describe, expect, it } from 'vitest'
import { displayValue, grayTable } from './gray-table.ts'

describe('W4: window and level by PS3.3 C.11.2.1', () => {
  // Note 3 of C.11.2.1.2.1: c = 2048, w = 4096 is the identity on 0…4095: x ≤ 2047.5 − 2047.5 = 0 is black,
  // x > 4095 is white.
  it('LINEAR: c 2048, w 4096 maps 0 to black and 4095 to white', () => {
    const window = { center: 2048, width: 4096, function: 'LINEAR' } as const
    expect(displayValue(0, window)).toBe(0)
    expect(displayValue(4095, window)).toBe(255)
    // ((1024 − 2047.5) / 4095 + 0.5) · 255 = (−0.249939 + 0.5) · 255 = 63.7656
    expect(displayValue(1024, window)).toBeCloseTo(63.7656, 3)
  })
  // w = 1: the line is a step at c − 0.5; x ≤ 9.5 black, x > 9.5 white.
  it('LINEAR: width 1 is a step between 9 and 10', () => {
    const window = { center: 10, width: 1, function: 'LINEAR' } as const
    expect(displayValue(9, window)).toBe(0)
    expect(displayValue(10, window)).toBe(255)
  })
  // Exact: x ≤ 40 − 200 black; x > 240 white; x = 40 is the middle, 127.5.
  it('LINEAR_EXACT: c 40, w 400', () => {
    const window = { center: 40, width: 400, function: 'LINEAR_EXACT' } as const
    expect([-160, 40, 240].map((value) => displayValue(value, window))).toEqual([0, 127.5, 255])
  })
  // 255 / (1 + e^(−4 · 25 / 100)) = 255 / (1 + 0.367879) = 186.420
  it('SIGMOID: c 100, w 100', () => {
    const window = { center: 100, width: 100, function: 'SIGMOID' } as const
    expect(displayValue(100, window)).toBe(127.5)
    expect(displayValue(125, window)).toBeCloseTo(186.42, 2)
  })
  it.each([
    ['LINEAR', 0.5],
    ['LINEAR_EXACT', 0],
    ['SIGMOID', -1],
  ] as const)('%s refuses width %s', (kind, width) => {
    expect(() => displayValue(0, { center: 0, width, function: kind })).toThrow('window-width-too-small')
  })
})

describe('W4: the table of stored values', () => {
  const window = { center: 40, width: 400, function: 'LINEAR' } as const
  it('rescales signed values: stored −24 with intercept 64 is 40 HU', () => {
    const table = grayTable({ bits: 16, signed: true, RescaleSlope: 1, RescaleIntercept: 64, window, inverted: false })
    // ((40 − 39.5) / 399 + 0.5) · 255 = 127.8195 → 128 = 0x80
    expect(table[65_536 - 24]!.toString(16)).toBe('ff808080')
  })
  it('swaps black and white', () => {
    const table = grayTable({
      bits: 8,
      signed: false,
      RescaleSlope: 1,
      RescaleIntercept: 0,
      window: { center: 128, width: 256, function: 'LINEAR' },
      inverted: true,
    })
    expect([table[0], table[255], table[100]].map((value) => value!.toString(16))).toEqual([
      'ffffffff',
      'ff000000',
      'ff9b9b9b',
    ])
  })
})
