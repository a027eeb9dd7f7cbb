import { describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { readChecksum, readCount, readMetadata } from './upload-metadata.ts'

const base64 = (text: string): string => Buffer.from(text).toString('base64')
const packageId = '5a3f1c20-0000-4000-8000-00000000000a'
const hash = 'a'.repeat(64)

describe('headers of tus', () => {
  it('metadata name package, part and hash, and other keys are ignored', () => {
    expect(
      readMetadata(
        `packageId ${base64(packageId)}, part ${base64('images')},sha256 ${base64(hash)},filename ${base64('x')},flag`,
      ),
    ).toEqual({ packageId, part: 'images', sha256: hash })
  })
  it.each([
    '',
    `packageId ${base64('nope')},part ${base64('images')},sha256 ${base64(hash)}`,
    `packageId ${base64(packageId)},part ${base64('../x')},sha256 ${base64(hash)}`,
    `packageId ${base64(packageId)},part ${base64('images')},sha256 ${base64('A'.repeat(64))}`,
  ])('metadata %# are refused', (header) => {
    expect(() => readMetadata(header)).toThrow(OutpostError)
  })
  it('counts are safe integers and not negative', () => {
    expect([readCount('0'), readCount('4398046511104')]).toEqual([0, 4_398_046_511_104])
    for (const wrong of [undefined, '', '-1', '1.5', '1e3', '0x10', ' 1', '9007199254740993', '1'.repeat(17)])
      expect(() => readCount(wrong)).toThrow(OutpostError)
  })
  it('checksums have a supported algorithm', () => {
    expect(readChecksum('sha1 AAEC')).toEqual({ algorithm: 'sha1', digest: Buffer.from([0, 1, 2]) })
    for (const wrong of ['md5 AAEC', 'sha256', 'sha256 AA AA', ''])
      expect(() => readChecksum(wrong)).toThrow(OutpostError)
  })
})
