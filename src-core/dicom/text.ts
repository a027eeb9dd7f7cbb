/**
 * Decodes text under SpecificCharacterSet, including code extensions of ISO/IEC 2022 (PS3.3 C.12.1.1.2, PS3.5 section
 * 6.1 and Annexes H to K).
 */

/** The characters in one half of the code table. */
type CodeElement =
  | { readonly kind: 'ascii' }
  | { readonly kind: 'latin1' }
  | { readonly kind: 'katakana' }
  /** One byte for each character. The label is the name for TextDecoder. */
  | { readonly kind: 'single'; readonly label: string }
  /** Two bytes for each character: the bytes of EUC with the high bits set, after the prefix. */
  | { readonly kind: 'double'; readonly label: string; readonly prefix: readonly number[] }

const ASCII: CodeElement = { kind: 'ascii' }
const KATAKANA: CodeElement = { kind: 'katakana' }
const single = (label: string): CodeElement => ({ kind: 'single', label })
const JIS_0208: CodeElement = { kind: 'double', label: 'euc-jp', prefix: [] }
const JIS_0212: CodeElement = { kind: 'double', label: 'euc-jp', prefix: [0x8f] }
const KOREAN: CodeElement = { kind: 'double', label: 'euc-kr', prefix: [] }
const CHINESE: CodeElement = { kind: 'double', label: 'gbk', prefix: [] }

/** The upper half (G1) by registration number, for the terms "ISO_IR n" and "ISO 2022 IR n". */
const UPPER = new Map<string, CodeElement>([
  ['6', ASCII],
  ['100', { kind: 'latin1' }],
  ['101', single('iso-8859-2')],
  ['109', single('iso-8859-3')],
  ['110', single('iso-8859-4')],
  ['144', single('iso-8859-5')],
  ['127', single('iso-8859-6')],
  ['126', single('iso-8859-7')],
  ['138', single('iso-8859-8')],
  ['148', single('iso-8859-9')],
  ['203', single('iso-8859-15')],
  ['166', single('windows-874')],
  ['13', KATAKANA],
  ['149', KOREAN],
  ['58', CHINESE],
  // These sets are used in the lower half only, by an escape sequence; the upper half is empty.
  ['87', ASCII],
  ['159', ASCII],
])

/** The escape sequences without ESC, and the half that they switch (PS3.3 tables C.12-3 and C.12-4). */
const ESCAPES: readonly (readonly [string, 'lower' | 'upper', CodeElement])[] = [
  ['(B', 'lower', ASCII],
  ['(J', 'lower', ASCII],
  [')I', 'upper', KATAKANA],
  ['$B', 'lower', JIS_0208],
  ['$@', 'lower', JIS_0208],
  ['$(D', 'lower', JIS_0212],
  ['$)C', 'upper', KOREAN],
  ['$)A', 'upper', CHINESE],
  ['-A', 'upper', { kind: 'latin1' }],
  ['-B', 'upper', single('iso-8859-2')],
  ['-C', 'upper', single('iso-8859-3')],
  ['-D', 'upper', single('iso-8859-4')],
  ['-L', 'upper', single('iso-8859-5')],
  ['-G', 'upper', single('iso-8859-6')],
  ['-F', 'upper', single('iso-8859-7')],
  ['-H', 'upper', single('iso-8859-8')],
  ['-M', 'upper', single('iso-8859-9')],
  ['-b', 'upper', single('iso-8859-15')],
  ['-T', 'upper', single('windows-874')],
]

const ESCAPE = 0x1b
const decoders = new Map<string, InstanceType<typeof TextDecoder>>()
function decoder(label: string): InstanceType<typeof TextDecoder> {
  let existing = decoders.get(label)
  if (!existing) decoders.set(label, (existing = new TextDecoder(label, { ignoreBOM: true })))
  return existing
}

/**
 * The term in upper case with blanks as separators, because writers use "ISO-IR 192", "ISO_IR_100" and "ISO 2022
 * IR-87".
 */
function normalized(term: string): string {
  const words = term
    .toUpperCase()
    .split(/[ _-]+/)
    .filter(Boolean)
  return words.join(' ')
}

/** The registration number in a term of the ISO 646 or ISO 2022 kind, or undefined. */
function registration(term: string): string | undefined {
  return /^ISO (?:2022 )?IR (\d+)$/.exec(term)?.[1]
}

/** The encoding of values without code extensions: UTF-8, GB18030 or GBK; undefined for others. */
function encodingWithoutExtensions(terms: readonly string[]): string | undefined {
  const first = normalized(terms[0] ?? '')
  if (registration(first) === '192' || first === 'UTF 8' || first === 'UTF8') return 'utf-8'
  if (first === 'GB18030') return 'gb18030'
  if (first === 'GBK' || first === 'GB2312') return 'gbk'
  return undefined
}

