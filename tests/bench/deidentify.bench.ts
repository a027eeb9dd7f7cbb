/**
 * De-identifies a folder of CT images, against `cp -r` (what copying alone costs) and `gdcmanon --dumb` (which empties a list of attributes, maps no
 * UIDs and keeps private elements), in turns within one run, on a RAM disk where there is one. The programs are processes of their own; ours runs twice
 * in every round: as a process of its own, bundled as it is installed, and within one that goes on: a workstation runs for days. Starting a process and
 * compiling its program come on top of copying, so what `cp -r` takes is a limit for the one that goes on; what the other takes of it is said.
 * Usage: npm run bench -- deidentify [FILES=1000] [ROUNDS=9]
 */
import { spawnSync } from 'node:child_process'
import { accessSync, constants, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROWS } from '../../src-core/deidentify/table.generated.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { bytesElement, filePreambleAndMeta, numberElement, textElement, writeDataset } from '../../src-core/dicom/write.ts'
import { contest, has, holds, print, program, within, type Contestants, type Measure } from './contest.ts'
import { deidentify } from './deidentify-turn.ts'

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

/** Turns of ours that are not counted, within the process that goes on. */
const WARM_UP = 3

function writable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK)
    return true
  } catch {
    return false
  }
}

const shared = path.resolve(import.meta.dirname, '../../../shared')

/** Images in all: scanners' own headers where the generator of studies is at hand, else those of slice. */
function makeInput(work: string, files: number): string {
  const generator = path.join(shared, 'tools/make_studies.py')
  const made = existsSync(generator) && spawnSync(generator, ['--out', path.join(work, 'in'), '--files', String(files), '--modalities', 'CT:1', '--pixels', 'full', '--seed', '5'], { stdio: 'ignore' }).status === 0
  if (made) return path.join(work, 'in/DICOM')
  const input = path.join(work, 'own')
  mkdirSync(input)
  for (let number = 1; number <= files; number++) writeFileSync(path.join(input, `${number}.dcm`), slice(number))
  return input
}

/** gdcmanon with about a hundred attributes to empty or remove: the list kept with the peers, or the table's first rows. */
function dumb(input: string, out: string): Measure {
  mkdirSync(out)
  const script = path.join(shared, 'peers/gdcmanon_dumb.sh')
  if (existsSync(script)) return program('sh', [script, input, out])
  const hex = (half: number): string => half.toString(16).padStart(4, '0')
  const attributes = ROWS.filter(([tag, , action]) => tag >= 0x00080000 && (action === 'Z' || action.startsWith('X'))).slice(0, 130)
  const list = attributes.flatMap(([tag, , action]) => [action.startsWith('X') ? '--remove' : '--empty', `${hex(tag >>> 16)},${hex(tag & 0xffff)}`])
  return program('gdcmanon', ['--dumb', '-r', '--continue', ...list, '-i', input, '-o', out])
}

async function race(files: number, rounds: number): Promise<void> {
  const disk = writable('/dev/shm') ? '/dev/shm' : tmpdir()
  const work = mkdtempSync(path.join(disk, 'bench-deidentify-'))
  try {
    const input = makeInput(work, files)
    const out = path.join(work, 'out')
    const environment = { NODE_COMPILE_CACHE: path.join(work, 'cache') }
    const limit = path.join(shared, 'peers/copy_limit.c')
    const compiled = path.join(work, 'copy_limit')
    const contestants: Contestants = {
      'cp -r': () => program('cp', ['-r', input, out]),
      outpost: () => within(() => deidentify(input, out, files)),
      'outpost, as a process': () => program(process.execPath, [path.resolve(import.meta.dirname, '../../out/bench/deidentify-turn.cjs'), input, out, String(files)], environment),
      ...(has('gdcmanon') && { 'gdcmanon --dumb': () => dumb(input, out) }),
      ...(existsSync(limit) && spawnSync('cc', ['-O2', limit, '-o', compiled]).status === 0 && { 'C: read, writev': () => program(compiled, ['rw', input, out]) }),
    }
    const clear = (): void => rmSync(out, { recursive: true, force: true })
    for (let turn = 0; turn < WARM_UP; turn++) {
      clear()
      deidentify(input, out, files)
    }
    // A round before the first that counts fills caches.
    await contest(contestants, 1, clear)
    const results = await contest(contestants, rounds, clear)
    print(`${files} CT images of 512 × 512 on ${disk}, medians of ${rounds} turns`, results)
    holds(results, { of: 'outpost', by: 'cpu', peer: 'gdcmanon --dumb', most: 1 })
    holds(results, { of: 'outpost, as a process', by: 'cpu', peer: 'gdcmanon --dumb', most: 1 })
    holds(results, { of: 'outpost', by: 'cpu', peer: 'cp -r', most: 1.4 })
    holds(results, { of: 'outpost, as a process', by: 'cpu', peer: 'cp -r', most: null })
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
}

const [files = 1000, rounds = 9] = process.argv.slice(2).map(Number)
await race(files, rounds)
