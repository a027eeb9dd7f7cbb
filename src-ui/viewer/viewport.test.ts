import { describe, expect, it } from 'vitest'
import { edgeLetters, fitScale, FITTED, mirroredOnScreen, scaleBar, transformOf, turned, zoomed } from './viewport.ts'

const AXIAL = [1, 0, 0, 0, 1, 0]
const frame = { Rows: 100, Columns: 200, pixelAspect: 1 }
const area = { width: 400, height: 400 }
const at = ([a, b, c, d, e, f]: readonly number[], column: number, row: number) =>
  [a! * column + c! * row + e!, b! * column + d! * row + f!].map((value) => Math.round(value * 1000) / 1000 + 0)

describe('W4: where a frame lies', () => {
  // 200 × 100 in 400 × 400: scale 2, so 400 × 200, from y = 100 to y = 300.
  it('fits the whole frame in the middle', () => {
    const transform = transformOf(FITTED, frame, area, 1)
    expect([at(transform, 0, 0), at(transform, 200, 100)]).toEqual([
      [0, 100],
      [400, 300],
    ])
  })
  // Turned clockwise: the stored top-left comes to the top right. 100 wide, 200 high at scale 2: x from 100 to 300.
  it('turns clockwise and fits again', () => {
    const transform = transformOf(turned(FITTED), frame, area, 1)
    expect([at(transform, 0, 0), at(transform, 200, 0), at(transform, 0, 100)]).toEqual([
      [300, 0],
      [300, 400],
      [100, 0],
    ])
  })
  it('mirrors left and right of the screen, also after a turn', () => {
    expect(at(transformOf(mirroredOnScreen(FITTED), frame, area, 1), 0, 0)).toEqual([400, 100])
    const both = mirroredOnScreen(turned(FITTED))
    expect([at(transformOf(both, frame, area, 1), 0, 0), at(transformOf(both, frame, area, 1), 200, 0)]).toEqual([
      [100, 0],
      [100, 400],
    ])
  })
  // Rows twice as far apart as columns: 200 × 100 is shown as 200 × 200.
  it('respects pixels that are not square', () =>
    expect(at(transformOf(FITTED, { ...frame, pixelAspect: 2 }, area, 1), 200, 100)).toEqual([400, 400]))
  it('counts device pixels', () => expect(at(transformOf(FITTED, frame, area, 2), 200, 100)).toEqual([800, 600]))
  it('keeps the point under the pointer when zooming', () => {
    const before = transformOf(FITTED, frame, area, 1)
    const after = transformOf(zoomed(FITTED, 2, { x: 100, y: 50 }), frame, area, 1)
    // The pointer at (300, 250) is over column 150, row 75.
    expect([at(before, 150, 75), at(after, 150, 75)]).toEqual([
      [300, 250],
      [300, 250],
    ])
  })
  it('stays within its limits', () => {
    expect(zoomed(FITTED, 1e9).zoom).toBe(40)
    expect(fitScale({ width: 200, height: 100 }, { width: 100, height: 100 }, 0)).toBe(0.5)
  })
})

describe('W4: the letters at the edges', () => {
  // Axial: columns run to the patient's left, rows to the back. The patient's right is on the reader's left.
  it('axial', () => expect(edgeLetters(AXIAL, [], FITTED)).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' }))
  it('axial, mirrored', () =>
    expect(edgeLetters(AXIAL, [], mirroredOnScreen(FITTED))).toEqual({ left: 'L', right: 'R', top: 'A', bottom: 'P' }))
  // Clockwise: the letter on top (A) moves to the right.
  it('axial, turned', () =>
    expect(edgeLetters(AXIAL, [], turned(FITTED))).toEqual({ left: 'P', right: 'A', top: 'R', bottom: 'L' }))
  it('axial, turned and mirrored', () =>
    expect(edgeLetters(AXIAL, [], mirroredOnScreen(turned(FITTED)))).toEqual({
      left: 'A',
      right: 'P',
      top: 'R',
      bottom: 'L',
    }))
  // Sagittal: columns run to the back, rows to the feet.
  it('sagittal', () =>
    expect(edgeLetters([0, 1, 0, 0, 0, -1], [], FITTED)).toEqual({ left: 'A', right: 'P', top: 'H', bottom: 'F' }))
  it('oblique: the stronger direction first', () =>
    expect(edgeLetters([0.9, 0.436, 0, 0, 0, -1], [], FITTED)?.right).toBe('LP'))
  it('from PatientOrientation where there are no cosines', () =>
    expect(edgeLetters(null, ['A', 'F'], FITTED)).toEqual({ left: 'P', right: 'A', top: 'H', bottom: 'F' }))
  it('says nothing rather than guess', () => expect(edgeLetters(null, [], FITTED)).toBeNull())
})

// 400 px at 0.5 mm: a quarter of the width is 50 mm, and 50 is a round length: 100 px.
it('W4: the scale bar is round and at most a quarter wide', () => {
  expect(scaleBar(0.5, 400)).toEqual({ mm: 50, pixels: 100 })
  expect(scaleBar(0.3, 400)).toEqual({ mm: 20, pixels: 20 / 0.3 })
})
