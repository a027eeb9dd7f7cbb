import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { text } from '../../src-core/dicom/values.ts'
import { filePreambleAndMeta, textElement, writeDataset } from '../../src-core/dicom/write.ts'
import { deidentifyFiles, type DeidentifyOutcome } from './deidentify-command.ts'
import { pseudonyms } from './uid-map.ts'

let work: string
beforeEach(() => {
  work = mkdtempSync(path.join(tmpdir(), 'deidentify-command-'))
})
afterEach(() => rmSync(work, { recursive: true, force: true }))

const CT = '1.2.840.10008.5.1.4.1.1.2'
const ours = pseudonyms(new Uint8Array(32).fill(9))
const run = (inputs: string[], options: string[] = [], allowPixels = false): Promise<DeidentifyOutcome> =>
  deidentifyFiles({
    inputs,
    out: path.join(work, 'in', 'out'),
    options,
    allowPixels,
    pseudonyms: ours,
    paint: () => Promise.reject(new Error('nothing is decoded')),
    now: () => 0,
  })

function put(
  name: string,
  values: {
    sop?: string
    study?: string
    patient?: string
    PatientName?: string
    SOPClassUID?: string
    burned?: string
  },
): string {
  const {
    sop = '1.2.3.1.1',
    study = '1.2.3',
    patient = 'P1',
    PatientName = `Name^Of ${patient}`,
    SOPClassUID = CT,
    burned = 'NO',
  } = values
  const file = path.join(work, 'in', name)
  mkdirSync(path.dirname(file), { recursive: true })
  const body = writeDataset([
    textElement(TAG.SOPClassUID, 'UI', SOPClassUID),
    textElement(TAG.SOPInstanceUID, 'UI', sop),
    textElement(TAG.PatientName, 'PN', PatientName),
    textElement(TAG.PatientID, 'LO', patient),
    textElement(TAG.StudyInstanceUID, 'UI', study),
    textElement(TAG.SeriesInstanceUID, 'UI', `${study}.1`),
    textElement(TAG.BurnedInAnnotation, 'CS', burned),
  ])
  writeFileSync(
    file,
    Buffer.concat([
      filePreambleAndMeta({
        MediaStorageSOPClassUID: SOPClassUID,
        MediaStorageSOPInstanceUID: sop,
        TransferSyntaxUID: '1.2.840.10008.1.2.1',
      }),
      body,
    ]),
  )
  return file
}
const outputs = (): string[] =>
  readdirSync(path.join(work, 'in', 'out'), { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.dcm'))
    .sort()

it('D7: two patients without an ID never get one identity, neither in one study nor in two', async () => {
  put('1.dcm', { patient: '', PatientName: 'ALPHA^Anna' })
  put('2.dcm', { patient: '', PatientName: 'BETA^Bert', sop: '1.2.3.1.2' })
  put('3.dcm', { patient: '', PatientName: 'ALPHA^Anna', sop: '1.2.4.1.1', study: '1.2.4' })
  put('4.dcm', { patient: '', PatientName: 'ALPHA^Anna^^', sop: '1.2.3.1.3' })
  expect((await run([path.join(work, 'in')])).written).toBe(4)
  const identities = outputs().map((name) => {
    const { dataset } = parseDicom(readFileSync(path.join(work, 'in', 'out', name)))
    return `${text(dataset, TAG.PatientName)} ${text(dataset, TAG.PatientID)}`
  })
  expect(new Set(identities).size).toBe(3)
})

it('D7: reads subfolders, names files by their new UIDs, and numbers all studies of a patient alike', async () => {
  put('a/1.dcm', {})
  put('a/2.dcm', { sop: '1.2.4.1.1', study: '1.2.4' })
  put('b/3.dcm', { sop: '1.2.5.1.1', study: '1.2.5', patient: 'P2' })
  expect(await run([path.join(work, 'in')])).toEqual({ files: 3, written: 3, refused: [], seconds: 0 })
  const expected = [
    ['1.2.3', 'Anonymous^1'],
    ['1.2.4', 'Anonymous^1'],
    ['1.2.5', 'Anonymous^2'],
  ].map(([study, name]) => [
    path.join(ours.mapUid(study!), ours.mapUid(`${study}.1`), `${ours.mapUid(`${study}.1.1`)}.dcm`),
    name,
  ])
  expect(
    outputs().map((name) => [
      name,
      text(parseDicom(readFileSync(path.join(work, 'in', 'out', name))).dataset, TAG.PatientName),
    ]),
  ).toEqual(expected.sort())
})

it('D6: what cannot be de-identified is named with its code and left out; the rest is written', async () => {
  const burned = put('burned.dcm', { burned: 'YES', sop: '1.2.3.1.2' })
  const report = put('report.dcm', { SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11', sop: '1.2.3.1.3' })
  put('fine.dcm', {})
  const notes = path.join(work, 'in', 'notes.txt')
  writeFileSync(notes, 'nothing of interest here, only some words')
  expect(await run([path.join(work, 'in')])).toEqual({
    files: 4,
    written: 1,
    refused: [
      { path: burned, code: 'burned-in-annotation' },
      { path: notes, code: 'not-dicom' },
      { path: report, code: 'structured-report' },
    ],
    seconds: 0,
  })
})

it('D5: a look at the pixels lets images through, but no report', async () => {
  put('burned.dcm', { burned: 'YES' })
  put('report.dcm', { SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.11', sop: '1.2.3.1.3' })
  expect(await run([path.join(work, 'in')], [], true)).toMatchObject({
    written: 1,
    refused: [{ code: 'structured-report' }],
  })
})

it('the output inside the input is not read again, and what was written is never overwritten', async () => {
  const file = put('1.dcm', {})
  expect((await run([path.join(work, 'in')])).files).toBe(1)
  expect(await run([path.join(work, 'in'), file])).toMatchObject({ files: 2, written: 2 })
  expect(outputs()).toHaveLength(3)
})

it('names that are no UIDs never become paths', async () => {
  put('1.dcm', { study: '../../../escape', sop: '../up' })
  await run([path.join(work, 'in')], ['retainUIDs'])
  expect(outputs()).toEqual([
    path.join(ours.mapUid('../../../escape'), ours.mapUid('../../../escape.1'), `${ours.mapUid('../up')}.dcm`),
  ])
  expect(readdirSync(work)).toEqual(['in'])
})

it('a missing input and an unknown option are errors of the whole command', async () => {
  await expect(run([path.join(work, 'nowhere')])).rejects.toThrow('folder-missing')
  put('1.dcm', {})
  await expect(run([path.join(work, 'in')], ['everything'])).rejects.toThrow('bad-request')
})
