import { describe, expect, it } from 'vitest'
import type { JsonDataset } from './dicom-json.ts'
import { stackOf } from './series-stack.ts'

const image = (uid: string, over: JsonDataset = {}): JsonDataset => ({
  '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
  '00080018': { vr: 'UI', Value: [uid] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00280010': { vr: 'US', Value: [4] },
  '00280011': { vr: 'US', Value: [6] },
  '00280002': { vr: 'US', Value: [1] },
  '00280100': { vr: 'US', Value: [16] },
  '00280101': { vr: 'US', Value: [12] },
  '00280103': { vr: 'US', Value: [0] },
  '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
  ...over,
})
const uids = (metadata: JsonDataset[]) => stackOf(metadata).frames.map((frame) => frame.SOPInstanceUID)

describe('W4: the order of a stack', () => {
  it('by InstanceNumber, as a number', () =>
    expect(
      uids(['10', '9', '2'].map((number) => image(number, { '00200013': { vr: 'IS', Value: [number] } }))),
    ).toEqual(['2', '9', '10']))
  it('by position along the normal where numbers are missing', () => {
    const placed = (uid: string, z: number) =>
      image(uid, { '00200032': { vr: 'DS', Value: [0, 0, z] }, '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] } })
    expect(uids([placed('c', 5), placed('a', -10), placed('b', 0)])).toEqual(['a', 'b', 'c'])
  })
  it('as served where neither is known', () => expect(uids([image('b'), image('a')])).toEqual(['b', 'a']))
  it('a multi-frame instance gives its frames in order', () => {
    const frames = stackOf([image('m', { '00280008': { vr: 'IS', Value: ['3'] } })]).frames
    expect(frames.map(({ frame, frames: of }) => [frame, of])).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ])
  })
})

describe('W4: what a frame needs to be shown', () => {
  it('rescale, windows and spacing of a single frame', () => {
    const [frame] = stackOf([
      image('1', {
        '00281053': { vr: 'DS', Value: [2] },
        '00281052': { vr: 'DS', Value: [-1024] },
        '00281050': { vr: 'DS', Value: [40, 300] },
        '00281051': { vr: 'DS', Value: [400, 0] },
        '00280030': { vr: 'DS', Value: [0.8, 0.4] },
      }),
    ]).frames
    expect(frame).toMatchObject({
      RescaleSlope: 2,
      RescaleIntercept: -1024,
      rowSpacingMm: 0.8,
      columnSpacingMm: 0.4,
      pixelAspect: 2,
      windows: [{ center: 40, width: 400, function: 'LINEAR' }],
    })
  })
  it('functional groups: the frame’s own before the shared ones', () => {
    const rescale = (intercept: number) => ({
      '00289145': {
        vr: 'SQ',
        Value: [{ '00281052': { vr: 'DS', Value: [intercept] }, '00281053': { vr: 'DS', Value: [1] } }],
      },
    })
    const { frames } = stackOf([
      image('e', {
        '00280008': { vr: 'IS', Value: [2] },
        '52009229': { vr: 'SQ', Value: [rescale(-1000)] },
        '52009230': { vr: 'SQ', Value: [{}, rescale(-500)] },
      }),
    ])
    expect(frames.map((frame) => frame.RescaleIntercept)).toEqual([-1000, -500])
  })
  it('names reports and what holds no image', () => {
    const pdf = {
      '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.104.1'] },
      '00080018': { vr: 'UI', Value: ['p'] },
    }
    const raw = {
      '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.66'] },
      '00080018': { vr: 'UI', Value: ['r'] },
    }
    expect(stackOf([pdf, raw])).toMatchObject({ frames: [], documents: [{ SOPInstanceUID: 'p' }], others: 1 })
  })
  it('says video, and refuses a number of frames nothing has', () => {
    expect(
      stackOf([image('v', { '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.77.1.1.1'] } })]).frames[0]!.code,
    ).toBe('video')
    expect(
      stackOf([image('h', { '00280008': { vr: 'IS', Value: [4_000_000_000] } })]).frames.map((frame) => frame.code),
    ).toEqual(['bad-dimensions'])
  })
})
