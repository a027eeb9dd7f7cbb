import fc from 'fast-check'
import { joinedBytes } from '../bytes.ts'
import { describe, expect, it } from 'vitest'
import { OutpostError } from '../contract/errors.ts'
import type { DicomDataset, DicomFile, Tag, VR } from '../dicom/dataset.ts'
import { isPrivate, TAG, tagText, vrOf } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { sequence, text, texts, valueBytes } from '../dicom/values.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  sequenceElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../dicom/write.ts'
import { deidentifyInstance, type DeidentifyContext } from './deidentify.ts'
import type { ColumnName, OptionName } from './options.ts'
import { GROUP_ROWS, ROWS } from './table.generated.ts'
import type { BasicAction } from './confidentiality-row.ts'

const CT = '1.2.840.10008.5.1.4.1.1.2'
const EXPLICIT = '1.2.840.10008.1.2.1'
const mapUid = (uid: string): string =>
  `2.25.${[...uid].reduce((sum, letter) => (sum * 31 + letter.charCodeAt(0)) % 1_000_000_007, 7)}`
const context: DeidentifyContext = {
  options: new Set(),
  mapUid,
  shiftDays: -100,
  patientName: 'Anonymous^3',
  patientId: 'ANON-1',
}
const withOptions = (...options: OptionName[]): DeidentifyContext => ({ ...context, options: new Set(options) })

function file(elements: readonly WritableElement[], SOPClassUID = CT): DicomFile {
  const own: WritableElement[] = [
    textElement(TAG.SOPClassUID, 'UI', SOPClassUID),
    textElement(TAG.SOPInstanceUID, 'UI', '1.2.3.4'),
    textElement(TAG.StudyInstanceUID, 'UI', '1.2.3'),
    textElement(TAG.SeriesInstanceUID, 'UI', '1.2.3.1'),
    textElement(TAG.PatientName, 'PN', 'Zebedee^Quill'),
    textElement(TAG.PatientID, 'LO', 'MRN90210'),
  ]
  const given = new Set(elements.map((element) => element.tag))
  const all = [...own.filter((element) => !given.has(element.tag)), ...elements].sort((a, b) => a.tag - b.tag)
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: SOPClassUID,
    MediaStorageSOPInstanceUID: '1.2.3.4',
    TransferSyntaxUID: EXPLICIT,
  })
  return parseDicom(joinedBytes([head, writeDataset(all)]))
}

const output = (source: DicomFile, how: DeidentifyContext = context): DicomFile =>
  parseDicom(joinedBytes(deidentifyInstance(source, how).chunks))
const outcome = (elements: readonly WritableElement[], how?: DeidentifyContext, SOPClassUID?: string): DicomDataset =>
  output(file(elements, SOPClassUID), how).dataset

/** An element with an identifying value in the form of its VR. */
function planted(tag: Tag): WritableElement {
  const vr = vrOf(tag) === 'UN' ? 'LO' : vrOf(tag)
  const word: Partial<Record<VR, string>> = {
    DA: '17510203',
    TM: '112233.4',
    DT: '17510203112233',
    UI: '1.9.8.7',
    AS: '077Y',
    DS: '9712345',
    IS: '9712345',
    UR: 'http://here/Quux',
    PN: 'Quux^Ann',
  }
  if (vr === 'SQ')
    return sequenceElement(tag, [
      [textElement(0x00080080, 'LO', 'Quux Clinic'), textElement(0x0040a160, 'UT', 'Quux was here')],
    ])
  if (['US', 'SS', 'UL', 'SL', 'FL', 'FD'].includes(vr)) return numberElement(tag, vr, [1234])
  if (['OB', 'OW', 'UN', 'OF'].includes(vr)) return bytesElement(tag, vr, new TextEncoder().encode('Quux'))
  return textElement(tag, vr, word[vr] ?? 'QUUX')
}

const bytesOf = (dataset: DicomDataset, tag: Tag): string => {
  const element = dataset.elements.get(tag)
  return element ? Buffer.from(dataset.bytes.subarray(element.start, element.end)).toString('latin1') : ''
}
const IDENTIFIES = /quux|17510203|112233\.4|1\.9\.8\.7|9712345|077Y/i

