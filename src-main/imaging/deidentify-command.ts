/**
 * The work of the command `deidentify`: it reads files and folders and writes de-identified files, named by their new
 * UIDs.
 */
import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  statSync,
  writevSync,
} from 'node:fs'
import path from 'node:path'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import {
  requirePixelReview,
  deidentifyInstance,
  type DeidentifiedInstance,
  type DeidentifyContext,
} from '../../src-core/deidentify/deidentify.ts'
import { optionSet, type OptionName } from '../../src-core/deidentify/options.ts'
import type { DicomFile } from '../../src-core/dicom/dataset.ts'
import { parseDicom } from '../../src-core/dicom/parse.ts'
import { patientOfDataset } from '../../src-core/patient/patient-of-dataset.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { inflateBounded } from '../../src-engine/inflate.ts'
import { anonymousPatients } from './anonymous-patients.ts'
import { cleanedPixelsOf, leavesDecoded } from './clean-pixels.ts'
import type { FileState } from './file-state.ts'
import { readAgain } from './second-reader.ts'
import type { Pseudonyms } from './uid-map.ts'

export interface DeidentifyCommand {
  /** Paths of files and folders. Folders are read with all their subfolders. */
  readonly inputs: readonly string[]
  readonly out: string
  /** Columns of Table E.1-1 by their names here: retainUIDs, cleanDescriptors, … */
  readonly options: readonly string[]
  /** Whether the person at the command line states that the pixels were reviewed. */
  readonly allowPixels: boolean
  readonly pseudonyms: Pseudonyms
  /** Decodes and compresses again the frames that cannot leave unchanged. */
  readonly paint: Imaging['paintFrame']
  /** Milliseconds of a monotonic clock. */
  now(): number
}

export interface DeidentifyOutcome {
  readonly files: number
  readonly written: number
  /** element: keyword of the element that was found when the copy was read again. */
  readonly refused: readonly Refused[]
  readonly seconds: number
}

interface Refused {
  readonly path: string
  readonly code: ErrorCode
  readonly element?: string
}

/**
 * De-identifies all given files. A file that cannot be de-identified is named and left out, and the others continue.
 * @error bad-request for an unknown option; folder-missing when an input does not exist
 */
export async function deidentifyFiles(command: DeidentifyCommand): Promise<DeidentifyOutcome> {
  const started = command.now()
  const options = optionSet(command.options)
  const refused: Refused[] = []
  const run: Run = {
    command,
    options,
    buffer: new Uint8Array(1 << 20),
    anonymousPatient: anonymousPatients(command.pseudonyms),
    folders: new Map(),
  }
  let files = 0
  let written = 0
  for (const input of command.inputs) {
    for (const file of filesOf(input, path.resolve(command.out))) {
      files++
      try {
        // Most files need no decoding process. They are handled without a turn of the event loop, which would take
        // longer.
        const decoding = deidentifyFile(run, file)
        if (decoding) await decoding
        written++
      } catch (error) {
        const element = error instanceof OutpostError ? error.detail.element : undefined
        refused.push({ path: file, code: codeOf(error), ...(typeof element === 'string' && { element }) })
      }
    }
  }
  return { files, written, refused, seconds: (command.now() - started) / 1000 }
}

interface Run {
  readonly command: DeidentifyCommand
  readonly options: ReadonlySet<OptionName>
  /** Buffer for reading, used for every file: chunks that point into it are written before the next file is read. */
  buffer: Uint8Array
  readonly anonymousPatient: ReturnType<typeof anonymousPatients>
  /** Output folder of each series that was met, so that it is not created again. */
  readonly folders: Map<string, string>
}

