import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { DicomDataset } from '../dicom/dataset.ts'
import { TAG } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { sequence, text } from '../dicom/values.ts'
import {
  filePreambleAndMeta,
  sequenceElement,
  textElement,
  writeDataset,
  type WritableElement,
} from '../dicom/write.ts'
import { deidentifyInstance } from './deidentify.ts'
import type { OptionName } from './options.ts'

const storage = '1.2.840.10008.5.1.4.1.1.'
const MR = `${storage}4`

function made(
  SOPClassUID: string,
  SOPInstanceUID: string,
  StudyInstanceUID: string,
  elements: WritableElement[],
): Uint8Array {
  const own = [
    textElement(TAG.SOPClassUID, 'UI', SOPClassUID),
    textElement(TAG.SOPInstanceUID, 'UI', SOPInstanceUID),
    textElement(TAG.StudyInstanceUID, 'UI', StudyInstanceUID),
    textElement(TAG.SeriesInstanceUID, 'UI', `${StudyInstanceUID}.1`),
    textElement(TAG.FrameOfReferenceUID, 'UI', `${StudyInstanceUID}.9`),
  ]
  const all = [...own, ...elements].sort((a, b) => a.tag - b.tag)
  return new Uint8Array(
    Buffer.concat([
      filePreambleAndMeta({
        MediaStorageSOPClassUID: SOPClassUID,
        MediaStorageSOPInstanceUID: SOPInstanceUID,
        TransferSyntaxUID: '1.2.840.10008.1.2.1',
      }),
      writeDataset(all),
    ]),
  )
}

const reference = (SOPInstanceUID: string): WritableElement[] => [
  textElement(TAG.ReferencedSOPClassUID, 'UI', MR),
  textElement(TAG.ReferencedSOPInstanceUID, 'UI', SOPInstanceUID),
]

/** One object of each kind that has references, as its definition requires. */
const referring = (study: string, images: string[]): Uint8Array[] => {
  const items = images.map(reference)
  const series = sequenceElement(TAG.ReferencedSeriesSequence, [
    [textElement(TAG.SeriesInstanceUID, 'UI', `${study}.1`), sequenceElement(TAG.ReferencedImageSequence, items)],
  ])
  const evidence = sequenceElement(TAG.CurrentRequestedProcedureEvidenceSequence, [
    [
      textElement(TAG.StudyInstanceUID, 'UI', study),
      sequenceElement(TAG.ReferencedSeriesSequence, [
        [textElement(TAG.SeriesInstanceUID, 'UI', `${study}.1`), sequenceElement(TAG.ReferencedSOPSequence, items)],
      ]),
    ],
  ])
  const content = sequenceElement(
    TAG.ContentSequence,
    items.map((item) => [
      textElement(TAG.ValueType, 'CS', 'IMAGE'),
      sequenceElement(TAG.ReferencedSOPSequence, [item]),
    ]),
  )
  const source = sequenceElement(TAG.SharedFunctionalGroupsSequence, [
    [sequenceElement(TAG.DerivationImageSequence, [[sequenceElement(TAG.SourceImageSequence, items)]])],
  ])
  const contour = sequenceElement(TAG.ROIContourSequence, [
    [sequenceElement(TAG.ContourSequence, [[sequenceElement(TAG.ContourImageSequence, items)]])],
  ])
  const graphic = sequenceElement(TAG.GraphicAnnotationSequence, [
    [sequenceElement(TAG.ReferencedImageSequence, items)],
  ])
  return [
    made(`${storage}11.1`, `${study}.2.1`, study, [series, graphic]),
    made(`${storage}88.59`, `${study}.2.2`, study, [evidence, content]),
    made(`${storage}66.4`, `${study}.2.3`, study, [source, series]),
    made(`${storage}481.3`, `${study}.2.4`, study, [contour]),
  ]
}

/** The UIDs of all referenced instances, at any depth. */
function referenced(dataset: DicomDataset): string[] {
  const found = text(dataset, TAG.ReferencedSOPInstanceUID)
  const inner = [...dataset.elements.values()].flatMap((element) => sequence(dataset, element.tag).flatMap(referenced))
  return found ? [found, ...inner] : inner
}

it('D3: references of PR, KO, SEG and RT structure sets resolve as before, with one frame of reference', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.integer({ min: 1, max: 9999 }), { minLength: 1, maxLength: 6 }),
      fc.integer({ min: 1, max: 99 }),
      fc.subarray<OptionName>(['retainUIDs', 'cleanStructuredContent', 'cleanGraphics']),
      (numbers, studyNumber, options) => {
        const study = `1.2.3.${studyNumber}`
        const images = numbers.map((number) => `${study}.1.${number}`)
        const mapUid = (uid: string): string => `2.25.${BigInt(`0x${Buffer.from(uid).toString('hex')}`)}`
        const outputs = [...images.map((uid) => made(MR, uid, study, [])), ...referring(study, images)].map((bytes) => {
          const source = parseDicom(bytes)
          const result = deidentifyInstance(source, {
            options: new Set(options),
            mapUid,
            shiftDays: 0,
            patientName: 'Anonymous^1',
            patientId: 'A',
            pixelsReviewed: false,
          })
          return { source: source.dataset, dataset: parseDicom(new Uint8Array(Buffer.concat(result.chunks))).dataset }
        })
        const instances = new Set(outputs.map(({ dataset }) => text(dataset, TAG.SOPInstanceUID)))
        expect(instances.size).toBe(images.length + 4)
        for (const { source, dataset } of outputs) {
          const after = referenced(dataset)
          expect(after.length).toBe(referenced(source).length)
          for (const uid of after) expect(instances.has(uid)).toBe(true)
        }
        expect(new Set(outputs.map(({ dataset }) => text(dataset, TAG.FrameOfReferenceUID))).size).toBe(1)
        expect(new Set(outputs.map(({ dataset }) => text(dataset, TAG.StudyInstanceUID))).size).toBe(1)
      },
    ),
    { numRuns: 40 },
  )
})
