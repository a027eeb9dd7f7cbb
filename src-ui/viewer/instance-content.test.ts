import { describe, expect, it } from 'vitest'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  sequenceElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../../src-core/dicom/write.ts'
import { contentOf } from './instance-content.ts'

function part10(elements: readonly WritableElement[]): Uint8Array<ArrayBuffer> {
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: '1.2.840.10008.5.1.4.1.1.104.1',
    MediaStorageSOPInstanceUID: '1.2.3',
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  return new Uint8Array([...head, ...writeDataset([textElement(0x00080018, 'UI', '1.2.3'), ...elements])])
}
const bytes = (characters: string) => new TextEncoder().encode(characters)
const item = (type: string, name: string, ...more: WritableElement[]) => [
  textElement(0x0040a040, 'CS', type),
  sequenceElement(0x0040a043, [[textElement(0x00080104, 'LO', name)]]),
  ...more,
]

describe('W4: what is no image', () => {
  it('an encapsulated PDF comes without its padding, and may be opened', () => {
    const content = contentOf(
      part10([
        bytesElement(0x00420011, 'OB', bytes('%PDF-1.4\n\0')),
        textElement(0x00420012, 'LO', 'application/pdf'),
        numberElement(0x00420015, 'UL', [9]),
      ]),
    )
    expect(content).toMatchObject({ kind: 'file', type: 'application/pdf', extension: 'pdf', openable: true })
    expect(content.kind === 'file' && new TextDecoder().decode(content.bytes)).toBe('%PDF-1.4\n')
  })
  it('what only claims to be a PDF is never opened in the page', () => {
    expect(
      contentOf(
        part10([bytesElement(0x00420011, 'OB', bytes('<script>')), textElement(0x00420012, 'LO', 'application/pdf')]),
      ),
    ).toMatchObject({ openable: false, type: 'application/octet-stream', extension: 'bin' })
    expect(
      contentOf(part10([bytesElement(0x00420011, 'OB', bytes('<html>')), textElement(0x00420012, 'LO', 'text/xml')])),
    ).toMatchObject({ openable: false, type: 'application/octet-stream', extension: 'xml' })
  })
  it('a structured report becomes an outline', () => {
    const content = contentOf(
      part10(
        [
          ...item('CONTAINER', 'Chest X-ray'),
          sequenceElement(0x0040a730, [
            item('TEXT', 'Finding', textElement(0x0040a160, 'UT', 'Clear lungs')),
            item(
              'NUM',
              'Heart width',
              sequenceElement(0x0040a300, [
                [
                  sequenceElement(0x004008ea, [[textElement(0x00080104, 'LO', 'mm')]]),
                  textElement(0x0040a30a, 'DS', '121'),
                ],
              ]),
            ),
            item('IMAGE', 'Source'),
          ]),
        ].sort((a, b) => a.tag - b.tag),
      ),
    )
    expect(content).toEqual({
      kind: 'outline',
      lines: [
        { depth: 0, name: 'Chest X-ray', value: '' },
        { depth: 1, name: 'Finding', value: 'Clear lungs' },
        { depth: 1, name: 'Heart width', value: '121 mm' },
      ],
    })
  })
  it('anything else is said to hold nothing to show', () =>
    expect(() => contentOf(part10([]))).toThrow('no-pixel-data'))
})
