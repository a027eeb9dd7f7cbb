import { describe, expect, it } from 'vitest'
import { decodeBytes } from './text.ts'

const hex = (text: string): Uint8Array =>
  Uint8Array.from(text.match(/[0-9a-f]{2}/gi)!.map((pair) => Number.parseInt(pair, 16)))
const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const join = (...parts: Uint8Array[]): Uint8Array => Uint8Array.from(parts.flatMap((part) => [...part]))

// The byte strings are from PS3.5 Annexes H, I, J and K, where they are written as code positions.
describe('W2: text in every character set of PS3.3 C.12.1.1.2', () => {
  it('W2: Japanese with JIS X 0208 by escape sequences (PS3.5 H.3.1)', () => {
    const bytes = join(
      ascii('Yamada^Tarou='),
      hex(
        '1b2442 3b33 4544 1b2842 5e 1b2442 4240 4f3a 1b2842 3d ' +
          '1b2442 2464 245e 2440 1b2842 5e 1b2442 243f 246d 2426 1b2842',
      ),
    )
    expect(decodeBytes(bytes, ['', 'ISO 2022 IR 87'], true)).toBe('Yamada^Tarou=山田^太郎=やまだ^たろう')
  })
  it('W2: half-width katakana, and kanji after it (PS3.5 H.3.2)', () => {
    const bytes = join(hex('d4cfc0de5ec0dbb33d'), hex('1b2442 3b33 4544 1b284a 5e 1b2442 4240 4f3a 1b284a'))
    expect(decodeBytes(bytes, ['ISO 2022 IR 13', 'ISO 2022 IR 87'], true)).toBe('ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎')
  })
  it('W2: Korean by escape at the start of each component group (PS3.5 I.2)', () => {
    const bytes = join(
      ascii('Hong^Gildong='),
      hex('1b242943 fbf3 5e 1b242943 d1ce d4d7 3d 1b242943 c8ab 5e 1b242943 b1e6 b5bf'),
    )
    expect(decodeBytes(bytes, ['', 'ISO 2022 IR 149'], true)).toBe('Hong^Gildong=洪^吉洞=홍^길동')
  })
  it('W2: simplified Chinese by escape (PS3.5 K.2)', () => {
    const bytes = join(ascii('Zhang^XiaoDong='), hex('1b242941 d5c5 5e 1b242941 d0a1 b6ab 3d'))
    expect(decodeBytes(bytes, ['', 'ISO 2022 IR 58'], true)).toBe('Zhang^XiaoDong=张^小东=')
  })
  it('W2: UTF-8, GB18030 and GBK (PS3.5 J)', () => {
    expect(decodeBytes(ascii('Wang^XiaoDong=王^小東'), ['ISO_IR 192'], true)).toBe('Wang^XiaoDong=王^小東')
    expect(decodeBytes(hex('cdf55ed0a1b6ab'), ['GB18030'], true)).toBe('王^小东')
    expect(decodeBytes(hex('cdf55ed0a1b6ab'), ['GBK'], true)).toBe('王^小东')
  })
  it.each([
    ['ISO_IR 100', 'c4e4', 'Ää'],
    ['ISO_IR 101', 'a3bc', 'Łź'],
    ['ISO_IR 109', 'a1b1', 'Ħħ'],
    ['ISO_IR 110', 'bdbf', 'Ŋŋ'],
    ['ISO_IR 144', 'bbee', 'Лю'],
    ['ISO_IR 127', 'c7e4', 'ال'],
    ['ISO_IR 126', 'c4e9', 'Δι'],
    ['ISO_IR 138', 'f9ed', 'שם'],
    ['ISO_IR 148', 'ddfd', 'İı'],
    ['ISO_IR 166', 'a1d2', 'กา'],
    ['ISO_IR 203', 'bca6', 'ŒŠ'],
    ['ISO_IR 13', 'd4cf', 'ﾔﾏ'],
  ])('W2: %s', (term, bytes, text) => {
    expect(decodeBytes(hex(bytes), [term])).toBe(text)
  })
  it('W2: misspelt terms are understood, unknown ones read as Latin-1, broken bytes marked', () => {
    expect(decodeBytes(ascii('Müller'), ['ISO-IR 192'])).toBe('Müller')
    expect(decodeBytes(hex('fc'), ['ISO_IR 999'])).toBe('ü')
    expect(decodeBytes(hex('41c3'), ['ISO_IR 192'])).toBe('A\ufffd')
  })
  it('W2: a second value beside UTF-8, which forbids one, changes nothing', () => {
    expect(decodeBytes(ascii('日本'), ['ISO_IR 192', 'ISO 2022 IR 87'])).toBe('日本')
  })
  it('W2: a caret ends an escape in a person name and not elsewhere', () => {
    const bytes = hex('1b242943 c8ab 5e c8ab')
    expect(decodeBytes(bytes, ['', 'ISO 2022 IR 149'], true)).toBe('홍^È«')
    expect(decodeBytes(bytes, ['', 'ISO 2022 IR 149'], false)).toBe('홍^홍')
  })
})
