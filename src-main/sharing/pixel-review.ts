/**
 * The pixel review before images leave de-identified (D5): which frames must be seen, which regions are proposed to be
 * blacked out, and the record of who signed off.
 */
import { createHash } from 'node:crypto'
import { OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { ReviewImage, PixelRegion } from '../../src-core/contract/deidentification.ts'
import { clearableByReview, reviewRequired } from '../../src-core/deidentify/gate.ts'
import { proposeRegions } from '../../src-core/deidentify/regions.ts'
import type { DicomDataset } from '../../src-core/dicom/dataset.ts'
import { transferSyntax } from '../../src-core/dicom/transfer-syntax.ts'
import type { Events, Library } from '../ports/services.ts'
import type { SignedIn } from '../staff/session.ts'
import type { Storage } from '../storage/open-storage.ts'
import { stateOf } from '../storage/selections/gate-findings.ts'
import { readHeaderOf } from './prepare-instance.ts'
import type { SelectedInstance } from '../ports/records.ts'

export interface LookOptions {
  readonly storage: Pick<Storage, 'signOffs'>
  readonly library: Pick<Library, 'selected'>
  readonly events: Events
  readonly now: () => Date
}

type Uid = SelectedInstance['SOPInstanceUID']
interface Series {
  readonly StudyInstanceUID: Uid
  readonly SeriesInstanceUID: Uid
}
interface SeenImage {
  readonly SOPInstanceUID: Uid
  readonly content: string
  readonly framesSeen: readonly number[]
}

/** Number of headers of a series that are read for its proposals. */
const HEADERS_READ = 64

export class PixelReview {
  readonly #options: LookOptions

  constructor(options: LookOptions) {
    this.#options = options
  }

  /** @error the code of an instance that no review can clear; series-not-found, instance-not-found */
  async requestReview(
    series: Series,
    wanted: readonly Uid[],
  ): Promise<{ images: ReviewImage[]; proposals: PixelRegion[]; proposedBy: 'earlier' | 'ultrasound' | 'nothing' }> {
    const instances = await this.#instances(series, wanted)
    const images = instances.map((instance): ReviewImage => {
      const { SOPInstanceUID, InstanceNumber, NumberOfFrames, Rows, Columns } = instance
      return {
        SOPInstanceUID,
        InstanceNumber,
        NumberOfFrames: Math.max(1, NumberOfFrames),
        Rows,
        Columns,
        content: contentOf(instance),
        code: cannotBeShown(instance),
      }
    })
    const earlier = await this.#options.storage.signOffs.regionsOfSeries(series.SeriesInstanceUID)
    if (earlier !== null) return { images, proposals: earlier, proposedBy: 'earlier' }
    const proposals = await ultrasoundProposals(instances)
    return { images, proposals, proposedBy: proposals.length > 0 ? 'ultrasound' : 'nothing' }
  }

  /**
   * Records that a person saw every frame of these images, and which regions are to be blacked out.
   * @error frames-not-reviewed; file-changed when an image is no longer the one that was shown; what requestReview
   * throws
   */
  async signOff(
    series: Series,
    regions: readonly PixelRegion[],
    images: readonly SeenImage[],
    { actor }: SignedIn,
  ): Promise<void> {
    const instances = await this.#instances(
      series,
      images.map((image) => image.SOPInstanceUID),
    )
    const seenOf = new Map(images.map((image) => [image.SOPInstanceUID, image]))
    for (const instance of instances) {
      const { SOPInstanceUID } = instance
      const seen = seenOf.get(SOPInstanceUID)
      if (seen?.content !== contentOf(instance)) throw new OutpostError('file-changed', { SOPInstanceUID })
      const frames = new Set(seen.framesSeen)
      for (let frame = 1; frame <= Math.max(1, instance.NumberOfFrames); frame++)
        if (!frames.has(frame)) throw new OutpostError('frames-not-reviewed', { SOPInstanceUID, frame })
      const hidden = cannotBeShown(instance)
      if (hidden) throw new OutpostError(hidden, { SOPInstanceUID })
    }
    const at = this.#options.now().toISOString()
    const { staffId, name, organisationId, departmentId, workstationId } = actor
    await this.#options.storage.signOffs.save(
      { ...series, at, staffId, staffName: name, regions, instances: instances.map(stateOf) },
      {
        at,
        actor: { kind: 'staff', id: staffId, name },
        organisationId,
        departmentId,
        workstationId,
        action: 'sign-off',
        subject: series.SeriesInstanceUID,
        detail: {
          PatientID: instances[0]?.PatientID ?? '',
          studies: [series.StudyInstanceUID],
          instances: instances.map((instance) => instance.SOPInstanceUID),
          regions: regions.map(({ x, y, width, height }) => ({ x, y, width, height })),
        },
      },
    )
    this.#options.events.emit({ type: 'library' })
  }

  /** The requested instances, after a check that a review can clear each of them. */
  async #instances(
    { StudyInstanceUID, SeriesInstanceUID }: Series,
    wanted: readonly Uid[],
  ): Promise<SelectedInstance[]> {
    const { instances } = await this.#options.library.selected({
      studies: [{ StudyInstanceUID, series: [SeriesInstanceUID] }],
      leftOut: [],
    })
    const names = new Set(wanted)
    const requested = instances.filter((instance) => names.has(instance.SOPInstanceUID))
    if (requested.length !== names.size) throw new OutpostError('instance-not-found')
    for (const instance of requested) {
      const code = reviewRequired(instance)
      if (code !== null && !clearableByReview(code))
        throw new OutpostError(code, { SOPInstanceUID: instance.SOPInstanceUID })
    }
    return requested
  }
}

/** Identifies the state of a file without revealing its path to the page. */
function contentOf({ SOPInstanceUID, path, size, mtimeMs }: SelectedInstance): string {
  return createHash('sha256')
    .update(JSON.stringify([SOPInstanceUID, path, size, mtimeMs]))
    .digest('base64url')
    .slice(0, 27)
}

function cannotBeShown({ TransferSyntaxUID, kind }: SelectedInstance): ErrorCode | null {
  if (transferSyntax(TransferSyntaxUID).pixels === 'video') return 'video'
  return kind === 'image' ? null : 'no-pixel-data'
}

/** Proposals from the first headers of the series. Files that cannot be read add no proposal. */
async function ultrasoundProposals(instances: readonly SelectedInstance[]): Promise<PixelRegion[]> {
  const datasets: DicomDataset[] = []
  for (const instance of instances
    .filter(({ Modality }) => Modality === 'US' || Modality === 'IVUS')
    .slice(0, HEADERS_READ)) {
    const header = await readHeaderOf(instance).catch(() => null)
    if (header) datasets.push(header.dataset)
  }
  return datasets.length === 0 ? [] : proposeRegions(...datasets)
}
