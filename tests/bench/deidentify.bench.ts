/**
 * De-identifies a folder of CT images, against `cp -r` (what copying alone costs) and `gdcmanon --dumb` (which empties a list of attributes),
 * in turns within one run. Usage: npm run bench -- deidentify [FILES=1000] [ROUNDS=5]
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { bytesElement, filePreambleAndMeta, numberElement, textElement, writeDataset } from '../../src-core/dicom/write.ts'
import { deidentifyFiles } from '../../src-main/imaging/deidentify-command.ts'
import { pseudonyms } from '../../src-main/imaging/uid-map.ts'

const [files = 1000, rounds = 5] = process.argv.slice(2).map(Number)
const work = mkdtempSync(path.join(tmpdir(), 'bench-deidentify-'))
const input = path.join(work, 'in')

/** A CT slice of 512 × 512 with the attributes that scanners write, private ones too. */
function slice(number: number): Uint8Array {
  const elements = [
    textElement(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 100'), textElement(TAG.ImageType, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'), textElement(TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    textElement(TAG.SOPInstanceUID, 'UI', `1.2.826.0.1.99.1.1.${number}`), textElement(TAG.StudyDate, 'DA', '20260102'), textElement(TAG.SeriesDate, 'DA', '20260102'), textElement(TAG.ContentDate, 'DA', '20260102'),
    textElement(TAG.StudyTime, 'TM', '101112'), textElement(TAG.AccessionNumber, 'SH', 'A123456'), textElement(TAG.Modality, 'CS', 'CT'), textElement(TAG.Manufacturer, 'LO', 'Imaginary Scanners'),
    textElement(TAG.InstitutionName, 'LO', 'Hospital of Nowhere'), textElement(TAG.ReferringPhysicianName, 'PN', 'Nobody^Nora'), textElement(TAG.StudyDescription, 'LO', 'CT Chest'), textElement(TAG.SeriesDescription, 'LO', 'Lung 1.0'),
    textElement(TAG.PatientName, 'PN', 'Fiction^Fay'), textElement(TAG.PatientID, 'LO', 'F-0001'), textElement(TAG.PatientBirthDate, 'DA', '19600101'), textElement(TAG.PatientSex, 'CS', 'F'),
    textElement(TAG.SliceThickness, 'DS', '1.0'), textElement(TAG.KVP, 'DS', '120'), textElement(TAG.DeviceSerialNumber, 'LO', '12345'), textElement(TAG.ProtocolName, 'LO', 'Chest'),
    textElement(TAG.StudyInstanceUID, 'UI', '1.2.826.0.1.99.1'), textElement(TAG.SeriesInstanceUID, 'UI', '1.2.826.0.1.99.1.1'), textElement(TAG.FrameOfReferenceUID, 'UI', '1.2.826.0.1.99.1.9'),
    textElement(TAG.InstanceNumber, 'IS', String(number)), textElement(TAG.ImagePositionPatient, 'DS', `0\\0\\${number}`), textElement(TAG.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0'),
    ...[0x10, 0x11].map((block) => textElement(0x00090000 + block, 'LO', 'IMAGINARY')), ...Array.from({ length: 40 }, (_, index) => textElement(0x00091000 + index, 'LO', `private ${index}`)),
    numberElement(TAG.SamplesPerPixel, 'US', [1]), textElement(TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'), numberElement(TAG.Rows, 'US', [512]), numberElement(TAG.Columns, 'US', [512]),
    textElement(TAG.PixelSpacing, 'DS', '0.7\\0.7'), numberElement(TAG.BitsAllocated, 'US', [16]), numberElement(TAG.BitsStored, 'US', [12]), numberElement(TAG.HighBit, 'US', [11]), numberElement(TAG.PixelRepresentation, 'US', [0]),
    bytesElement(TAG.PixelData, 'OW', new Uint8Array(512 * 512 * 2).fill(number & 0xff)),
  ].sort((a, b) => a.tag - b.tag)
  const head = filePreambleAndMeta({ MediaStorageSOPClassUID: '1.2.840.10008.5.1.4.1.1.2', MediaStorageSOPInstanceUID: `1.2.826.0.1.99.1.1.${number}`, TransferSyntaxUID: '1.2.840.10008.1.2.1' })
  return Buffer.concat([head, writeDataset(elements)])
}

/** CPU seconds, own and of children, and wall seconds of one turn. */
function measured(work: () => void): { cpu: number; wall: number } {
  const cpu = process.cpuUsage()
  const started = performance.now()
  work()
  const used = process.cpuUsage(cpu)
  return { cpu: (used.user + used.system) / 1e6, wall: (performance.now() - started) / 1000 }
}

function program(command: string, args: string[]): { cpu: number; wall: number } {
  const started = performance.now()
  const result = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; time "$0" "$@" >/dev/null 2>&1`, command, ...args], { encoding: 'utf8' })
  const [user = 0, system = 0] = result.stderr.trim().split(/\s+/).map(Number)
  return { cpu: user + system, wall: (performance.now() - started) / 1000 }
}

try {
  mkdirSync(input)
  for (let number = 1; number <= files; number++) writeFileSync(path.join(input, `${number}.dcm`), slice(number))
  const ours = pseudonyms(new Uint8Array(32).fill(1))
  const out = path.join(work, 'out')
  const contestants: Record<string, () => { cpu: number; wall: number }> = {
    'cp -r': () => program('cp', ['-r', input, out]),
    outpost: () => measured(() => {
      const outcome = deidentifyFiles({ inputs: [input], out, options: [], allowPixels: false, pseudonyms: ours, now: () => performance.now() })
      if (outcome.written !== files) throw new Error(`${outcome.written} of ${files} written`)
    }),
  }
  if (spawnSync('which', ['gdcmanon']).status === 0) {
    contestants['gdcmanon --dumb'] = () => program('gdcmanon', ['--dumb', '--recursive', '--empty', '10,10', '--empty', '10,20', '--empty', '10,30', '--remove', '8,80', '--continue', input, out])
  }
  const turns = new Map<string, { cpu: number; wall: number }[]>(Object.keys(contestants).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) {
    for (const [name, contest] of Object.entries(contestants)) {
      rmSync(out, { recursive: true, force: true })
      if (name.startsWith('gdcm')) mkdirSync(out)
      turns.get(name)!.push(contest())
    }
  }
  const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1]!
  console.log(`${files} CT images of 512 × 512, median of ${rounds} turns`)
  for (const [name, measures] of turns) console.log(`${name.padEnd(18)} CPU ${median(measures.map(({ cpu }) => cpu)).toFixed(2)} s   wall ${median(measures.map(({ wall }) => wall)).toFixed(2)} s`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
