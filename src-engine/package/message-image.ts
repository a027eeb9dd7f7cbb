/**
 * Renders the sender's message as images, so that any viewer shows it as a series of the exam (U24): white letters on
 * black, in pages.
 */
import sharp from 'sharp'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { EXPLICIT_LITTLE } from '../../src-core/dicom/transfer-syntax.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import {
  bytesElement,
  filePreambleAndMeta,
  numberElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../../src-core/dicom/write.ts'

export const SECONDARY_CAPTURE = '1.2.840.10008.5.1.4.1.1.7'

const WIDTH = 1024
const MARGIN = 48
const LINE_HEIGHT = 36
const FONT_SIZE = 26
/** The number of letters in a line, so that a line of the widest usual letters fits. */
const LINE_LENGTH = 62
export const LINES_PER_PAGE = 34
const HEIGHT = MARGIN * 2 + LINE_HEIGHT * LINES_PER_PAGE

/** The lines of the message. They are broken between words where possible. */
export function messageLines(message: string): string[] {
  const lines: string[] = []
  for (const paragraph of message.replace(/\t/g, '    ').split(/\r\n|\r|\n/)) {
    let line = ''
    for (const word of paragraph.split(' ')) {
      let letters = [...word]
      if (line !== '' && [...line].length + 1 + letters.length > LINE_LENGTH) {
        lines.push(line)
        line = ''
      }
      while (letters.length > LINE_LENGTH) {
        lines.push(letters.slice(0, LINE_LENGTH).join(''))
        letters = letters.slice(LINE_LENGTH)
      }
      line = line === '' ? letters.join('') : `${line} ${letters.join('')}`
    }
    lines.push(line)
  }
  return lines
}

/** Text for SVG: markup is escaped, and characters that XML forbids are left out. */
function xmlText(text: string): string {
  return [...text]
    .filter((character) => character >= ' ')
    .join('')
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** The 8-bit grey pixels of one page. */
async function pagePixels(lines: readonly string[]): Promise<Buffer> {
  const rows = lines
    .map(
      (line, index) =>
        `<text x="${MARGIN}" y="${MARGIN + LINE_HEIGHT * (index + 1)}" xml:space="preserve">${xmlText(line)}</text>`,
    )
    .join('')
  const svg = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}">`,
    '<rect width="100%" height="100%" fill="black"/>',
    `<g font-family="sans-serif" font-size="${FONT_SIZE}" fill="white">${rows}</g></svg>`,
  ].join('')
  return sharp(Buffer.from(svg))
    .flatten({ background: 'black' })
    .toColourspace('b-w')
    .extractChannel(0)
    .raw()
    .toBuffer()
}

export interface MessageSeries {
  readonly StudyInstanceUID: string
  readonly SeriesInstanceUID: string
  readonly SeriesDescription: string
  /** One UID for each page. */
  readonly SOPInstanceUIDs: readonly string[]
  /** The elements of the exam's patient and study as in its other instances, with the character set. */
  readonly inherited: readonly WritableElement[]
}

/** The number of instances that the message needs. */
export function messagePages(message: string): number {
  return Math.ceil(messageLines(message).length / LINES_PER_PAGE)
}

/**
 * The Part 10 files of the message, one for each page: Secondary Capture (PS3.3 A.8.1), whose own text is plain ASCII.
 */
export async function messageInstances(message: string, series: MessageSeries): Promise<Uint8Array[]> {
  const lines = messageLines(message)
  const files: Uint8Array[] = []
  for (const [index, SOPInstanceUID] of series.SOPInstanceUIDs.entries()) {
    const pixels = await pagePixels(lines.slice(index * LINES_PER_PAGE, (index + 1) * LINES_PER_PAGE))
    if (pixels.length !== WIDTH * HEIGHT) throw new OutpostError('bad-dimensions')
    const dataset = writeDataset([
      ...series.inherited,
      textElement(TAG.SOPClassUID, 'UI', SECONDARY_CAPTURE),
      textElement(TAG.SOPInstanceUID, 'UI', SOPInstanceUID),
      textElement(TAG.StudyInstanceUID, 'UI', series.StudyInstanceUID),
      textElement(TAG.SeriesInstanceUID, 'UI', series.SeriesInstanceUID),
      textElement(TAG.Modality, 'CS', 'OT'),
      textElement(TAG.ConversionType, 'CS', 'WSD'),
      textElement(TAG.SeriesDescription, 'LO', series.SeriesDescription),
      textElement(TAG.SeriesNumber, 'IS', '9999'),
      textElement(TAG.InstanceNumber, 'IS', String(index + 1)),
      textElement(TAG.PatientOrientation, 'CS', ''),
      textElement(TAG.Laterality, 'CS', ''),
      textElement(TAG.ImageType, 'CS', ['DERIVED', 'SECONDARY']),
      textElement(TAG.BurnedInAnnotation, 'CS', 'YES'),
      numberElement(TAG.SamplesPerPixel, 'US', [1]),
      textElement(TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'),
      numberElement(TAG.Rows, 'US', [HEIGHT]),
      numberElement(TAG.Columns, 'US', [WIDTH]),
      numberElement(TAG.BitsAllocated, 'US', [8]),
      numberElement(TAG.BitsStored, 'US', [8]),
      numberElement(TAG.HighBit, 'US', [7]),
      numberElement(TAG.PixelRepresentation, 'US', [0]),
      textElement(TAG.WindowCenter, 'DS', '128'),
      textElement(TAG.WindowWidth, 'DS', '256'),
      bytesElement(TAG.PixelData, 'OW', pixels),
    ])
    files.push(
      Buffer.concat([
        filePreambleAndMeta({
          MediaStorageSOPClassUID: SECONDARY_CAPTURE,
          MediaStorageSOPInstanceUID: SOPInstanceUID,
          TransferSyntaxUID: EXPLICIT_LITTLE,
        }),
        dataset,
      ]),
    )
  }
  return files
}