/** What may be left after each action: no element, an empty element, or one with another value. */
const MAY: Record<BasicAction, readonly ('gone' | 'empty' | 'other')[]> = {
  X: ['gone'],
  Z: ['empty'],
  D: ['other'],
  U: ['other'],
  'X/Z': ['gone', 'empty'],
  'X/D': ['gone', 'other'],
  'Z/D': ['empty', 'other'],
  'X/Z/D': ['gone', 'empty', 'other'],
  'X/Z/U*': ['gone', 'empty', 'other'],
}
/** Attributes that the file needs, those of the new patient, and two without which the object would be invalid. */
const SPECIAL = new Set([
  0x00080018, 0x0020000d, 0x0020000e, 0x00100010, 0x00100020, 0x00700082, 0x00700083, 0x00102297, 0x00102299,
])
const rows = ROWS.filter(([tag]) => tag >>> 16 >= 8 && !SPECIAL.has(tag) && vrOf(tag) !== 'UN')

function state(dataset: DicomDataset, tag: Tag): 'gone' | 'empty' | 'other' {
  const element = dataset.elements.get(tag)
  if (!element) return 'gone'
  return (element.items ? element.items.length === 0 : element.valueLength === 0) ? 'empty' : 'other'
}

describe('D1: every row of Table E.1-1', () => {
  it.each([CT, '1.2.840.10008.5.1.4.1.1.481.3'])(
    'D1: does what its action says at the top level of %s',
    (SOPClassUID) => {
      for (const [tag, name, action] of rows) {
        const dataset = outcome([planted(tag)], context, SOPClassUID)
        expect(MAY[action], `${tagText(tag)} ${name}`).toContain(state(dataset, tag))
        expect(bytesOf(dataset, tag), `${tagText(tag)} ${name}`).not.toMatch(IDENTIFIES)
      }
    },
  )

  it('D1: does the same inside sequences of sequences', () => {
    for (const [tag, name, action] of rows) {
      // The table keeps View Code Sequence and View Modifier Code Sequence.
      const dataset = outcome([sequenceElement(0x00540220, [[sequenceElement(0x00540222, [[planted(tag)]])]])])
      const inner = sequence(sequence(dataset, 0x00540220)[0]!, 0x00540222)[0]!
      expect(MAY[action], `${tagText(tag)} ${name}`).toContain(state(inner, tag))
      expect(bytesOf(dataset, 0x00540220), `${tagText(tag)} ${name}`).not.toMatch(IDENTIFIES)
    }
  })

  it('D2: every option column keeps what it keeps, byte by byte, and cleans what it cleans', () => {
    let kept = 0
    for (const [tag, name, , options] of rows) {
      for (const [column, action] of Object.entries(options) as [ColumnName, 'K' | 'C'][]) {
        const source = planted(tag)
        const dataset = outcome([source], withOptions(column))
        if (action === 'K' && vrOf(tag) !== 'SQ') {
          expect(bytesOf(dataset, tag), `${tagText(tag)} ${name} ${column}`).toBe(bytesOf(file([source]).dataset, tag))
          kept++
        } else if (action === 'C' && !['TM'].includes(vrOf(tag))) {
          expect(bytesOf(dataset, tag), `${tagText(tag)} ${name} ${column}`).not.toMatch(IDENTIFIES)
        }
      }
    }
    expect(kept).toBeGreaterThan(200)
  })

  it('D1: repeating groups and private elements go, with their creators', () => {
    expect(GROUP_ROWS).toHaveLength(4)
    const dataset = outcome([
      textElement(0x00090010, 'LO', 'MAKER'),
      textElement(0x00091001, 'LO', 'Quux'),
      textElement(0x50000022, 'LO', 'Quux'),
      bytesElement(0x60003000, 'OW', new Uint8Array(4)),
      textElement(0x60020022, 'LO', 'Quux'),
      numberElement(0x60020010, 'US', [2]),
      textElement(0x60024000, 'LT', 'Quux'),
      sequenceElement(0x00540220, [[textElement(0x000b0010, 'LO', 'MAKER'), textElement(0x000b1001, 'PN', 'Quux')]]),
    ])
    expect([...dataset.elements.keys()].filter((tag) => isPrivate(tag) || tag >>> 28 >= 5)).toEqual([])
    expect([...sequence(dataset, 0x00540220)[0]!.elements.keys()]).toEqual([])
  })
})

