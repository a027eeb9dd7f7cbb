import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OutpostError } from '../contract/errors.ts'
import { TAG } from './dictionary.ts'
import { toDicomJson } from './json.ts'
import { parseDicom, type ParseOptions } from './parse.ts'
import { number, numbers, parsePersonName, sequence, text, texts } from './values.ts'
import {
  bytesElement,
  copyElement,
  filePreambleAndMeta,
  numberElement,
  sequenceElement,
  textElement,
  writeDataset,
  type WritableElement,
} from './write.ts'

const EXPLICIT = '1.2.840.10008.1.2.1'
const uids = { MediaStorageSOPClassUID: '1.2.840.10008.5.1.4.1.1.2', MediaStorageSOPInstanceUID: '1.2.3' }
const join = (...parts: readonly ArrayLike<number>[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => Array.from(part)))
const part10 = (dataset: ArrayLike<number>, TransferSyntaxUID = EXPLICIT): Uint8Array =>
  join(filePreambleAndMeta({ ...uids, TransferSyntaxUID }), dataset)
const sample: WritableElement[] = [
  textElement(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 192'),
  textElement(TAG.PatientName, 'PN', 'Muster^Märta'),
  textElement(TAG.ImageType, 'CS', ['ORIGINAL', 'PRIMARY']),
  numberElement(TAG.Rows, 'US', [2]),
  textElement(TAG.PixelSpacing, 'DS', ['0.5', '0.25']),
  sequenceElement(TAG.ReferencedStudySequence, [
    [textElement(TAG.ReferencedSOPInstanceUID, 'UI', '1.2.9'), textElement(TAG.PatientName, 'PN', 'Innen^Ä')],
  ]),
  bytesElement(TAG.PixelData, 'OW', Uint8Array.of(1, 2, 3, 4)),
]
/** The bytes of an element: tag and VR letters, then the given bytes, in little endian. */
const raw = (group: number, element: number, vr: string, ...rest: number[]): number[] => [
  group & 255,
  group >> 8,
  element & 255,
  element >> 8,
  ...[...vr].map((letter) => letter.charCodeAt(0)),
  ...rest,
]
const codeOf = (bytes: Uint8Array, options?: ParseOptions): string => {
  try {
    parseDicom(bytes, options)
    return 'read'
  } catch (error) {
    if (!(error instanceof OutpostError)) throw error
    return error.code
  }
}

describe('W1: reading a file as positions', () => {
  it('W1: what was written is read back, items inherit the character set', () => {
    const { dataset, meta, TransferSyntaxUID, partial } = parseDicom(part10(writeDataset(sample)))
    expect(TransferSyntaxUID).toBe(EXPLICIT)
    expect(partial).toBe(false)
    expect(text(meta!, TAG.MediaStorageSOPInstanceUID)).toBe('1.2.3')
    expect(text(dataset, TAG.PatientName)).toBe('Muster^Märta')
    expect(texts(dataset, TAG.ImageType)).toEqual(['ORIGINAL', 'PRIMARY'])
    expect(number(dataset, TAG.Rows)).toBe(2)
    expect(numbers(dataset, TAG.PixelSpacing)).toEqual([0.5, 0.25])
    expect(sequence(dataset, TAG.ReferencedStudySequence).map((item) => text(item, TAG.PatientName))).toEqual([
      'Innen^Ä',
    ])
  })
  it('W1: stops before pixel data and says where it is', () => {
    const file = parseDicom(part10(writeDataset(sample)), { stopAtPixelData: true })
    expect(file.partial).toBe(true)
    expect(file.dataset.elements.has(TAG.PixelData)).toBe(false)
    expect(file.pixelData!.length).toBe(4)
    expect([...file.dataset.bytes.subarray(file.pixelData!.valueStart)]).toEqual([1, 2, 3, 4])
  })
  it('W1: a data set without preamble and meta is read, in either VR', () => {
    expect(text(parseDicom(writeDataset(sample)).dataset, TAG.PatientName)).toBe('Muster^Märta')
    const implicit = [0x10, 0, 0x10, 0, 4, 0, 0, 0, 0x41, 0x5e, 0x42, 0x20]
    expect(text(parseDicom(Uint8Array.from(implicit)).dataset, TAG.PatientName)).toBe('A^B')
  })
  it('W1: big endian values are read in their order', () => {
    const big = [0, 0x28, 0, 0x10, 0x55, 0x53, 0, 2, 1, 2]
    expect(number(parseDicom(part10(big, '1.2.840.10008.1.2.2')).dataset, TAG.Rows)).toBe(258)
  })
  it('W1: private elements are read over where nobody wants them, and are as faulty as ever', () => {
    const creator = raw(0x0009, 0x0010, 'LO', 2, 0, 0x41, 0x42)
    const inItem = raw(0x0040, 0x0275, 'SQ', 0, 0, 18, 0, 0, 0, 0xfe, 0xff, 0x00, 0xe0, 10, 0, 0, 0, ...creator)
    const name = raw(0x0010, 0x0010, 'PN', 2, 0, 0x41, 0x42)
    const open = raw(0x0011, 0x1001, 'SQ', 0, 0, 0xff, 0xff, 0xff, 0xff, 0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0)
    const whole = part10([...creator, ...name, ...open, ...inItem])
    const { elements } = parseDicom(whole, { skipPrivate: true }).dataset
    expect([...elements.keys()]).toEqual([TAG.PatientName, 0x00400275])
    expect([...elements.get(0x00400275)!.items![0]!.elements.keys()]).toEqual([])
    expect(parseDicom(whole).dataset.elements.size).toBe(4)
    const long = raw(0x0011, 0x1002, 'LO', 9, 0, 0x41)
    const broken = raw(0x0011, 0x1001, 'SQ', 0, 0, 8, 0, 0, 0, 1, 2, 3, 4, 0, 0, 0, 0)
    for (const fault of [long, broken, open.slice(0, -8)]) {
      const bytes = part10([...name, ...fault])
      expect(codeOf(bytes, { skipPrivate: true })).toBe(codeOf(bytes))
      expect(codeOf(bytes)).not.toBe('read')
    }
  })
  it('W3: a VR that is not two capitals is read over by two bytes of length, first element or later', () => {
    for (const letters of ['??', '\0\0', 'p?']) {
      const damaged = raw(0x0010, 0x0010, letters, 4, 0, 0x41, 0x5e, 0x42, 0x20)
      const id = raw(0x0010, 0x0020, 'LO', 2, 0, 0x31, 0x20)
      for (const bytes of [
        part10([...damaged, ...id]),
        part10([...raw(0x0008, 0x0060, 'CS', 0, 0), ...damaged, ...id]),
      ]) {
        const { dataset } = parseDicom(bytes)
        expect(text(dataset, TAG.PatientName)).toBe('A^B')
        expect(text(dataset, TAG.PatientID)).toBe('1')
      }
    }
  })
  it('W3: an element that is written as implicit among explicit ones is read as such', () => {
    const implicit = [0x10, 0, 0x10, 0, 4, 0, 0, 0, 0x41, 0x5e, 0x42, 0x20]
    const { dataset } = parseDicom(
      part10([...raw(0x0008, 0x0060, 'CS', 0, 0), ...implicit, ...raw(0x0010, 0x0020, 'LO', 2, 0, 0x31, 0x20)]),
    )
    expect(text(dataset, TAG.PatientName)).toBe('A^B')
    expect(text(dataset, TAG.PatientID)).toBe('1')
  })
  it('W3: of an element that comes twice the last before the pixel data stands', () => {
    const name = (letter: number): number[] => raw(0x0010, 0x0010, 'PN', 2, 0, letter, 0x20)
    const pixels = raw(0x7fe0, 0x0010, 'OW', 0, 0, 2, 0, 0, 0, 1, 2)
    const { dataset } = parseDicom(part10([...name(0x41), ...name(0x42), ...pixels, ...name(0x43)]))
    expect(text(dataset, TAG.PatientName)).toBe('B')
  })
  it('W1: undefined lengths, items and fragments', () => {
    const item = [
      0xfe,
      0xff,
      0x00,
      0xe0,
      0xff,
      0xff,
      0xff,
      0xff,
      ...raw(0x0008, 0x1155, 'UI', 4, 0, 0x31, 0x2e, 0x32, 0),
      0xfe,
      0xff,
      0x0d,
      0xe0,
      0,
      0,
      0,
      0,
    ]
    const end = [0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0]
    const fragments = [0xfe, 0xff, 0x00, 0xe0, 4, 0, 0, 0, 0, 0, 0, 0, 0xfe, 0xff, 0x00, 0xe0, 2, 0, 0, 0, 7, 8]
    const bytes = part10(
      [
        ...raw(0x0008, 0x1140, 'SQ', 0, 0, 0xff, 0xff, 0xff, 0xff),
        ...item,
        ...end,
        ...raw(0x7fe0, 0x0010, 'OB', 0, 0, 0xff, 0xff, 0xff, 0xff),
        ...fragments,
        ...end,
      ],
      '1.2.840.10008.1.2.5',
    )
    const { dataset, truncated } = parseDicom(bytes)
    expect(
      sequence(dataset, TAG.ReferencedImageSequence).map((one) => text(one, TAG.ReferencedSOPInstanceUID)),
    ).toEqual(['1.2'])
    const pixels = dataset.elements.get(TAG.PixelData)!
    expect(pixels.offsetTable).toEqual([0])
    expect(pixels.fragments!.map(({ start, length }) => [...dataset.bytes.subarray(start, start + length)])).toEqual([
      [7, 8],
    ])
    expect(truncated).toBe(false)
  })
  it('W1: UN of undefined length holds implicit VR (PS3.5 6.2.2)', () => {
    const item = [0xfe, 0xff, 0x00, 0xe0, 12, 0, 0, 0, 0x10, 0, 0x10, 0, 4, 0, 0, 0, 0x41, 0x5e, 0x42, 0x20]
    const bytes = part10([
      ...raw(0x0009, 0x0010, 'LO', 2, 0, 0x41, 0x42),
      ...raw(0x0009, 0x1001, 'UN', 0, 0, 0xff, 0xff, 0xff, 0xff),
      ...item,
      0xfe,
      0xff,
      0xdd,
      0xe0,
      0,
      0,
      0,
      0,
    ])
    expect(sequence(parseDicom(bytes).dataset, 0x00091001).map((one) => text(one, TAG.PatientName))).toEqual(['A^B'])
  })
})

describe('W1: what cannot be read says why', () => {
  it.each<[string, Uint8Array, string]>([
    ['nothing', new Uint8Array(0), 'file-empty'],
    ['zeros', new Uint8Array(131), 'not-dicom'],
    ['a text', new TextEncoder().encode('This is not an image, only a few words about one.'), 'not-dicom'],
    ['a prefix alone', part10([]).subarray(0, 132), 'truncated'],
    ['meta alone', part10([]), 'truncated'],
    ['a value past the end', part10(raw(0x0010, 0x0010, 'PN', 200, 0, 0x41)), 'truncated'],
    [
      'an item larger than its sequence',
      part10([...raw(0x0008, 0x1140, 'SQ', 0, 0, 8, 0, 0, 0), 0xfe, 0xff, 0, 0xe0, 9, 0, 0, 0, ...new Uint8Array(32)]),
      'bad-length',
    ],
    [
      'a sequence without items',
      part10([...raw(0x0008, 0x1140, 'SQ', 0, 0, 8, 0, 0, 0), 1, 0, 1, 0, 0, 0, 0, 0]),
      'bad-element',
    ],
    [
      'a deflated file and nothing to inflate with',
      part10(writeDataset(sample), '1.2.840.10008.1.2.1.99'),
      'unsupported-transfer-syntax',
    ],
  ])('W1: %s', (_, bytes, code) => {
    expect(codeOf(bytes)).toBe(code)
  })
  it('W1: nesting has an end', () => {
    const open = [
      ...raw(0x0008, 0x1140, 'SQ', 0, 0, 0xff, 0xff, 0xff, 0xff),
      0xfe,
      0xff,
      0x00,
      0xe0,
      0xff,
      0xff,
      0xff,
      0xff,
    ]
    expect(codeOf(part10(Array.from({ length: 8000 }, () => open).flat()))).toBe('nested-too-deep')
  })
  it('W1: four gigabytes of pixel data that are not there cost nothing, and are called cut off', () => {
    const file = parseDicom(
      part10([...writeDataset(sample.slice(0, 4)), ...raw(0x7fe0, 0x0010, 'OW', 0, 0, 0xf0, 0xff, 0xff, 0xff), 1, 2]),
    )
    expect(file.truncated).toBe(true)
    expect(file.dataset.elements.get(TAG.PixelData)!.valueLength).toBe(2)
  })
  it('W1: salvage keeps what stands before the cut', () => {
    const whole = part10(writeDataset(sample.slice(0, 3)))
    const file = parseDicom(whole.subarray(0, whole.length - 3), { salvage: true })
    expect(file.truncated).toBe(true)
    expect(text(file.dataset, TAG.SpecificCharacterSet)).toBe('ISO_IR 192')
  })
})

describe('W1: hostile bytes', () => {
  const base = part10(writeDataset(sample))
  it('W1: random bytes give an error of the catalog or a data set', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2000 }), fc.boolean(), (bytes, prefixed) => {
        const file = prefixed ? join(base.subarray(0, 132), bytes) : bytes
        expect(typeof codeOf(file)).toBe('string')
      }),
      { numRuns: 2000 },
    )
  })
  it('W1: a file with bytes changed or cut off gives an error of the catalog or a readable data set', () => {
    const change = fc.record({ at: fc.nat(base.length - 1), to: fc.nat(255) })
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 8 }), fc.nat(base.length), (changes, keep) => {
        const bytes = base.slice(0, keep)
        for (const { at, to } of changes) if (at < bytes.length) bytes[at] = to
        try {
          const { dataset } = parseDicom(bytes, { salvage: true })
          toDicomJson(dataset)
        } catch (error) {
          expect(error).toBeInstanceOf(OutpostError)
        }
      }),
      { numRuns: 5000 },
    )
  })
})

