import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { deidentifyInstance } from '../../src-core/deidentify/deidentify.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { imageAttributes, part10 } from '../../src-engine/decode/part10.fixture.ts'
import { pictureOf } from '../../tests/support/sample-share.ts'
import { selectedInstance } from '../../tests/support/selected-instances.ts'
import { writeSlice } from '../../tests/support/sync-station.ts'
import { pseudonyms } from '../imaging/uid-map.ts'
import { instanceMemory, PIECE, WHOLE_LIMIT } from './instance-memory.ts'
import { prepareInstance, type Anonymizing } from './prepare-instance.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'outpost-instance-memory-'))
afterAll(() => rmSync(folder, { recursive: true }))

const { mapUid } = pseudonyms(new Uint8Array(32))
const anonymizing: Anonymizing = {
  patientName: 'Anonymous^1',
  patientId: 'ANON-1',
  mapUid,
  shiftDays: -30,
  options: new Set(),
  signOff: null,
  paint: pictureOf('nothing').paintFrame,
}

/** Writes 33 frames of half a MiB in which each bit is set. */
function writeLong(file: string, BitsStored: number, behind: string): void {
  const frames = 33
  writeFileSync(
    file,
    part10('1.2.840.10008.1.2.1', [
      [0x00080008, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'],
      [0x00080060, 'CS', 'CT'],
      [0x00100010, 'PN', 'Sample^Person'],
      [0x00200037, 'DS', '1\\0\\0\\0\\1\\0'],
      ...imageAttributes(
        512,
        512,
        Buffer.concat([
          Buffer.alloc(frames * 2 ** 19, 0xff),
          Buffer.from(behind.padEnd(behind.length + (behind.length % 2))),
        ]),
        [
          [0x00080016, 'UI', '1.2.840.10008.5.1.4.1.1.2'],
          [0x00280008, 'IS', String(frames)],
          [0x00280101, 'US', BitsStored],
          [0x00280102, 'US', BitsStored - 1],
        ],
      ),
    ]),
  )
}

/** Records the number of allocations and the size of the largest one. */
function counted() {
  const sizes: number[] = []
  const memory = instanceMemory((size) => {
    if (size > 0) sizes.push(size)
    return Buffer.alloc(size)
  })
  return { memory, sizes }
}

async function prepareAll(count: number, pixelBytes: number, how: Anonymizing | null): Promise<number[]> {
  const { memory, sizes } = counted()
  for (let number = 1; number <= count; number++) {
    const file = writeSlice(folder, { study: '2.25.1', series: '2.25.2', number }, pixelBytes)
    const prepared = await prepareInstance(selectedInstance(file), how, memory)
    let size = 0
    for await (const bytes of prepared.content()) size += bytes.length
    expect(size).toBe(prepared.size)
    await prepared.close()
  }
  return sizes
}

describe('memory of the instances of a share', () => {
  it('S1: twenty images are read into the memory of the first, and not each into its own', async () => {
    expect(await prepareAll(20, 8192, null)).toEqual([PIECE])
    // One buffer holds what was read, the other what leaves.
    expect(await prepareAll(20, 8192, anonymizing)).toEqual([PIECE, PIECE])
  })

  it('S1: a file above the limit is never held whole when it leaves as it is', async () => {
    const sizes = await prepareAll(1, 2 * WHOLE_LIMIT, null)
    expect(Math.max(...sizes)).toBeLessThan(WHOLE_LIMIT)
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(WHOLE_LIMIT)
  })

  it.each([
    ['as it is', 0, ''],
    ['text in unused bits', 12, ''],
    ['bytes behind the last frame', 0, 'left behind'],
  ])('D9: a file above the limit leaves anonymized in pieces as it would whole: %s', async (_, BitsStored, behind) => {
    const file = path.join(folder, `long-${BitsStored}-${behind.length}`)
    writeLong(file, BitsStored || 16, behind)
    const { memory, sizes } = counted()
    const prepared = await prepareInstance(selectedInstance(file), anonymizing, memory)
    const hash = createHash('sha256')
    for await (const bytes of prepared.content()) hash.update(bytes)
    const { patientName, patientId, shiftDays, options } = anonymizing
    const whole = deidentifyInstance(parseDicom(readFileSync(file)), {
      patientName,
      patientId,
      mapUid,
      shiftDays,
      options,
    })
    const expected = createHash('sha256')
    for (const chunk of whole.chunks) expected.update(chunk)
    expect(hash.digest('hex')).toBe(expected.digest('hex'))
    expect(prepared.sourceSha256).toBe(createHash('sha256').update(readFileSync(file)).digest('hex'))
    expect(Math.max(...sizes)).toBeLessThan(WHOLE_LIMIT)
    await prepared.close()
  })

  it('S1: memory that one large file needed is not kept for the small ones after it', () => {
    const { memory, sizes } = counted()
    memory.source(WHOLE_LIMIT + 1)
    expect(memory.source(10).buffer.byteLength).toBeLessThanOrEqual(WHOLE_LIMIT)
    expect(sizes).toEqual([WHOLE_LIMIT + 1, PIECE])
  })

  it('S1: a file that lost its end while it is read is named as changed', async () => {
    const file = writeSlice(folder, { study: '2.25.1', series: '2.25.2', number: 1 }, 2 * WHOLE_LIMIT)
    const prepared = await prepareInstance(selectedInstance(file), null, counted().memory)
    truncateSync(file, WHOLE_LIMIT)
    const read = async (): Promise<void> => {
      for await (const _ of prepared.content());
    }
    await expect(read()).rejects.toMatchObject({ code: 'file-changed' })
    await prepared.close()
  })
})
