import { expect, it } from 'vitest'
import { deidentifyInstance, type DeidentifiedInstance } from '../../src-core/deidentify/deidentify.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { instanceBytes } from '../library/instance.fixture.ts'
import { readAgain } from './second-reader.ts'
import { repeats, type SeriesReading } from './series-reading.ts'

const context = {
  options: new Set<never>(),
  mapUid: (uid: string) => `2.25.999${uid.replaceAll('.', '')}`,
  shiftDays: -50,
  patientName: 'Anonymous^1',
  patientId: 'P',
  lookedAt: true,
}
const pixels = new Uint8Array(32 * 1024)
/** A slice of a series as head and pixels, which are long enough to be a piece of their own. */
function slice(number: number): { source: Uint8Array; made: DeidentifiedInstance } {
  const source = instanceBytes({ number, instance: `2.25.88${number}`, series: '2.25.200', pixels })
  return { source, made: deidentifyInstance(parseDicom(source), context) }
}
function reading(): SeriesReading {
  const { source, made } = slice(1)
  const read = readAgain(made, parseDicom(source), context)
  if (!read) throw new Error('a head and its pixels are two pieces')
  return read
}

it('D9: the next slice is known by the bytes of the one that was read again', () => {
  const { source, made } = slice(2)
  expect(repeats(reading(), made, source)).toBe(true)
})

it('D9: any byte that differs, but in numbers that may stay, sends a slice through the whole second reading', () => {
  const { source, made } = slice(2)
  const last = reading()
  const head = Buffer.from(made.chunks[0]!)
  const mayVary = (at: number): boolean => last.varying.some(({ lengthAt, end }) => at >= lengthAt && at < end)
  const taken: number[] = []
  for (let at = 0; at < head.length; at++) {
    const changed = Buffer.from(head)
    changed[at] = changed[at]! ^ 0x01
    if (!mayVary(at) && repeats(last, { ...made, chunks: [changed, made.chunks[1]!] }, source)) taken.push(at)
  }
  expect(taken).toEqual([])
  expect(last.varying.reduce((sum, { lengthAt, end }) => sum + end - lengthAt, 0)).toBeLessThan(head.length / 4)
})

it('D9: a UID of the source in the copy, more bytes, fewer pixels: none is taken for the next slice', () => {
  const { source, made } = slice(2)
  const last = reading()
  const [head, own] = made.chunks as [Uint8Array, Uint8Array]
  const kept = deidentifyInstance(parseDicom(source), { ...context, mapUid: (uid) => uid })
  expect(repeats(last, kept, source)).toBe(false)
  expect(repeats(last, { ...made, chunks: [Buffer.concat([head, Buffer.from('more')]), own] }, source)).toBe(false)
  expect(repeats(last, { ...made, chunks: [head, own.subarray(2)] }, source)).toBe(false)
  expect(repeats(last, { ...made, chunks: [head] }, source)).toBe(false)
})
