/**
 * Indexes a folder of CT images, against what opening and reading their heads costs in C and against gdcmscanner, in turns within one run; then the same folder again, unchanged, against `find`. Usage: npm run bench -- index [FILES=20000] [ROUNDS=5]
 */
import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { bytesElement, filePreambleAndMeta, numberElement, textElement, writeDataset, type WritableElement } from '../../src-core/dicom/write.ts'

const [files = 20_000, rounds = 5] = process.argv.slice(2).map(Number)
const PER_SERIES = 100
const PIXELS = 512 * 512 * 2
const work = mkdtempSync(path.join(tmpdir(), 'bench-index-'))
const input = path.join(work, 'in')
const limitSource = path.resolve(import.meta.dirname, '../../../shared/peers/limit.c')

/** The head of a CT slice as scanners write it: about 6 KB, two hundred elements, most of them private. */
function head(number: number): Uint8Array {
  const series = Math.floor(number / PER_SERIES)
  const study = Math.floor(series / 3)
  const uid = (level: number, of: number): string => `1.2.826.0.1.3680043.99.20260101.${level}.10000000000000${of}`
  const elements: WritableElement[] = [
    textElement(TAG.SpecificCharacterSet, 'CS', 'ISO_IR 100'), textElement(TAG.ImageType, 'CS', 'ORIGINAL\\PRIMARY\\AXIAL'), textElement(TAG.SOPClassUID, 'UI', '1.2.840.10008.5.1.4.1.1.2'),
    textElement(TAG.SOPInstanceUID, 'UI', uid(3, number)), textElement(TAG.StudyDate, 'DA', '20260102'), textElement(TAG.StudyTime, 'TM', '101112'), textElement(TAG.AccessionNumber, 'SH', `A${study}`),
    textElement(TAG.Modality, 'CS', 'CT'), textElement(TAG.Manufacturer, 'LO', 'Imaginary Scanners'), textElement(TAG.StudyDescription, 'LO', 'CT Chest'), textElement(TAG.SeriesDescription, 'LO', 'Lung 1.0'),
    ...Array.from({ length: 40 }, (_, index) => textElement(0x00091010 + index, 'LO', `private value ${index} of ${number}`)),
    textElement(TAG.PatientName, 'PN', `Fiction^Number${study}`), textElement(TAG.PatientID, 'LO', `F-${study}`), textElement(TAG.PatientBirthDate, 'DA', '19600101'), textElement(TAG.PatientSex, 'CS', 'F'),
    textElement(TAG.BodyPartExamined, 'CS', 'CHEST'), textElement(TAG.SliceThickness, 'DS', '1.0'), textElement(TAG.ProtocolName, 'LO', 'Chest'),
    textElement(TAG.StudyInstanceUID, 'UI', uid(1, study)), textElement(TAG.SeriesInstanceUID, 'UI', uid(2, series)), textElement(TAG.SeriesNumber, 'IS', String(series % 3)), textElement(TAG.InstanceNumber, 'IS', String(number % PER_SERIES)),
    textElement(TAG.ImagePositionPatient, 'DS', `0\\0\\${number}`), textElement(TAG.ImageOrientationPatient, 'DS', '1\\0\\0\\0\\1\\0'),
    numberElement(TAG.SamplesPerPixel, 'US', [1]), textElement(TAG.PhotometricInterpretation, 'CS', 'MONOCHROME2'), numberElement(TAG.Rows, 'US', [512]), numberElement(TAG.Columns, 'US', [512]),
    textElement(TAG.PixelSpacing, 'DS', '0.7\\0.7'), numberElement(TAG.BitsAllocated, 'US', [16]), numberElement(TAG.BitsStored, 'US', [12]), numberElement(TAG.HighBit, 'US', [11]), numberElement(TAG.PixelRepresentation, 'US', [0]),
    ...Array.from({ length: 110 }, (_, index) => textElement(0x00431010 + index, 'LO', `more private values ${index}`)),
  ]
  const pixelHeader = writeDataset([bytesElement(TAG.PixelData, 'OW', new Uint8Array(0))])
  new DataView(pixelHeader.buffer).setUint32(8, PIXELS, true)
  return Buffer.concat([filePreambleAndMeta({ MediaStorageSOPClassUID: '1.2.840.10008.5.1.4.1.1.2', MediaStorageSOPInstanceUID: uid(3, number), TransferSyntaxUID: '1.2.840.10008.1.2.1' }), writeDataset(elements), pixelHeader])
}