function* filesOf(input: string, out: string): Generator<string> {
  let stat
  try {
    stat = statSync(input)
  } catch {
    throw new OutpostError('folder-missing')
  }
  if (!stat.isDirectory()) {
    yield input
    return
  }
  const within = path.join(input, path.sep)
  for (const entry of readdirSync(input, { withFileTypes: true }).sort((left, right) =>
    left.name < right.name ? -1 : 1,
  )) {
    const inside = within + entry.name
    // Symbolic links may lead anywhere, so they are not followed.
    if (entry.isFile()) yield inside
    // The output folder may be inside the input folder.
    else if (entry.isDirectory() && path.resolve(inside) !== out) yield* filesOf(inside, out)
  }
}

/** @returns a promise when the pixels have to be decoded first */
function deidentifyFile(run: Run, file: string): Promise<void> | undefined {
  const { bytes, state } = readWhole(run, file)
  const parsed = parseDicom(bytes, { inflate: inflateBounded, skipPrivate: !run.options.has('retainSafePrivate') })
  const context = {
    options: run.options,
    mapUid: run.command.pseudonyms.mapUid,
    ...run.anonymousPatient(patientOfDataset(parsed.dataset)),
    pixelsReviewed: run.command.allowPixels,
  }
  if (!leavesDecoded(parsed, [])) {
    write(run, deidentified(parsed, context))
    return undefined
  }
  requirePixelReview(parsed, context)
  return cleanedPixelsOf(run.command.paint, state, parsed.dataset, []).then((cleanedPixels) =>
    write(run, deidentified(parsed, { ...context, cleanedPixels })),
  )
}

/** @error what deidentifyInstance and readAgain throw */
function deidentified(parsed: DicomFile, context: DeidentifyContext): DeidentifiedInstance {
  const instance = deidentifyInstance(parsed, context)
  readAgain(instance, parsed, context)
  return instance
}

function readWhole(run: Run, file: string): { readonly bytes: Uint8Array; readonly state: FileState } {
  let handle
  try {
    handle = openSync(file, constants.O_RDONLY)
  } catch (error) {
    throw new OutpostError('file-unreadable', {}, { cause: error })
  }
  try {
    const { size, mtimeMs } = fstatSync(handle)
    if (size > run.buffer.length) run.buffer = new Uint8Array(size + (size >> 2))
    let read = 0
    while (read < size) {
      const got = readSync(handle, run.buffer, read, size - read, read)
      if (got === 0) break
      read += got
    }
    return { bytes: run.buffer.subarray(0, read), state: { path: file, size, mtimeMs } }
  } finally {
    closeSync(handle)
  }
}

function write(run: Run, instance: DeidentifiedInstance): void {
  const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, chunks } = instance
  const name = (uid: string): string =>
    /^\d[\d.]{0,63}$/.test(uid) && !uid.includes('..') ? uid : run.command.pseudonyms.mapUid(uid)
  const series = StudyInstanceUID + path.sep + SeriesInstanceUID
  let folder = run.folders.get(series)
  if (folder === undefined) {
    folder = path.join(run.command.out, name(StudyInstanceUID), name(SeriesInstanceUID))
    mkdirSync(folder, { recursive: true })
    run.folders.set(series, folder)
  }
  const handle = openNew(folder + path.sep + name(SOPInstanceUID))
  try {
    writeAll(handle, chunks)
  } finally {
    closeSync(handle)
  }
}

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL

/**
 * The same instance twice in the input becomes two files in the output, so that the counts agree and no file is
 * overwritten.
 */
function openNew(base: string): number {
  for (let copy = 1; ; copy++) {
    try {
      return openSync(copy === 1 ? `${base}.dcm` : `${base}-${copy}.dcm`, NEW_FILE)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
  }
}

/** Number of chunks that one call of writev takes. */
const MAX_AT_ONCE = 512

function writeAll(handle: number, chunks: readonly Uint8Array[]): void {
  let left = chunks
  while (left.length > 0) {
    const batch = left.slice(0, MAX_AT_ONCE)
    let done = writevSync(handle, batch)
    let whole = 0
    while (whole < batch.length && done >= batch[whole]!.length) done -= batch[whole++]!.length
    left = done > 0 ? [batch[whole]!.subarray(done), ...left.slice(whole + 1)] : left.slice(whole)
  }
}
