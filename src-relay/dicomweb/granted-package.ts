/**
 * A package as one grant may see it: the entries it allows, read by range from the sealed parts and never unsealed on a
 * disk.
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
  /** What may be seen of each exam; neither reports nor the sender's message are images. */
  readonly exams: Exam[]
  /** Exact, as Content-Length will say. */
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
    part.entries.filter((entry) => allowed(grant, entry)).map((entry) => ({ ...entry, part: part.name })),
  )
  const instances = entries.filter((entry) => entry.kind === 'instance')
  const readers = new Map<string, Promise<SealedReader>>()
  const reader = (name: string): Promise<SealedReader> => {
    const part = parts.find((each) => each.name === name)
    if (part === undefined) throw new OutpostError('package-damaged')
    const open = readers.get(name) ?? openPart(relay.objects, part, grant.identity)
    readers.set(name, open)
    return open
  }
  return {
    manifest,
    entries,
    instances,
    exams: manifest.studies.map((study) => {
      const seen = instances.filter(
        (entry) => entry.StudyInstanceUID === study.StudyInstanceUID && entry.message !== true,
      )
      return {
        ...study,
        ModalitiesInStudy: [...new Set(seen.flatMap(({ Modality }) => Modality || []))],
        images: seen.filter((entry) => entry.report !== true).length,
      }
    }),
    downloadBytes: zipSize(entries),
    hasReport: entries.some((entry) => entry.report === true),
    async read(entry, offset = 0, length = entry.size - offset) {
      return (await reader(entry.part)).read(entry.offset + offset, Math.min(length, entry.size - offset))
    },
    download: () =>
      composeZip(entries, async function* (entry) {
        yield* (await reader(entry.part)).stream(entry.offset, entry.size)
      }),
  }
}

/** U10, U17: both rights of a user read the report; of an anonymized share nobody does, whatever right was chosen. */
function allowed(grant: LiveGrant, entry: PackageEntry): boolean {
  return entry.report !== true || !SHARE_KINDS.user.leavesDeidentified(grant.terms)
}