describe('D1: the actions, each worked out by hand', () => {
  it('X: other patient names go', () =>
    expect(state(outcome([textElement(0x00101001, 'PN', 'Quux^Ann')]), 0x00101001)).toBe('gone'))
  it('Z: the birth date is emptied, not removed', () =>
    expect(state(outcome([textElement(0x00100030, 'DA', '19700101')]), 0x00100030)).toBe('empty'))
  it('D: an RT structure set label becomes a dummy', () =>
    expect(
      text(outcome([textElement(0x30060002, 'SH', 'Quux')], context, '1.2.840.10008.5.1.4.1.1.481.3'), 0x30060002),
    ).toBe('REMOVED'))
  it('D: a date time becomes a valid one of nobody', () =>
    expect(text(outcome([textElement(0x00189074, 'DT', '20240102')]), 0x00189074)).toBe('19000101000000'))
  it('D: a UID becomes another', () =>
    expect(text(outcome([textElement(0x006a0003, 'UI', '1.9.8')]), 0x006a0003)).toBe(mapUid('1.9.8')))
  it('U: every value of several, and those of the standard stay', () =>
    expect(
      texts(outcome([textElement(0x00083010, 'UI', ['1.9.1', '1.2.840.10008.1.4.1.1', '1.9.2'])]), 0x00083010),
    ).toEqual([mapUid('1.9.1'), '1.2.840.10008.1.4.1.1', mapUid('1.9.2')]))
  it('U: a UID that the table does not name is mapped too, a class is not', () => {
    const dataset = outcome([
      textElement(0x0008001a, 'UI', '1.9.5'),
      textElement(0x00281199, 'UI', '1.9.6'),
      textElement(0x00081150, 'UI', '1.9.7'),
    ])
    expect([text(dataset, 0x0008001a), text(dataset, 0x00281199), text(dataset, 0x00081150)]).toEqual([
      '1.9.5',
      mapUid('1.9.6'),
      '1.9.7',
    ])
  })
  it('X/Z/U*: a referenced image still refers, to the new UID', () => {
    const reference = [textElement(0x00081150, 'UI', CT), textElement(0x00081155, 'UI', '1.2.3.4')]
    const source = file([sequenceElement(0x00081140, [reference])])
    const item = sequence(output(source).dataset, 0x00081140)[0]!
    expect([text(item, 0x00081150), text(item, 0x00081155)]).toEqual([CT, mapUid('1.2.3.4')])
    expect(text(output(source).dataset, TAG.SOPInstanceUID)).toBe(mapUid('1.2.3.4'))
  })
  it('X/D: a series date is removed from a CT, and a dummy where PET demands it', () => {
    expect(state(outcome([textElement(0x00080021, 'DA', '20240102')]), 0x00080021)).toBe('gone')
    expect(
      text(outcome([textElement(0x00080021, 'DA', '20240102')], context, '1.2.840.10008.5.1.4.1.1.128'), 0x00080021),
    ).toBe('19000101')
  })
  it('group lengths, unknown elements of even groups and unreadable sequences go', () => {
    const dataset = outcome([
      numberElement(0x00180000, 'UL', [4]),
      textElement(0x00187777, 'LO', 'Quux'),
      bytesElement(0x00540220, 'UN', new TextEncoder().encode('Quux was here')),
    ])
    expect([0x00180000, 0x00187777, 0x00540220].map((tag) => state(dataset, tag))).toEqual(['gone', 'gone', 'gone'])
  })
  it('a sequence passed on as UN is read as implicit VR, and cleaned', () => {
    // (FFFE,E000) of undefined length no: item of 16 bytes: (0008,0080) length 8 "Quux Co "
    const item = Buffer.from('feff00e01000000008008000080000005175757820436f20', 'hex')
    const dataset = outcome([bytesElement(0x00540220, 'UN', item)])
    expect(sequence(dataset, 0x00540220)).toHaveLength(1)
    expect(bytesOf(dataset, 0x00540220)).not.toMatch(/Quux/)
  })
  it('the patient is found again in text that the table keeps', () => {
    const dataset = outcome([
      textElement(0x00080070, 'LO', 'Maker for ZEBEDEE'),
      textElement(0x00180024, 'SH', 'mrn90210'),
      textElement(0x00081090, 'LO', 'Model 7'),
    ])
    expect([text(dataset, 0x00080070), text(dataset, 0x00180024), text(dataset, 0x00081090)]).toEqual([
      'REMOVED',
      'REMOVED',
      'Model 7',
    ])
  })
  it('a number is found where it stands alone, not inside a longer one, and never in a public code', () => {
    const dataset = outcome([
      textElement(TAG.PatientID, 'LO', '1211'),
      textElement(0x00081090, 'LO', 'Model 12110'),
      textElement(0x00080070, 'LO', 'for 1211'),
      sequenceElement(0x00540220, [
        [
          textElement(0x00080100, 'SH', '1211'),
          textElement(0x00080102, 'SH', 'DCM'),
          textElement(0x00080104, 'LO', 'View'),
        ],
      ]),
    ])
    expect([
      text(dataset, 0x00081090),
      text(dataset, 0x00080070),
      text(sequence(dataset, 0x00540220)[0]!, 0x00080100),
    ]).toEqual(['Model 12110', 'REMOVED', '1211'])
  })
  it('a content sequence keeps its structure, measurements and public codes, and loses its text', () => {
    const code = (value: string, scheme: string, meaning: string): WritableElement[] => [
      textElement(0x00080100, 'SH', value),
      textElement(0x00080102, 'SH', scheme),
      textElement(0x00080104, 'LO', meaning),
    ]
    const dataset = outcome(
      [
        sequenceElement(0x0040a730, [
          [
            textElement(0x0040a040, 'CS', 'TEXT'),
            textElement(0x0040a160, 'UT', 'Quux is ill'),
            sequenceElement(0x0040a043, [code('121106', 'DCM', 'Comment')]),
          ],
          [textElement(0x0040a040, 'CS', 'CODE'), sequenceElement(0x0040a168, [code('Q1', '99QUUX', 'Quux ward')])],
          [
            textElement(0x0040a040, 'CS', 'IMAGE'),
            sequenceElement(0x00081199, [
              [textElement(0x00081150, 'UI', CT), textElement(0x00081155, 'UI', '1.2.3.4')],
            ]),
          ],
        ]),
      ],
      context,
      '1.2.840.10008.5.1.4.1.1.88.59',
    )
    const [comment, ward, image] = sequence(dataset, 0x0040a730)
    expect([
      text(comment!, 0x0040a040),
      text(comment!, 0x0040a160),
      text(sequence(comment!, 0x0040a043)[0]!, 0x00080104),
    ]).toEqual(['TEXT', 'REMOVED', 'Comment'])
    expect(bytesOf(ward!, 0x0040a168)).not.toMatch(/quux/i)
    expect(text(sequence(image!, 0x00081199)[0]!, 0x00081155)).toBe(mapUid('1.2.3.4'))
  })
})

