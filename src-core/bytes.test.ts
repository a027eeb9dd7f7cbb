import { describe, expect, it } from 'vitest'
import { copiedBytes, plainBytes } from './bytes.ts'

describe('bytes of Node as plain arrays', () => {
  it('W3: a copy of a Buffer is not a view, and begins at the start of its memory', () => {
    const buffer = Buffer.from(Uint8Array.of(0, 1, 2, 3, 4)).subarray(1)
    const copy = copiedBytes(buffer, 1, 3)
    copy.fill(9)
    expect([...buffer]).toEqual([1, 2, 3, 4])
    expect(copy.byteOffset).toBe(0)
    expect(copy.constructor).toBe(Uint8Array)
  })
  it('W3: a plain view of a Buffer shares its memory, and its slice copies', () => {
    const buffer = Buffer.from(Uint8Array.of(0, 1, 2, 3, 4)).subarray(1)
    const plain = plainBytes(buffer)
    plain[0] = 7
    expect(buffer[0]).toBe(7)
    plain.slice().fill(9)
    expect([...buffer]).toEqual([7, 2, 3, 4])
    expect(plainBytes(plain)).toBe(plain)
  })
})
