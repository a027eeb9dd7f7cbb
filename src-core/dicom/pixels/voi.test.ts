import { describe, expect, it } from 'vitest'
import { isWidthAllowed, linear, linearExact, sigmoid, voiFunction } from './voi.ts'

describe('VOI functions (PS3.3 C.11.2)', () => {
  it('W4: LINEAR is black up to c − 0.5 − (w − 1)/2 and white above c − 0.5 + (w − 1)/2', () => {
    // Center 2048, width 4096: the middle is 2047.5 and half the width is 2047.5, so 0 is black and 4095 is the last
    // value on the slope.
    expect(linear(0, 2048, 4096)).toBe(0)
    expect(linear(4095, 2048, 4096)).toBe(1)
    // (1024 − 2047.5)/4095 + 0.5 = 0.2500610…
    expect(linear(1024, 2048, 4096)).toBeCloseTo(1024 / 4095, 12)
    expect(linear(-5, 2048, 4096)).toBe(0)
    expect(linear(4096, 2048, 4096)).toBe(1)
  })
  it('W4: LINEAR of width 1 is a threshold at c − 0.5', () => {
    expect([99, 99.5, 99.6, 100].map((x) => linear(x, 100, 1))).toEqual([0, 0, 1, 1])
  })
  it('W4: LINEAR_EXACT is black up to c − w/2 and white above c + w/2', () => {
    // Center 40, width 400: the range is −160 to 240.
    expect([-160, -60, 40, 140, 240, 241].map((x) => linearExact(x, 40, 400))).toEqual([0, 0.25, 0.5, 0.75, 1, 1])
  })
  it('W4: SIGMOID is half at c, and 1/(1 + e^−4) one width above', () => {
    expect(sigmoid(40, 40, 400)).toBe(0.5)
    expect(sigmoid(440, 40, 400)).toBeCloseTo(0.9820137900379085, 12)
    expect(sigmoid(-360, 40, 400)).toBeCloseTo(1 - 0.9820137900379085, 12)
  })
  it('W4: a width that a function does not know is refused, never replaced', () => {
    expect([1, 0.5, 0, -1, NaN].map((width) => isWidthAllowed(width, 'LINEAR'))).toEqual([
      true,
      false,
      false,
      false,
      false,
    ])
    expect([1, 0.5, 0, -1, Infinity].map((width) => isWidthAllowed(width, 'SIGMOID'))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ])
    expect(() => voiFunction({ kind: 'window', WindowCenter: 1, WindowWidth: 0.5, VOILUTFunction: 'LINEAR' })).toThrow(
      'window-width-too-small',
    )
  })
  it('W4: a VOI LUT answers its entries over its highest value, its ends beyond', () => {
    const shade = voiFunction({
      kind: 'lut',
      table: { firstValueMapped: -1, bits: 8, entries: Uint16Array.of(0, 51, 255) },
    })
    expect([-9, -1, 0, 1, 9].map(shade)).toEqual([0, 0, 0.2, 1, 1])
  })
  it('without VOI the smallest value is black and the largest white; a flat frame is black', () => {
    expect([10, 15, 20].map(voiFunction({ kind: 'range', minimum: 10, maximum: 20 }))).toEqual([0, 0.5, 1])
    expect(voiFunction({ kind: 'range', minimum: 7, maximum: 7 })(7)).toBe(0)
  })
})
