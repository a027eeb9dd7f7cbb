/** Names the images that cannot be anonymized by series and image number. */
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { Refusal } from '../../src-core/contract/deidentification.ts'
import type { SeriesRow } from '../../src-core/contract/studies.ts'
import { numberRanges } from './draft.ts'
import { useInstancesOf } from './library.ts'

/** Refused images of one series with the same reason. */
export interface RefusalGroup {
  readonly key: string
  readonly code: string
  readonly StudyInstanceUID: Uid
  readonly SeriesInstanceUID: Uid
  readonly series: string
  readonly images: string
  readonly instances: readonly Uid[]
}

export function useRefusalGroups(refusals: readonly Refusal[], series: readonly SeriesRow[]): RefusalGroup[] {
  const groups = Object.values(
    Object.groupBy(refusals, (refusal) => `${refusal.SeriesInstanceUID} ${refusal.code}`),
  ).filter((group) => group !== undefined)
  const answers = useInstancesOf(groups.map((group) => group[0]!))
  return groups.map((group, index) => {
    const first = group[0]!
    const row = series.find((row) => row.SeriesInstanceUID === first.SeriesInstanceUID)
    const rows = answers[index]?.data ?? []
    const numbers = group
      .map((refusal) => {
        const at = rows.findIndex((instance) => instance.SOPInstanceUID === refusal.SOPInstanceUID)
        return rows[at]?.InstanceNumber ?? at + 1
      })
      .filter((number) => number > 0)
    return {
      key: `${first.SeriesInstanceUID} ${first.code}`,
      code: first.code,
      StudyInstanceUID: first.StudyInstanceUID,
      SeriesInstanceUID: first.SeriesInstanceUID,
      instances: group.map((refusal) => refusal.SOPInstanceUID),
      series:
        row === undefined
          ? ''
          : [row.SeriesNumber, row.SeriesDescription || row.Modality].filter((part) => part !== null).join(' · '),
      images: numberRanges(numbers),
    }
  })
}
