/**
 * Makes a share's package: every selected instance, its previews, DICOMDIR and pages in one uncompressed ZIP, which is
 * sealed while it is written to the spool; then the message and the signed manifest. It uses constant memory.
 */
import { createHash, randomUUID } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { codeOf, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import { optionSet } from '../../src-core/deidentify/options.ts'
import { Manifest, type PackageEntry, type PackagePart } from '../../src-core/package/manifest.ts'
import { writeDicomdir, type DirectoryFile } from '../../src-core/package/dicomdir.ts'
import { indexPage, readmeText, type MediaWords } from '../../src-core/package/media-pages.ts'
import { displayName } from '../../src-core/patient/display-name.ts'
import type { Imaging } from '../../src-engine/imaging.ts'
import { newIdentity } from '../../src-engine/package/identity.ts'
import { createZipWriter, type ZipWriter } from '../../src-engine/package/zip.ts'
import { SHARE_KINDS } from '../../src-core/sharing/kinds/share-kinds.ts'
import { anonymousPatients } from '../imaging/anonymous-patients.ts'
import type { Pseudonyms } from '../imaging/uid-map.ts'
import type { SignOff } from '../storage/ledger/sign-offs.ts'
import { instanceMemory, type InstanceMemory } from './instance-memory.ts'
import { packageRecord, sealText, type OpenPackage, type PackageKeys } from './package-record.ts'
import { packageContents, type PackageContents } from './prepare-contents.ts'
import { prepareInstance, type Anonymizing, type PreparedInstance } from './prepare-instance.ts'
import { addMessageSeries } from './prepare-message.ts'
import type { Spool } from './prepare-spool.ts'
import type { PackageRecord, SelectedInstance, ShareRecord } from '../ports/records.ts'

export interface PrepareContext {
  readonly spool: Spool
  readonly imaging: Pick<Imaging, 'render' | 'paintFrame'>
  readonly keys: PackageKeys
  readonly pseudonyms: Pseudonyms
  /** The sign-offs of exactly these states of the files (D5), in their order. */
  readonly signOffs: (instances: readonly SelectedInstance[]) => Promise<readonly (SignOff | null)[]>
  /** The texts of the package's pages, in the language of the share's mail. */
  readonly words: MediaWords
  /** Hash of the files of the share's earlier package, where it is known. */
  readonly earlierSource?: string | null | undefined
  readonly now: () => Date
  readonly signal: AbortSignal
  readonly onProgress: (instancesPrepared: number) => void
  /** Called for an instance that leaves without a preview, with the reason. */
  readonly onPreviewFailed: (failure: PreviewFailure) => void
}

export interface PreviewFailure {
  readonly SOPInstanceUID: string
  readonly code: ErrorCode
  /** Whether a preview was expected: an image that our decoders should read. */
  readonly unexpected: boolean
}

/** Number of previews per series: enough to browse, few enough to be quick. */
const PREVIEWS_PER_SERIES = 24
const PREVIEW_SIZE = 512
const PREVIEW_QUALITY = 80
const PREVIEW_BYTES = 64 * 1024
/** Bytes on the disk that stay free for other programs. */
const SPARE_BYTES = 200 * 2 ** 20

/** Selects the instances of each series that get a preview: evenly spread, with the first and last among them. */
export function previewed(instances: readonly SelectedInstance[]): Set<SelectedInstance> {
  const bySeries = Map.groupBy(
    instances.filter(({ kind }) => kind === 'image'),
    ({ SeriesInstanceUID }) => SeriesInstanceUID,
  )
  const chosen = new Set<SelectedInstance>()
  for (const series of bySeries.values()) {
    const count = Math.min(PREVIEWS_PER_SERIES, series.length)
    for (let index = 0; index < count; index += 1) {
      const instance = series[count === 1 ? 0 : Math.round((index * (series.length - 1)) / (count - 1))]
      if (instance) chosen.add(instance)
    }
  }
  return chosen
}

/** How each instance is anonymized. All studies of one patient get the same number (D7). */
async function anonymization(
  share: ShareRecord,
  context: PrepareContext,
): Promise<(instance: SelectedInstance, index: number) => Anonymizing> {
  const { pseudonyms, imaging, signal } = context
  const anonymousPatient = anonymousPatients(pseudonyms)
  const options = optionSet(share.terms.deidentify ?? [])
  const signOffs = await context.signOffs(share.instances)
  return (instance, index) => ({
    ...anonymousPatient(instance),
    mapUid: pseudonyms.mapUid,
    options,
    signOff: signOffs[index] ?? null,
    paint: (source, request) => imaging.paintFrame(source, request, { signal }),
  })
}

/** Codes of instances that have no preview by their kind: video, documents, private codecs. */
const NOTHING_TO_SHOW: ReadonlySet<ErrorCode> = new Set(['no-pixel-data', 'video', 'unsupported-transfer-syntax'])

/**
 * Renders a preview; returns null and reports the reason when that fails. A failure never stops a package: the
 * recipient receives the instance, and its image is rendered again when it is opened.
 */
async function preview(
  { imaging, signal, onPreviewFailed }: PrepareContext,
  prepared: PreparedInstance,
  frames: number,
): Promise<Uint8Array | null> {
  try {
    return (
      await imaging.render(
        prepared.source,
        { frame: Math.ceil(Math.max(1, frames) / 2), size: PREVIEW_SIZE, format: 'jpeg', quality: PREVIEW_QUALITY },
        { signal },
      )
    ).bytes
  } catch (error) {
    if (signal.aborted) throw new OutpostError('cancelled', {}, { cause: error })
    const code = codeOf(error)
    onPreviewFailed({ SOPInstanceUID: prepared.SOPInstanceUID, code, unexpected: !NOTHING_TO_SHOW.has(code) })
    return null
  }
}

async function addBytes(
  zip: ZipWriter,
  contents: PackageContents,
  path: string,
  bytes: Uint8Array,
  entry: Pick<PackageEntry, 'kind'> & Partial<PackageEntry>,
): Promise<void> {
  const crc = crc32(bytes)
  const { offset } = await zip.add({ path, size: bytes.length, crc32: crc }, [bytes])
  contents.entries.push({
    ...entry,
    path,
    offset,
    size: bytes.length,
    crc32: crc,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  })
}

async function addInstance(
  zip: ZipWriter,
  contents: PackageContents,
  instance: SelectedInstance,
  withPreview: boolean,
  anonymizing: Anonymizing | null,
  memory: InstanceMemory,
  context: PrepareContext,
): Promise<string> {
  const prepared = await prepareInstance(instance, anonymizing, memory)
  try {
    const place = contents.place(prepared)
    const picture = withPreview ? preview(context, prepared, instance.NumberOfFrames) : Promise.resolve(null)
    // Another process renders while the bytes are sealed. The failure is handled below, where the promise is awaited.
    picture.catch(() => undefined)
    const { offset } = await zip.add(
      { path: place.path, size: prepared.size, crc32: prepared.crc32 },
      prepared.content(),
    )
    contents.addInstance(place, prepared, offset, { report: instance.kind === 'report' })
    const bytes = await picture
    if (bytes === null) return prepared.sourceSha256
    await addBytes(zip, contents, place.previewPath, bytes, {
      kind: 'preview',
      StudyInstanceUID: instanceUid(prepared.StudyInstanceUID),
      SeriesInstanceUID: instanceUid(prepared.SeriesInstanceUID),
      SOPInstanceUID: instanceUid(prepared.SOPInstanceUID),
    })
    contents.addPreview(place)
    return prepared.sourceSha256
  } finally {
    await prepared.close()
  }
}

/** Converts a UID that was read from a file to the contract's branded type. */
const instanceUid = (uid: string): NonNullable<PackageEntry['SOPInstanceUID']> =>
  uid as NonNullable<PackageEntry['SOPInstanceUID']>

/**
 * Writes every selected instance, with its preview, to the ZIP.
 * @returns SHA-256 over the hashes of the source files
 * @error source-changed, cancelled; what prepareInstance throws
 */
async function addInstances(
  zip: ZipWriter,
  contents: PackageContents,
  share: ShareRecord,
  context: PrepareContext,
): Promise<string> {
  const withPreview = previewed(share.instances)
  const memory = instanceMemory()
  const source = createHash('sha256')
  const anonymizingOf = isAnonymized(share) ? await anonymization(share, context) : null
  for (const [index, instance] of share.instances.entries()) {
    if (context.signal.aborted) throw new OutpostError('cancelled')
    const sourceSha256 = await addInstance(
      zip,
      contents,
      instance,
      withPreview.has(instance),
      anonymizingOf?.(instance, index) ?? null,
      memory,
      context,
    )
    source.update(sourceSha256)
    context.onProgress(index + 1)
  }
  const sourceSha256 = source.digest('hex')
  if ((context.earlierSource ?? sourceSha256) !== sourceSha256) throw new OutpostError('source-changed')
  return sourceSha256
}

/** Writes the DICOMDIR and the pages, which are made from the contents, to the ZIP. */
async function addMediaFiles(
  zip: ZipWriter,
  contents: PackageContents,
  packageId: string,
  share: ShareRecord,
  { words }: PrepareContext,
): Promise<void> {
  const media = {
    sender: share.actor.name,
    message: share.terms.message,
    studies: contents.mediaStudies().map((study) => ({ ...study, patient: displayName(study.patient) })),
  }
  const directory: DirectoryFile[] = contents.files
  await addBytes(
    zip,
    contents,
    'DICOMDIR',
    writeDicomdir(directory, { SOPInstanceUID: uuidUid(packageId), FileSetID: 'OUTPOST' }),
    { kind: 'dicomdir' },
  )
  await addBytes(zip, contents, 'INDEX.HTM', Buffer.from(indexPage(media, words), 'utf8'), { kind: 'file' })
  await addBytes(zip, contents, 'README.TXT', Buffer.from(readmeText(media, words), 'utf8'), { kind: 'file' })
}

const isAnonymized = ({ terms }: ShareRecord): boolean => SHARE_KINDS.user.leavesDeidentified(terms)

/** @error disk-full when the spool has too little space for the package */
async function checkSpace({ instances }: ShareRecord, spool: Spool): Promise<void> {
  const total = instances.reduce((sum, { size }) => sum + size, 0)
  await spool.checkSpace(Math.ceil(total * 1.01) + previewed(instances).size * PREVIEW_BYTES + SPARE_BYTES)
}

/**
 * Prepares a share's package and leaves its sealed parts in the spool.
 * @error source-changed, file-gone, file-changed, file-unreadable, disk-full, cancelled; what reading and
 * de-identifying throw
 */
export async function preparePackage(share: ShareRecord, context: PrepareContext): Promise<PackageRecord> {
  const { spool, keys, signal } = context
  const { message } = share.terms
  await checkSpace(share, spool)
  const packageId = randomUUID()
  const opened: OpenPackage = { packageId, ...(await newIdentity()), writer: await spool.begin(packageId) }
  const { writer, recipient } = opened
  try {
    const images = await writer.part('images', recipient)
    const zip = createZipWriter((bytes) => images.write(bytes))
    const contents = packageContents()
    const sourceSha256 = await addInstances(zip, contents, share, context)
    if (message !== '') await addMessageSeries(zip, contents, message, packageId)
    await addMediaFiles(zip, contents, packageId, share, context)
    await zip.end()
    const parts: PackagePart[] = [{ name: 'images', ...(await images.end()), entries: contents.entries }]
    if (message !== '') parts.push({ name: 'message', ...(await sealText(opened, 'message', message)), entries: [] })
    const { organisationId, departmentId, workstationId } = share.actor
    const manifest = Manifest.parse({
      version: 1,
      packageId,
      createdAt: context.now().toISOString(),
      organisationId,
      departmentId,
      workstationId,
      anonymized: isAnonymized(share),
      parts,
      studies: contents.studyRows(),
    })
    const sealedManifest = await sealText(opened, 'manifest', JSON.stringify(manifest))
    const source = { shareId: share.shareId, sourceSha256 }
    const record = await packageRecord(opened, { createdAt: manifest.createdAt, parts }, sealedManifest, keys, source)
    if (signal.aborted) throw new OutpostError('cancelled')
    await writer.finish()
    return record
  } catch (error) {
    await writer.abandon()
    throw error
  }
}

/** A UID derived from a UUID (PS3.5 B.2). */
export function uuidUid(uuid: string): string {
  return `2.25.${BigInt(`0x${uuid.replaceAll('-', '')}`)}`
}
