/**
 * The entries of a package that one grant allows to read. Ranges are read from the sealed parts and unsealed in memory,
 * never on a disk.
 */
import type { PackageEntry, Manifest } from '../../src-core/package/manifest.ts'
import { composeZip, zipSize } from '../../src-engine/package/zip.ts'
import type { SealedReader } from '../../src-engine/package/open-sealed.ts'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { SHARE_KINDS } from '../../src-core/sharing/kinds/share-kinds.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { LiveGrant } from '../access/grants.ts'
import { openPart, readManifest } from '../shares/manifest-part.ts'

export interface GrantedEntry extends PackageEntry {
  readonly part: string
}

type Exam = Manifest['studies'][number] & { readonly ModalitiesInStudy: string[]; readonly images: number }

export interface GrantedPackage {
  readonly manifest: Manifest
  readonly entries: readonly GrantedEntry[]
  readonly instances: readonly GrantedEntry[]
  /** The exams with their counts of images. Reports and the sender's message do not count as images. */
  readonly exams: Exam[]
  /** Exactly the Content-Length of the download. */
  readonly downloadBytes: number
  readonly hasReport: boolean
  read(entry: GrantedEntry, offset?: number, length?: number): Promise<Uint8Array>
  download(): { size: number; stream: AsyncGenerator<Uint8Array, void, void> }
}

/** @error package-damaged */
export async function openGrantedPackage(relay: RelayContext, grant: LiveGrant): Promise<GrantedPackage> {
  const { parts } = grant.package
  const manifest = await readManifest(relay.objects, parts, grant.identity, grant.package)
  const entries = manifest.parts.flatMap((part) =>
    part.entries.filter((entry) => mayRead(grant, entry)).map((entry) => ({ ...entry, part: part.name })),
  )
  const instances = entries.filter((entry) => entry.kind === 'instance')
  const readers = new Map<string, Promise<SealedReader>>()
  const readerOf = (name: string): Promise<SealedReader> => {
    const part = parts.find((storedPart) => storedPart.name === name)
    if (part === undefined) throw new OutpostError('package-damaged')
    const reader = readers.get(name) ?? openPart(relay.objects, part, grant.identity)
    readers.set(name, reader)
    return reader
  }
  return {
    manifest,
    entries,
    instances,
    exams: manifest.studies.map((study) => {
      const visible = instances.filter(
        (entry) => entry.StudyInstanceUID === study.StudyInstanceUID && entry.message !== true,
      )
      return {
        ...study,
        ModalitiesInStudy: [...new Set(visible.flatMap(({ Modality }) => Modality || []))],
        images: visible.filter((entry) => entry.report !== true).length,
      }
    }),
    downloadBytes: zipSize(entries),
    hasReport: entries.some((entry) => entry.report === true),
    async read(entry, offset = 0, length = entry.size - offset) {
      return (await readerOf(entry.part)).read(entry.offset + offset, Math.min(length, entry.size - offset))
    },
    download: () =>
      composeZip(entries, async function* (entry) {
        yield* (await readerOf(entry.part)).stream(entry.offset, entry.size)
      }),
  }
}

/** U10, U17: both rights include reading the report. A report of an anonymized share is never readable. */
function mayRead(grant: LiveGrant, entry: PackageEntry): boolean {
  return entry.report !== true || !SHARE_KINDS.user.leavesDeidentified(grant.terms)
}
