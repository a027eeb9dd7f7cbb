import fc from 'fast-check'
import { expect, it } from 'vitest'
import { withoutComments } from './codestream-comments.ts'

const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const cleaned = (hex: string): string =>
  Buffer.from(withoutComments(bytes(hex), [{ start: 0, length: bytes(hex).length }])).toString('hex')
const plain = (hex: string): string => hex.replaceAll(' ', '')

it('D1: JPEG comments and camera data become zeros; what decoders need, and the scan, stay', () => {
  // SOI | APP0 4a46 | APP1 (EXIF) | COM "Quux" | APP14 4164 | SOS …, in which ff fe is data
  expect(
    cleaned('ffd8 ffe00004 4a46 ffe10006 45786966 fffe0006 51757578 ffee0004 4164 ffda0002 11fffe0006515151'),
  ).toBe(plain('ffd8 ffe00004 4a46 ffe10006 00000000 fffe0006 00000000 ffee0004 4164 ffda0002 11fffe0006515151'))
})

it('D1: JPEG 2000 comments become zeros, in the main header and in those of tile-parts', () => {
  // SOC | COM (text) "Qu" | SOT of 12 + 8 + 2 + 1 bytes | COM "ux" | SOD | data | SOT, length open | COM | SOD | EOC
  const main = 'ff4f ff640006 0001 5175'
  const first = 'ff90000a 0000 00000017 00 01 ff640006 0001 7578 ff93 aa'
  const second = 'ff90000a 0000 00000000 01 01 ff640006 0001 5151 ff93 bb ffd9'
  expect(cleaned(`${main} ${first} ${second}`)).toBe(
    plain(`${main} ${first} ${second}`)
      .replace('00015175', '00010000')
      .replace('00017578', '00010000')
      .replace('00015151', '00010000'),
  )
})

it('an encoder that names itself is left alone, so that its frames need not be copied', () => {
  const comment = (text: string): Uint8Array =>
    Uint8Array.from([0xff, 0x4f, 0xff, 0x64, 0, text.length + 4, 0, 1, ...Buffer.from(text), 0xff, 0xd9])
  for (const text of ['Kakadu-v7.3.3', 'Created by OpenJPEG version 2.5.2'])
    expect(withoutComments(comment(text), [{ start: 0, length: 60 }])).toEqual(comment(text))
  expect(withoutComments(comment('Kakadu-v7 for Quux'), [{ start: 0, length: 60 }])).not.toEqual(
    comment('Kakadu-v7 for Quux'),
  )
})

it('frames without comments are passed on as they are, not copied', () => {
  const source = bytes('ffd8 ffe00004 4a46 ffda0002 11')
  expect(withoutComments(source, [{ start: 0, length: source.length }])).toBe(source)
})

it('each fragment is looked through at its own place', () => {
  const source = bytes('0000 ffd8 fffe0004 5175 ffda 0000 ffd8 fffe0004 7578 ffda')
  const result = withoutComments(source, [
    { start: 2, length: 10 },
    { start: 14, length: 10 },
  ])
  expect(Buffer.from(result).toString('hex')).toBe(plain('0000 ffd8 fffe0004 0000 ffda 0000 ffd8 fffe0004 0000 ffda'))
})

it('a tile-part that claims to end inside its own header ends the search', () => {
  const source = 'ff4f ff90000a 0000 0000000d 00 01 ff640006 0001 5175 ff93 aa'
  expect(cleaned(source)).toBe(plain(source).replace('00015175', '00010000'))
})

it('whatever the bytes, it ends, and keeps the length', () => {
  fc.assert(
    fc.property(
      fc.constantFrom([0xff, 0xd8], [0xff, 0x4f]),
      fc.array(fc.oneof(fc.constantFrom(0xff, 0xfe, 0x64, 0x90, 0x93, 0), fc.integer({ min: 0, max: 255 })), {
        maxLength: 200,
      }),
      (start, rest) => {
        const source = Uint8Array.from([...start, ...rest])
        expect(withoutComments(source, [{ start: 0, length: source.length + 50 }]).length).toBe(source.length)
      },
    ),
  )
})