/**
 * Decodes the text of a value.
 * @param bytes one value field with its padding
 * @param characterSets the values of SpecificCharacterSet that apply; empty: the default repertoire
 * @param personName whether ^ and = end code extensions too (PS3.5 6.1.2.5.3)
 * @returns the text. Bytes that are invalid in the character set become U+FFFD; bytes of an unknown set are read as
 * Latin-1
 */
export function decodeBytes(bytes: Uint8Array, characterSets: readonly string[], personName = false): string {
  if (isPlain(bytes)) return latin1(bytes)
  const encoding = encodingWithoutExtensions(characterSets)
  if (encoding) return decoder(encoding).decode(bytes)
  const upper = UPPER.get(registration(normalized(characterSets[0] ?? '')) ?? '') ?? { kind: 'latin1' as const }
  return decodeExtended(bytes, upper, personName)
}

function isPlain(bytes: Uint8Array): boolean {
  for (let index = 0; index < bytes.length; index++) if (bytes[index]! >= 0x80 || bytes[index] === ESCAPE) return false
  return true
}

function decodeExtended(bytes: Uint8Array, initialUpper: CodeElement, personName: boolean): string {
  let lower: CodeElement = ASCII
  let upper = initialUpper
  let text = ''
  let position = 0
  while (position < bytes.length) {
    const byte = bytes[position]!
    if (byte === ESCAPE) {
      const escape = ESCAPES.find(([sequence]) => matches(bytes, position + 1, sequence))
      if (!escape) {
        position++
        continue
      }
      if (escape[1] === 'lower') lower = escape[2]
      else upper = escape[2]
      position += 1 + escape[0].length
      continue
    }
    const active = byte < 0x80 ? lower : upper
    const end = runEnd(bytes, position, active, byte < 0x80)
    text += decodeRun(bytes.subarray(position, end), active)
    // A delimiter resets the code table to its initial state.
    const last = bytes[end - 1]!
    if (active === ASCII && isDelimiter(last, personName)) {
      lower = ASCII
      upper = initialUpper
    }
    position = end
  }
  return text
}

function isDelimiter(byte: number, personName: boolean): boolean {
  return (
    byte === 0x5c ||
    byte === 0x0a ||
    byte === 0x0c ||
    byte === 0x0d ||
    byte === 0x09 ||
    (personName && (byte === 0x5e || byte === 0x3d))
  )
}

/**
 * The end of the bytes that are decoded together: a run in one half of the code table, up to and including a delimiter.
 */
function runEnd(bytes: Uint8Array, position: number, active: CodeElement, low: boolean): number {
  let end = position
  while (end < bytes.length && bytes[end] !== ESCAPE && bytes[end]! < 0x80 === low) {
    end++
    if (active === ASCII && isDelimiter(bytes[end - 1]!, true)) break
  }
  return end
}

function decodeRun(run: Uint8Array, active: CodeElement): string {
  switch (active.kind) {
    case 'ascii':
      return [...run].map((byte) => (byte < 0x80 ? String.fromCharCode(byte) : '\ufffd')).join('')
    case 'latin1':
      return latin1(run)
    case 'katakana':
      return [...run]
        .map((byte) => (byte >= 0xa1 && byte <= 0xdf ? String.fromCharCode(0xff61 + byte - 0xa1) : '\ufffd'))
        .join('')
    case 'single':
      return decoder(active.label).decode(run)
    case 'double':
      return decodePairs(run, active)
  }
}

/** Decodes pairs of 7-bit or 8-bit bytes as EUC. Control characters and spaces between them are single bytes. */
function decodePairs(run: Uint8Array, active: CodeElement & { kind: 'double' }): string {
  const euc: number[] = []
  for (let index = 0; index < run.length; index++) {
    const byte = run[index]!
    if ((byte & 0x7f) <= 0x20 || index + 1 >= run.length) euc.push(byte < 0x80 ? byte : 0xff)
    else euc.push(...active.prefix, byte | 0x80, run[++index]! | 0x80)
  }
  return decoder(active.label).decode(Uint8Array.from(euc))
}

function matches(bytes: Uint8Array, position: number, sequence: string): boolean {
  for (let index = 0; index < sequence.length; index++)
    if (bytes[position + index] !== sequence.charCodeAt(index)) return false
  return true
}

function latin1(bytes: Uint8Array): string {
  if (bytes.length <= 4096) return String.fromCharCode.apply(null, bytes as unknown as number[])
  let text = ''
  for (let from = 0; from < bytes.length; from += 4096)
    text += String.fromCharCode.apply(null, bytes.subarray(from, from + 4096) as unknown as number[])
  return text
}
