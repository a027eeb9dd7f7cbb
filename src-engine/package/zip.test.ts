import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  closeSync,
  existsSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import { centralHeader, endOfDirectory, localHeader } from './zip-records.ts'
import { composeZip, createZipWriter, zipSize } from './zip.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'outpost-zip-'))
afterAll(() => rmSync(folder, { recursive: true }))
const withUnzip = it.skipIf(!existsSync('/usr/bin/unzip'))

async function zipOf(files: readonly { path: string; bytes: Uint8Array }[]) {
  const out: Uint8Array[] = []
  const writer = createZipWriter((bytes) => {
    out.push(Buffer.from(bytes))
  })
  const offsets = []
  for (const file of files)
    offsets.push(
      (await writer.add({ path: file.path, size: file.bytes.length, crc32: crc32(file.bytes) }, [file.bytes])).offset,
    )
  const { size } = await writer.end()
  return { bytes: Buffer.concat(out), offsets, size }
}

describe('X8: the stored ZIP', () => {
  withUnzip('X8: unzip finds nothing wrong, and every offset told is where the bytes lie', async () => {
    const files = [
      ['DICOMDIR', 500],
      ['DICOM/S0001/I0001', 70_000],
      ['README.TXT', 0],
      ['PREVIEW/één.jpg', 3],
    ].map(([name, size]) => ({ path: String(name), bytes: randomBytes(Number(size)) }))
    const { bytes, offsets, size } = await zipOf(files)
    expect(size).toBe(bytes.length)
    files.forEach((file, index) =>
      expect(bytes.subarray(offsets[index], (offsets[index] ?? 0) + file.bytes.length).equals(file.bytes)).toBe(true),
    )
    writeFileSync(path.join(folder, 'a.zip'), bytes)
    expect(spawnSync('unzip', ['-tqq', path.join(folder, 'a.zip')]).status).toBe(0)
    execFileSync('unzip', ['-qq', path.join(folder, 'a.zip'), '-d', path.join(folder, 'a')])
    expect(readFileSync(path.join(folder, 'a/DICOM/S0001/I0001')).equals(files[1]?.bytes ?? Buffer.alloc(0))).toBe(true)
  })

  // Writes and unzips 65,540 entries.
  withUnzip('X8: more than 65,535 entries get a ZIP64 end record that unzip reads', { timeout: 120_000 }, async () => {
    const { bytes, size } = await zipOf(
      Array.from({ length: 65_540 }, (_, index) => ({ path: `DICOM/I${index}`, bytes: Buffer.from([index & 255]) })),
    )
    expect(size).toBe(bytes.length)
    writeFileSync(path.join(folder, 'many.zip'), bytes)
    expect(spawnSync('unzip', ['-tqq', path.join(folder, 'many.zip')]).status).toBe(0)
    expect(
      execFileSync('unzip', ['-l', path.join(folder, 'many.zip')], { maxBuffer: 2 ** 26 })
        .toString()
        .trimEnd()
        .split('\n')
        .at(-1),
    ).toContain('65540 files')
  })

  withUnzip('X8: entries of 4 GiB and more, and behind 4 GiB, are listed with their true sizes', () => {
    // A sparse file replaces the bytes, because listing reads the records only.
    const size = 2 ** 32 + 5
    const file = path.join(folder, 'large.zip')
    const descriptor = openSync(file, 'w')
    const large = { path: 'DICOM/large', size, crc32: 1 }
    const small = { path: 'DICOM/small', size: 3, crc32: crc32(Buffer.from('abc')) }
    writeSync(descriptor, localHeader(large), 0, undefined, 0)
    const second = localHeader(large).length + size
    writeSync(descriptor, Buffer.concat([localHeader(small), Buffer.from('abc')]), 0, undefined, second)
    const directoryOffset = second + localHeader(small).length + 3
    const directory = Buffer.concat([
      centralHeader({ ...large, headerOffset: 0 }),
      centralHeader({ ...small, headerOffset: second }),
    ])
    const end = Buffer.concat([directory, endOfDirectory(2, directory.length, directoryOffset)])
    writeSync(descriptor, end, 0, undefined, directoryOffset)
    ftruncateSync(descriptor, directoryOffset + end.length)
    closeSync(descriptor)
    expect(zipSize([large, small])).toBe(directoryOffset + end.length)
    expect(execFileSync('unzip', ['-l', file]).toString()).toContain(String(size))
    expect(execFileSync('unzip', ['-p', file, 'DICOM/small']).toString()).toBe('abc')
  })

  it('X8: bytes that are not of the size or CRC-32 named are refused', async () => {
    const writer = createZipWriter(() => undefined)
    await expect(
      writer.add({ path: 'a', size: 2, crc32: crc32(Buffer.from('ab')) }, [Buffer.from('abc')]),
    ).rejects.toMatchObject({ code: 'file-changed' })
    await expect(
      writer.add({ path: 'b', size: 2, crc32: crc32(Buffer.from('ab')) }, [Buffer.from('ac')]),
    ).rejects.toMatchObject({ code: 'file-changed' })
  })

  it('X8: a path that would leave its folder, and a path twice, are refused', async () => {
    const writer = createZipWriter(() => undefined)
    for (const wrong of ['../a', '/a', 'a//b', 'a/./b', 'a\\b', ''])
      await expect(writer.add({ path: wrong, size: 0, crc32: 0 }, []), wrong).rejects.toThrow(RangeError)
    await writer.add({ path: 'a', size: 0, crc32: 0 }, [])
    await expect(writer.add({ path: 'a', size: 0, crc32: 0 }, [])).rejects.toThrow(RangeError)
  })
})

describe("X8: the recipient's download", () => {
  withUnzip('X8: a ZIP composed from any subset has exactly the size told and opens', async () => {
    const files = Array.from({ length: 12 }, (_, index) => ({
      path: `DICOM/S1/I${index}`,
      bytes: randomBytes(index * 991),
    }))
    await fc.assert(
      fc.asyncProperty(fc.subarray(files), async (chosen) => {
        const { size, stream } = composeZip(
          chosen.map(({ path: name, bytes }) => ({ path: name, size: bytes.length, crc32: crc32(bytes), bytes })),
          (entry) => [entry.bytes],
        )
        const out: Uint8Array[] = []
        for await (const bytes of stream) out.push(bytes)
        const zip = Buffer.concat(out)
        expect(zip.length).toBe(size)
        if (chosen.length === 0) return
        writeFileSync(path.join(folder, 'subset.zip'), zip)
        expect(spawnSync('unzip', ['-tqq', path.join(folder, 'subset.zip')]).status).toBe(0)
      }),
      { numRuns: 15 },
    )
  })

  it('X8: an entry whose bytes are wrong ends the stream with an error, never with a complete ZIP', async () => {
    const { stream } = composeZip([{ path: 'a', size: 3, crc32: crc32(Buffer.from('abc')) }], () => [
      Buffer.from('abd'),
    ])
    await expect(
      (async () => {
        for await (const bytes of stream) void bytes
      })(),
    ).rejects.toMatchObject({ code: 'package-damaged' })
  })
})