describe('D2: options', () => {
  it('D2: modified dates move every date of a patient by the same days, and keep the time of day', () => {
    const dataset = outcome(
      [
        textElement(0x00080020, 'DA', '20240301'),
        textElement(0x00080030, 'TM', '101112'),
        textElement(0x0008002a, 'DT', '20240301101112.5+0100'),
      ],
      withOptions('retainLongitudinalModifiedDates'),
    )
    // 1 March 2024 minus 100 days: 29 (February) + 31 + 31 = 91 days lead to 1 December 2023, 9 more to 22 November.
    expect([text(dataset, 0x00080020), text(dataset, 0x00080030), text(dataset, 0x0008002a)]).toEqual([
      '20231122',
      '101112',
      '20231122101112.5+0100',
    ])
    expect(text(dataset, TAG.LongitudinalTemporalInformationModified)).toBe('MODIFIED')
  })
  it('D2: what is no date is not kept by an option that moves dates', () => {
    expect(
      state(
        outcome([textElement(0x00080020, 'DA', 'QUUX1970')], withOptions('retainLongitudinalModifiedDates')),
        0x00080020,
      ),
    ).toBe('empty')
    expect(
      state(
        outcome([textElement(0x00080030, 'TM', 'QUUX')], withOptions('retainLongitudinalModifiedDates')),
        0x00080030,
      ),
    ).toBe('empty')
  })
  it("D2: clean descriptors keeps words of imaging, and drops the rest and the patient's own name", () => {
    const clean = (value: string): string =>
      text(outcome([textElement(0x0008103e, 'LO', value)], withOptions('cleanDescriptors')), 0x0008103e)
    expect(clean('CT Chest/Abdomen 3mm for Zebedee, Dr Quux 12345')).toBe('CT Chest Abdomen 3mm for')
    expect(clean('Quux')).toBe('')
    expect(
      text(
        outcome(
          [textElement(0x00100010, 'PN', 'Head^Ann'), textElement(0x0008103e, 'LO', 'CT Head')],
          withOptions('cleanDescriptors'),
        ),
        0x0008103e,
      ),
    ).toBe('CT')
  })
  it('D2: safe private elements stay with their creator when asked, while their value is what the list says', () => {
    const elements = [
      textElement(0x00190010, 'LO', 'SIEMENS MR HEADER'),
      textElement(0x0019100c, 'IS', '1000'),
      textElement(0x00191008, 'CS', 'QUUX'),
      textElement(0x00110010, 'LO', 'OTHER'),
      textElement(0x0011100c, 'IS', '1'),
    ]
    expect([...outcome(elements, withOptions('retainSafePrivate')).elements.keys()].filter(isPrivate)).toEqual([
      0x00190010, 0x0019100c,
    ])
    expect([...outcome(elements).elements.keys()].filter(isPrivate)).toEqual([])
    const lying = [textElement(0x00190010, 'LO', 'SIEMENS MR HEADER'), textElement(0x0019100c, 'IS', 'Quux')]
    expect([...outcome(lying, withOptions('retainSafePrivate')).elements.keys()].filter(isPrivate)).toEqual([])
  })
  it('D2: retained UIDs stay in the file and its references', () => {
    const result = deidentifyInstance(file([]), withOptions('retainUIDs'))
    expect([result.StudyInstanceUID, result.SeriesInstanceUID, result.SOPInstanceUID]).toEqual([
      '1.2.3',
      '1.2.3.1',
      '1.2.3.4',
    ])
  })
  it('D2: Clean Recognizable Visual Features is refused', () => {
    expect(() => deidentifyInstance(file([]), withOptions('cleanRecognizableVisualFeatures'))).toThrow(
      'recognizable-features',
    )
  })
})