/** The pixels are a hole in the file: nobody who indexes reads them. */
function writeSlice(number: number): void {
  const folder = path.join(input, String(Math.floor(number / PER_SERIES)))
  if (number % PER_SERIES === 0) mkdirSync(folder, { recursive: true })
  const descriptor = openSync(path.join(folder, `${number}.dcm`), 'w')
  const bytes = head(number)
  writeSync(descriptor, bytes)
  ftruncateSync(descriptor, bytes.length + PIXELS)
  closeSync(descriptor)
}

interface Measure { readonly cpu: number; readonly wall: number }

function program(command: string, args: readonly string[]): Measure {
  const started = performance.now()
  const result = spawnSync('bash', ['-c', `TIMEFORMAT='%U %S'; exec 3>&2; { time "$0" "$@" >"${work}/output" 2>&1 ; } 2>&3`, command, ...args], { encoding: 'utf8', env: { ...process.env, NODE_COMPILE_CACHE: path.join(work, 'cache') } })
  const [user = NaN, system = NaN] = result.stderr.trim().split('\n').at(-1)!.split(/\s+/).map(Number)
  return { cpu: user + system, wall: (performance.now() - started) / 1000 }
}

const has = (command: string): boolean => spawnSync('which', [command]).status === 0
const SCANNED = ['0008,0018', '0008,0020', '0008,0030', '0008,0050', '0008,0060', '0008,1030', '0008,103e', '0010,0010', '0010,0020', '0010,0030', '0010,0040', '0018,0015', '0020,000d', '0020,000e', '0020,0011', '0020,0013', '0028,0008', '0028,0010', '0028,0011', '0028,0100']

try {
  for (let number = 0; number < files; number++) writeSlice(number)
  const data = path.join(work, 'data')
  // A process of its own, as the others are: starting it counts.
  const outpost = (): Measure => program(process.execPath, ['--input-type=module', '-e', `
    const { indexFolders } = await import(${JSON.stringify(path.resolve(import.meta.dirname, '../../src-main/library/index-command.ts'))})
    const report = await indexFolders(${JSON.stringify(data)}, [${JSON.stringify(input)}])
    if (report.instances !== ${files}) throw new Error('not all were indexed')`])
  const contestants: Record<string, () => Measure> = {
    outpost: () => {
      rmSync(data, { recursive: true, force: true })
      mkdirSync(data)
      return outpost()
    },
    'outpost, unchanged': outpost,
  }
  const limit = path.join(work, 'limit')
  if (existsSync(limitSource) && spawnSync('cc', ['-O2', '-pthread', limitSource, '-o', limit]).status === 0) {
    contestants['C: open, read, close'] = () => program(limit, ['head', input, '2'])
    contestants['C: stat'] = () => program(limit, ['stat', input, '2'])
  }
  if (has('gdcmscanner')) contestants.gdcmscanner = () => program('gdcmscanner', ['-d', input, '-r', ...SCANNED.flatMap((tag) => ['-t', tag])])
  if (has('rsync')) contestants['rsync -an'] = () => program('rsync', ['-an', `${input}/`, `${input}/`])
  contestants.find = () => program('find', [input, '-type', 'f', '-size', '+1'])
  // Once before, so that compiled code and directory entries are as warm for us as for the programs.
  contestants.outpost!()
  const turns = new Map<string, Measure[]>(Object.keys(contestants).map((name) => [name, []]))
  for (let round = 0; round < rounds; round++) for (const [name, contest] of Object.entries(contestants)) turns.get(name)!.push(contest())
  const median = (values: number[]): number => values.sort((one, other) => one - other)[values.length >> 1]!
  const ratio = (name: string, ours = 'outpost'): string => median(turns.get(name)!.map(({ cpu }, round) => turns.get(ours)![round]!.cpu / cpu)).toFixed(2)
  console.log(`${files} CT images of 512 × 512, warm, median of ${rounds} turns`)
  for (const [name, measures] of turns) {
    console.log(`${name.padEnd(22)} CPU ${median(measures.map(({ cpu }) => cpu)).toFixed(2)} s   wall ${median(measures.map(({ wall }) => wall)).toFixed(2)} s   outpost takes ${ratio(name)} ×, of an unchanged folder ${ratio(name, 'outpost, unchanged')} ×`)
  }
} finally {
  rmSync(work, { recursive: true, force: true })
}
