/**
 * Previews what an anonymized share would do to one instance of each series, element by element (D8). Its values are
 * sent to the page and stored nowhere.
 */
import type { z } from 'zod'
import { codeOf } from '../../src-core/contract/errors.ts'
import type { DeidentifyPreview } from '../../src-core/contract/deidentification.ts'
import type { DeidentifyOptions, Selection } from '../../src-core/contract/terms.ts'
import { optionSet } from '../../src-core/deidentify/options.ts'
import { previewDeidentified } from '../../src-core/deidentify/preview.ts'
import type { Library } from '../ports/services.ts'
import { anonymousPatients, type AnonymousPatient } from '../imaging/anonymous-patients.ts'
import type { Pseudonyms } from '../imaging/uid-map.ts'
import type { Storage } from '../storage/open-storage.ts'
import { stateOf } from '../storage/selections/gate-findings.ts'
import { readHeaderOf } from './prepare-instance.ts'
import type { SelectedInstance } from '../ports/records.ts'

export interface PreviewAsked {
  readonly selection: z.infer<typeof Selection>
  readonly SOPInstanceUID?: string | undefined
  readonly options?: DeidentifyOptions | undefined
}

export interface PreviewParts {
  readonly library: Pick<Library, 'selected'>
  readonly storage: Pick<Storage, 'signOffs'>
  readonly pseudonyms: Pseudonyms
}

/** Largest number of rows. Enhanced multi-frame objects have thousands of elements that are the same in each frame. */
const MAX_ROWS = 2000
const MAX_SERIES = 100

/** @error bad-request for options that contradict each other; study-not-found, series-not-found, empty-selection */
export async function deidentifyPreview(
  { selection, SOPInstanceUID, options = [] }: PreviewAsked,
  parts: PreviewParts,
): Promise<{ instances: DeidentifyPreview[] }> {
  const chosen = optionSet(options)
  const { instances } = await parts.library.selected(selection)
  const asked =
    SOPInstanceUID === undefined
      ? representatives(instances)
      : instances.filter((instance) => instance.SOPInstanceUID === SOPInstanceUID)
  const previews: DeidentifyPreview[] = []
  // Patients are numbered over the whole selection in its order, as the package numbers them.
  const anonymousPatient = anonymousPatients(parts.pseudonyms)
  const anonymous = new Map(instances.map((instance) => [instance, anonymousPatient(instance)]))
  for (const instance of asked) previews.push(await previewOf(instance, anonymous.get(instance)!, chosen, parts))
  return { instances: previews }
}

/** The middle instance of every series, because the first is often a localizer. */
function representatives(instances: readonly SelectedInstance[]): SelectedInstance[] {
  const bySeries = Map.groupBy(instances, (instance) => instance.SeriesInstanceUID)
  return [...bySeries.values()].slice(0, MAX_SERIES).map((series) => series[Math.floor((series.length - 1) / 2)]!)
}

async function previewOf(
  instance: SelectedInstance,
  anonymous: AnonymousPatient,
  options: ReturnType<typeof optionSet>,
  { pseudonyms, storage }: PreviewParts,
): Promise<DeidentifyPreview> {
  const { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, Modality, SeriesDescription, SeriesNumber } = instance
  const named = { StudyInstanceUID, SeriesInstanceUID, SOPInstanceUID, Modality, SeriesDescription, SeriesNumber }
  try {
    const [signOff] = await storage.signOffs.of([stateOf(instance)])
    const rows = previewDeidentified(await readHeaderOf(instance), {
      options,
      mapUid: pseudonyms.mapUid,
      ...anonymous,
      regions: signOff?.regions ?? [],
    })
    return { ...named, code: null, rows: rows.slice(0, MAX_ROWS), more: Math.max(0, rows.length - MAX_ROWS) }
  } catch (error) {
    return { ...named, code: codeOf(error), rows: [], more: 0 }
  }
}
