/** Runs a file from outside through the readers, and checks the limits that also apply to damaged files. */
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import { ERROR_CODES, OutpostError } from '../../src-core/contract/errors.ts'
import { deidentifyInstance, type DeidentifyContext } from '../../src-core/deidentify/deidentify.ts'
import type { OptionName } from '../../src-core/deidentify/options.ts'
import type { Region } from '../../src-core/deidentify/regions.ts'
import type { DicomFile } from '../../src-core/dicom/dataset.ts'
import { correctedHead } from '../../src-core/dicom/correct-identity.ts'
import { TAG } from '../../src-core/dicom/dictionary.ts'
import { toDicomJson } from '../../src-core/dicom/json.ts'
import { INFLATE_LIMIT, parseDicom } from '../../src-core/dicom/parse.ts'
import { checkDescription, decodedFrameBytes } from '../../src-core/dicom/pixels/description.ts'
import { pixelDataElement, readPixelDescription } from '../../src-core/dicom/pixels/read-description.ts'
import { headValues, scanHead, wantedTags } from '../../src-core/dicom/scan-head.ts'
import { transferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import { stackOf } from '../../src-ui/viewer/series-stack.ts'

export const MIB = 1024 * 1024

/** Whether an error is a refusal with a code; any other error is a fault. */
export function isRefusal(error: unknown): error is OutpostError {
  return (
    error instanceof OutpostError &&
    ERROR_CODES.includes(error.code) &&
    error.code !== 'internal' &&
    error.detail['reason'] !== 'process ended'
  )
}

/** Returns the bytes that a process may use for a file. @param permitted bytes of one frame, see readAll */
export function memoryLimit(bytes: Uint8Array, permitted: number): number {
  return 64 * MIB + 8 * Math.max(bytes.length, permitted)
}

/** The tags that an index reads, and the tags around them. */
const WANTED = wantedTags([
  TAG.SOPClassUID,
  TAG.SOPInstanceUID,
  TAG.StudyDate,
  TAG.Modality,
  TAG.PatientName,
  TAG.PatientID,
  TAG.StudyInstanceUID,
  TAG.SeriesInstanceUID,
  TAG.NumberOfFrames,
  TAG.Rows,
  TAG.BurnedInAnnotation,
])
const values = headValues(WANTED.count)

/** The regions to black out: one in the corner, one that crosses the edges of most images. */
export const REGIONS: readonly Region[] = [
  { x: 0, y: 0, width: 3, height: 2 },
  { x: 5, y: 400, width: 9999, height: 9999 },
]

const OPTIONS: readonly (readonly OptionName[])[] = [
  [],
  [
    'retainUIDs',
    'cleanDescriptors',
    'cleanStructuredContent',
    'cleanGraphics',
    'retainSafePrivate',
    'retainLongitudinalModifiedDates',
  ],
  ['retainPatientCharacteristics', 'retainLongitudinalFullDates'],
]

/**
 * Returns the bytes that one frame may use by its header, or a deflated data set by its limit; 0 when the header does
 * not say.
 */
function permittedBytes(file: DicomFile): number {
  const inflated = transferSyntax(file.TransferSyntaxUID).deflated ? INFLATE_LIMIT : 0
  try {
    const pixelData = pixelDataElement(file.dataset)
    if (!pixelData) return inflated
    const description = readPixelDescription(file.dataset, pixelData.sampleKind)
    checkDescription(description)
    return Math.max(inflated, decodedFrameBytes(description))
  } catch {
    return inflated
  }
}

/**
 * Reads, indexes, lists, corrects and de-identifies a file.
 * @param number selects the options
 * @param judge receives each error; seen: each success; late: work that takes more CPU time than 2 s plus 1 s per MiB
 * @returns bytes that one of its frames may use
 */
export function readAll(
  bytes: Uint8Array,
  number: number,
  judge: (work: string, error: unknown) => void,
  seen: (what: string) => void,
  late: (what: string) => void,
): number {
  let permitted = 0
  const timed = (work: string, run: () => void): void => {
    const start = process.cpuUsage()
    try {
      run()
      seen(`${work} done`)
    } catch (error) {
      judge(work, error)
    }
    const { user, system } = process.cpuUsage(start)
    if ((user + system) / 1000 > 2000 + (1000 * bytes.length) / MIB)
      late(`${work}: ${Math.round((user + system) / 1000)} ms`)
  }
  timed('read', () => {
    const file = parseDicom(bytes, { stopAtPixelData: true, inflate: inflateBounded })
    permitted = permittedBytes(file)
  })
  // The index reads the header first, then the whole file.
  timed('scan', () => {
    for (const length of [Math.min(bytes.length, 4096), bytes.length])
      if (scanHead(bytes, length, length === bytes.length, WANTED, values, true) === 'done') return
  })
  timed('list', () => {
    const file = parseDicom(bytes, { salvage: true, inflate: inflateBounded })
    permitted = Math.max(permitted, permittedBytes(file))
    stackOf(JSON.parse(JSON.stringify([toDicomJson(file.dataset)])) as Parameters<typeof stackOf>[0])
  })
  timed('correct', () => {
    correctedHead(
      parseDicom(bytes, { stopAtPixelData: true, inflate: inflateBounded }),
      { PatientName: 'Sample^Other', PatientID: '2' },
      { AttributeModificationDateTime: '20260101000000', ModifyingSystem: 'SAMPLE', SourceOfPreviousValues: '' },
    )
  })
  timed('de-identify', () => {
    const file = parseDicom(bytes, { inflate: inflateBounded })
    const context: DeidentifyContext = {
      options: new Set(OPTIONS[number % OPTIONS.length]),
      mapUid: (uid) => `2.25.${uid.length}`,
      shiftDays: -3,
      patientName: 'Anonymous^1',
      patientId: '1',
      pixelsReviewed: true,
      preview: number % 4 === 0,
      ...(number % 5 === 0 && { regions: REGIONS }),
    }
    deidentifyInstance(file, context)
  })
  return permitted
}

/** On Linux: the resident bytes of a process, now and at most since forgetPeak. Elsewhere: zeros. */
export function memoryOf(pid: number): { now: number; peak: number } {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const line = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024
    return { now: line('VmRSS'), peak: line('VmHWM') }
  } catch {
    return { now: 0, peak: 0 }
  }
}

/** Starts measuring the peak of a process again. */
export function forgetPeak(pid: number): void {
  try {
    const file = openSync(`/proc/${pid}/clear_refs`, 'w')
    try {
      writeSync(file, '5')
    } finally {
      closeSync(file)
    }
  } catch {
    // The process has exited, or this is not Linux: nothing is measured.
  }
}
