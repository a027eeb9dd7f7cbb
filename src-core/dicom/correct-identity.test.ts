import { describe, expect, it } from 'vitest'
import { correctedHead } from './correct-identity.ts'
import { TAG } from './dictionary.ts'
import { parseDicom } from './parse.ts'
import { sequence, text } from './values.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  sequenceElement,
  textElement,
  writeDataset,
  type WritableElement,
} from './write.ts'

const stamp = (at: string) => ({
  AttributeModificationDateTime: at,
  ModifyingSystem: 'OUTPOST',
  SourceOfPreviousValues: 'IMPORTED MEDIA',
})
const latin1 = (value: string) => Uint8Array.from(value, (letter) => letter.charCodeAt(0))

function file(elements: readonly WritableElement[]): Uint8Array {
  const meta = filePreambleAndMeta({
    MediaStorageSOPClassUID: '1.2.840.10008.5.1.4.1.1.2',
    MediaStorageSOPInstanceUID: '2.25.1',
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  const dataset = writeDataset([
    textElement(TAG.SOPInstanceUID, 'UI', '2.25.1'),
    textElement(TAG.PatientID, 'LO', 'X-9'),
    bytesElement(TAG.PixelData, 'OB', Uint8Array.of(1, 2, 3, 4)),
    ...elements,
  ])
  return Uint8Array.from([...meta, ...dataset])
}
function corrected(
  bytes: Uint8Array,
  identity: Parameters<typeof correctedHead>[1],
  at = '20261121103000.000000+0000',
): Uint8Array | null {
  const head = correctedHead(parseDicom(bytes, { stopAtPixelData: true }), identity, stamp(at))
  return head && Uint8Array.from([...bytes.subarray(0, head.start), ...head.bytes, ...bytes.subarray(head.end)])
}
const setOf = (charset: string) => textElement(TAG.SpecificCharacterSet, 'CS', charset)

describe('X7: a corrected identity', () => {
  it('X7: a file that says it already is left alone', () => {
    expect(corrected(file([]), { PatientID: 'X-9' })).toBeNull()
  })
  it('X7: letters are written in the file’s own character set where it has them', () => {
    const bytes = corrected(
      file([
        setOf('ISO_IR 100'),
        bytesElement(TAG.PatientName, 'PN', latin1('Alt^Änne')),
        bytesElement(TAG.StudyDescription, 'LO', latin1('Schädel')),
      ]),
      { PatientName: 'Müller^Änne' },
    )!
    const { dataset } = parseDicom(bytes)
    expect([
      text(dataset, TAG.SpecificCharacterSet),
      text(dataset, TAG.PatientName),
      text(dataset, TAG.StudyDescription),
    ]).toEqual(['ISO_IR 100', 'Müller^Änne', 'Schädel'])
    expect(Buffer.from(bytes).includes(Buffer.from(latin1('Müller')))).toBe(true)
  })
  it('X7: a file of plain letters becomes one of Unicode', () => {
    const { dataset } = parseDicom(
      corrected(file([textElement(TAG.PatientName, 'PN', 'Plain^Name')]), {
        PatientName: 'Yamada^Tarou=山田^太郎',
      })!,
    )
    expect([text(dataset, TAG.SpecificCharacterSet), text(dataset, TAG.PatientName)]).toEqual([
      'ISO_IR 192',
      'Yamada^Tarou=山田^太郎',
    ])
  })
  it('X7: letters that the file’s character set lacks convert all its texts to Unicode, in items too', () => {
    const item = [setOf('ISO_IR 100'), bytesElement(TAG.CodeMeaning, 'LO', latin1('Schädel'))]
    const bytes = corrected(
      file([
        setOf('ISO_IR 100'),
        bytesElement(TAG.PatientName, 'PN', latin1('Alt^Änne')),
        bytesElement(TAG.StudyDescription, 'LO', latin1('Fuß')),
        sequenceElement(TAG.ProcedureCodeSequence, [item]),
      ]),
      { PatientName: 'Иванова^Ольга' },
    )!
    const { dataset } = parseDicom(bytes)
    const [code] = sequence(dataset, TAG.ProcedureCodeSequence)
    const [change] = sequence(dataset, TAG.OriginalAttributesSequence)
    expect([
      text(dataset, TAG.PatientName),
      text(dataset, TAG.StudyDescription),
      text(code!, TAG.CodeMeaning),
      text(sequence(change!, TAG.ModifiedAttributesSequence)[0]!, TAG.PatientName),
    ]).toEqual(['Иванова^Ольга', 'Fuß', 'Schädel', 'Alt^Änne'])
    expect(Buffer.from(bytes).includes(Buffer.from(latin1('Schädel')))).toBe(false)
  })
  it('X7: a second correction keeps the record of the first; what was not there is recorded as empty', () => {
    const once = corrected(
      file([textElement(TAG.PatientName, 'PN', 'First^Name')]),
      { PatientName: 'Second^Name' },
      '20260101000000.000000+0000',
    )!
    const { dataset } = parseDicom(corrected(once, { PatientName: 'Third^Name', IssuerOfPatientID: 'HERE' })!)
    const changes = sequence(dataset, TAG.OriginalAttributesSequence)
    expect(changes.map((change) => text(change, TAG.AttributeModificationDateTime))).toEqual([
      '20260101000000.000000+0000',
      '20261121103000.000000+0000',
    ])
    expect(
      changes.map((change) => text(sequence(change, TAG.ModifiedAttributesSequence)[0]!, TAG.PatientName)),
    ).toEqual(['First^Name', 'Second^Name'])
    expect(
      sequence(changes[1]!, TAG.ModifiedAttributesSequence)[0]!.elements.get(TAG.IssuerOfPatientID)?.valueLength,
    ).toBe(0)
    expect(text(dataset, TAG.IssuerOfPatientID)).toBe('HERE')
  })
  it('X7: pixels and order stay: tags ascend, and the pixel data follows byte by byte', () => {
    const bytes = corrected(file([textElement(TAG.PatientName, 'PN', 'First^Name')]), {
      PatientName: 'Second^Name',
      PatientBirthDate: '19600312',
    })!
    const tags = [...parseDicom(bytes).dataset.elements.keys()]
    expect(tags).toEqual(tags.toSorted((one, other) => one - other))
    expect([...bytes.subarray(-4)]).toEqual([1, 2, 3, 4])
  })
})
