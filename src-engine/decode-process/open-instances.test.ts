import { mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { reusedInstance } from './open-instances.ts'
import { imageAttributes, part10, words } from '../decode/part10.fixture.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'open-instances-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function write(name: string, value: number): string {
  const file = path.join(folder, name)
  writeFileSync(file, part10('1.2.840.10008.1.2.1', imageAttributes(1, 1, words(value))))
  return file
}

describe('instances kept open', () => {
  it('W2: a file that is asked for again is not opened again, however many others were', () => {
    // There are more files than are kept open.
    const files = Array.from({ length: 70 }, (_, index) => write(`${index}.dcm`, index))
    for (const file of files) expect(reusedInstance({ path: file })).toBe(reusedInstance({ path: file }))
  })
  it('who was asked for longest ago goes first', () => {
    const first = reusedInstance({ path: write('first.dcm', 1) })
    const often = reusedInstance({ path: write('often.dcm', 2) })
    for (let index = 0; index < 63; index++) {
      reusedInstance({ path: write(`${index}.dcm`, index) })
      expect(reusedInstance({ path: path.join(folder, 'often.dcm') })).toBe(often)
    }
    expect(reusedInstance({ path: path.join(folder, 'first.dcm') })).not.toBe(first)
  })
  it('W3: a file that was rewritten is another one, in size or in time', async () => {
    const file = write('one.dcm', 1)
    const before = reusedInstance({ path: file })
    write('one.dcm', 2)
    utimesSync(file, 1_700_000_000, 1_700_000_000)
    const after = reusedInstance({ path: file })
    expect(after).not.toBe(before)
    expect((await after.decode(1)).pixels).toEqual(words(2))
  })
  it('a file that is gone is no longer there', () => {
    const file = write('gone.dcm', 1)
    reusedInstance({ path: file })
    rmSync(file)
    expect(() => reusedInstance({ path: file })).toThrow('file-gone')
  })
})