describe('D4, D7: what the file says of itself', () => {
  it('D4: that it is de-identified, how, and by which codes', () => {
    const dataset = outcome([], withOptions('retainUIDs', 'cleanDescriptors'))
    expect(text(dataset, TAG.PatientIdentityRemoved)).toBe('YES')
    expect(text(dataset, TAG.LongitudinalTemporalInformationModified)).toBe('REMOVED')
    expect(
      sequence(dataset, TAG.DeidentificationMethodCodeSequence).map((item) => [
        text(item, TAG.CodeValue),
        text(item, TAG.CodingSchemeDesignator),
        text(item, TAG.CodeMeaning),
      ]),
    ).toEqual([
      ['113100', 'DCM', 'Basic Application Confidentiality Profile'],
      ['113110', 'DCM', 'Retain UIDs Option'],
      ['113105', 'DCM', 'Clean Descriptors Option'],
    ])
    expect(texts(dataset, TAG.DeidentificationMethod)).toHaveLength(3)
  })
  it('D4: cleaning of pixels is claimed only when pixels were cleaned', () => {
    const pixels = [
      numberElement(TAG.Rows, 'US', [2]),
      numberElement(TAG.Columns, 'US', [2]),
      numberElement(TAG.BitsAllocated, 'US', [8]),
      textElement(TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
      bytesElement(TAG.PixelData, 'OB', new Uint8Array([9, 8, 7, 6])),
    ]
    const codes = (how: DeidentifyContext): string[] =>
      sequence(outcome(pixels, how), TAG.DeidentificationMethodCodeSequence).map((item) => text(item, TAG.CodeValue))
    expect(codes({ ...context, pixelsReviewed: true })).toEqual(['113100'])
    const painted = { ...context, regions: [{ x: 0, y: 0, width: 1, height: 1 }] }
    expect(codes(painted)).toEqual(['113100', '113101'])
    const dataset = outcome(pixels, painted)
    expect([...valueBytes(dataset, dataset.elements.get(TAG.PixelData)!)]).toEqual([6, 8, 7, 6])
    expect(text(dataset, TAG.BurnedInAnnotation)).toBe('NO')
  })
  it('D7: the name is Anonymous and a number, also where the source had none', () => {
    const dataset = outcome([])
    expect([text(dataset, TAG.PatientName), text(dataset, TAG.PatientID)]).toEqual(['Anonymous^3', 'ANON-1'])
  })
  it('the file meta information and preamble name nothing of the source', () => {
    const source = file([])
    const head = joinedBytes(deidentifyInstance(source, context).chunks)
    expect(head.subarray(0, 128).every((byte) => byte === 0)).toBe(true)
    expect([...parseDicom(head).meta!.elements.keys()].map((tag) => tag & 0xffff)).toEqual([
      0, 1, 2, 3, 0x10, 0x12, 0x13,
    ])
    expect(text(parseDicom(head).meta!, 0x00020003)).toBe(mapUid('1.2.3.4'))
  })
})

describe('D5, D6: refusals', () => {
  it('D5: burned-in annotations are refused until someone has looked', () => {
    const source = file([textElement(TAG.BurnedInAnnotation, 'CS', 'YES')])
    expect(() => deidentifyInstance(source, context)).toThrow('burned-in-annotation')
    expect(deidentifyInstance(source, { ...context, pixelsReviewed: true }).chunks.length).toBeGreaterThan(0)
  })
  it('D6: a document and a report are refused even then', () => {
    for (const [uid, code] of [
      ['104.1', 'encapsulated-document'],
      ['88.11', 'structured-report'],
      ['66', 'unknown-sop-class'],
    ]) {
      expect(() =>
        deidentifyInstance(file([], `1.2.840.10008.5.1.4.1.1.${uid}`), { ...context, pixelsReviewed: true }),
      ).toThrow(code)
    }
  })
})

describe('D8: the preview', () => {
  it('D8: says element by element what is removed, replaced, kept and cleaned, with the path of nested ones', () => {
    const source = file([
      textElement(0x00080080, 'LO', 'Quux'),
      textElement(0x00080070, 'LO', 'Maker'),
      sequenceElement(0x00540220, [[textElement(0x00081080, 'LO', 'Quux')]]),
    ])
    const lines = deidentifyInstance(source, { ...context, preview: true }).actions
    const of = (path: string): string | undefined => lines.find((line) => line.path === path)?.action
    expect([
      of('(0008,0080)'),
      of('(0010,0010)'),
      of('(0008,0070)'),
      of('(0054,0220)'),
      of('(0054,0220)[0]/(0008,1080)'),
    ]).toEqual(['removed', 'replaced', 'kept', 'kept', 'removed'])
    expect(lines.find((line) => line.tag === 0x00080080)?.keyword).toBe('InstitutionName')
    expect(deidentifyInstance(source, context).actions).toEqual([])
  })
})

it('whatever bytes are changed, the answer is a file or a coded error', () => {
  const source = joinedBytes(
    deidentifyInstance(
      file([
        textElement(0x00080080, 'LO', 'Quux'),
        sequenceElement(0x0040a730, [[textElement(0x0040a160, 'UT', 'Quux')]]),
        sequenceElement(0x00081140, [[textElement(0x00081155, 'UI', '1.9')]]),
        numberElement(TAG.Rows, 'US', [2]),
        numberElement(TAG.Columns, 'US', [2]),
        numberElement(TAG.BitsAllocated, 'US', [16]),
        numberElement(0x60000102, 'US', [12]),
        bytesElement(TAG.PixelData, 'OW', new Uint8Array(8)),
      ]),
      { ...withOptions('retainUIDs'), pixelsReviewed: true },
    ).chunks,
  )
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 132, max: source.length - 1 }), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 6,
      }),
      (changes) => {
        const bytes = source.slice()
        for (const [at, value] of changes) bytes[at] = value
        try {
          parseDicom(
            joinedBytes(
              deidentifyInstance(parseDicom(bytes), {
                ...withOptions('cleanDescriptors', 'retainSafePrivate', 'retainLongitudinalModifiedDates'),
                pixelsReviewed: true,
              }).chunks,
            ),
          )
        } catch (error) {
          expect(error).toBeInstanceOf(OutpostError)
        }
      },
    ),
    { numRuns: 2000 },
  )
})

describe('pixel data', () => {
  it('is passed on as a slice of the source, never copied', () => {
    const pixels = new Uint8Array(100_000).fill(3)
    const source = file([
      numberElement(TAG.Rows, 'US', [250]),
      numberElement(TAG.Columns, 'US', [200]),
      numberElement(TAG.BitsAllocated, 'US', [16]),
      bytesElement(TAG.PixelData, 'OW', pixels),
    ])
    const { chunks } = deidentifyInstance(source, { ...context, pixelsReviewed: true })
    expect(chunks.at(-1)!.buffer).toBe(source.dataset.bytes.buffer)
    expect(chunks.at(-1)!.length).toBe(100_000)
  })
})
