import { mkdtempSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openInstance } from './instance.ts'
import { imageAttributes, part10, type Attribute } from './part10.fixture.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'instance-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const SIDE = 256
/** Two frames of 128 KiB, each filled with its number. */
const frames = new Uint8Array(new Uint16Array(2 * SIDE * SIDE).map((_, index) => (index < SIDE * SIDE ? 1 : 2)).buffer)

function write(more: readonly Attribute[] = []): string {
  const file = path.join(folder, 'image.dcm')
  writeFileSync(
    file,
    part10('1.2.840.10008.1.2.1', imageAttributes(SIDE, SIDE, frames, [[0x00280008, 'IS', '2'], ...more])),
  )
  return file
}

async function values(file: string, frame: number): Promise<number[]> {
  const { pixels } = await openInstance({ path: file }).decode(frame)
  return [...new Set(new Uint16Array(pixels.buffer, pixels.byteOffset, pixels.length / 2))]
}

describe('an instance whose frames are read when asked for', () => {
  it('W3: each frame comes from its place, and no more than the head is held', async () => {
    const file = write()
    expect([await values(file, 1), await values(file, 2)]).toEqual([[1], [2]])
    expect(openInstance({ path: file }).heldBytes).toBeLessThan(20_000)
    await expect(openInstance({ path: file }).decode(3)).rejects.toThrow('frame-out-of-range')
  })
  it('a head that is longer than usual is read as a whole', async () => {
    const file = write([[0x00291010, 'OB', new Uint8Array(40_000)]])
    expect([await values(file, 1), await values(file, 2)]).toEqual([[1], [2]])
  })
  it('the samples lie where the caller says', async () => {
    const memory = new Uint8Array(SIDE * SIDE * 2)
    const { pixels } = await openInstance({ path: write() }).decode(2, () => memory)
    expect([pixels.buffer, pixels[0]]).toEqual([memory.buffer, 2])
  })
  it('W3: of a file that was cut off, the frames that are whole are shown', async () => {
    const file = write()
    truncateSync(file, SIDE * SIDE * 3)
    expect(await values(file, 1)).toEqual([1])
    await expect(openInstance({ path: file }).decode(2)).rejects.toThrow('pixel-data-too-short')
  })
  it('W3: a file that changes once it is open is not mixed with what it was', async () => {
    const file = write()
    const instance = openInstance({ path: file })
    utimesSync(file, 1_700_000_000, 1_700_000_000)
    await expect(instance.decode(1)).rejects.toThrow('file-changed')
  })
})