describe('writing', () => {
  it('re-encodes what it read: implicit and explicit give the same data set', () => {
    const { dataset } = parseDicom(part10(writeDataset(sample)))
    const again = writeDataset([...dataset.elements.values()].map((element) => copyElement(dataset, element)))
    expect([...again]).toEqual([...writeDataset(sample)])
  })
  it('a short VR that has outgrown its length field becomes UN (PS3.5 6.2.2)', () => {
    const long = new Uint8Array(70_000).fill(0x31)
    const { dataset } = parseDicom(part10(writeDataset([bytesElement(TAG.PixelSpacing, 'DS', long)])))
    expect(dataset.elements.get(TAG.PixelSpacing)).toMatchObject({ vr: 'UN', valueLength: 70_000 })
  })
  it('deep nesting is measured once', () => {
    let inner: WritableElement[] = [textElement(TAG.ReferencedSOPInstanceUID, 'UI', '1.2')]
    for (let depth = 0; depth < 100; depth++) inner = [sequenceElement(TAG.ReferencedImageSequence, [inner])]
    // Each level adds a sequence header of 12 and an item header of 8 bytes to the 12 of the innermost element.
    expect(writeDataset(inner).length).toBe(100 * 20 + 12)
  })
})

describe('DICOM JSON (PS3.18 F)', () => {
  it('names, numbers, sequences; pixel data by its address only', () => {
    const json = toDicomJson(parseDicom(part10(writeDataset(sample))).dataset, { bulkDataUri: () => 'frames' })
    expect(json['00100010']).toEqual({ vr: 'PN', Value: [{ Alphabetic: 'Muster^Märta' }] })
    expect(json['00280030']).toEqual({ vr: 'DS', Value: [0.5, 0.25] })
    expect(json['00080005']).toEqual({ vr: 'CS', Value: ['ISO_IR 192'] })
    expect(json['7FE00010']).toEqual({ vr: 'OW', BulkDataURI: 'frames' })
    expect((json['00081110']!.Value as { '00081155': unknown }[])[0]!['00081155']).toEqual({
      vr: 'UI',
      Value: ['1.2.9'],
    })
  })
})

describe('person names (PS3.5 6.2.1)', () => {
  it('W2: groups and components', () => {
    const name = parsePersonName('Yamada^Tarou^^Dr=山田^太郎')
    expect(name.alphabetic).toEqual({
      familyName: 'Yamada',
      givenName: 'Tarou',
      middleName: '',
      prefix: 'Dr',
      suffix: '',
    })
    expect(name.ideographic.familyName).toBe('山田')
    expect(name.phonetic.familyName).toBe('')
  })
})
