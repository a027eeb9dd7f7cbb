/** The series of a study, by QIDO-RS, in the order of their numbers. */
import { useEffect, useState } from 'react'
import { codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import { requestDicomweb } from '../../src-ui/viewer/dicomweb-request.ts'
import { numberOf, textOf, type JsonDataset } from '../../src-ui/viewer/dicom-json.ts'

export interface SeriesTile {
  readonly SeriesInstanceUID: string
  readonly Modality: string
  readonly SeriesDescription: string
  readonly SeriesNumber: number | null
  readonly instances: number | null
}

/** The address of a study below the DICOMweb root. */
export const studyUrl = (dicomwebRoot: string, StudyInstanceUID: string): string =>
  `${dicomwebRoot}/studies/${encodeURIComponent(StudyInstanceUID)}`

/** The series of the study at an address, or why they cannot be had; undefined while they are on their way. */
export function useSeries(study: string): readonly SeriesTile[] | ErrorCode | undefined {
  const [found, setFound] = useState<{
    readonly study: string
    readonly series: readonly SeriesTile[] | ErrorCode
  }>()
  useEffect(() => {
    let current = true
    const tell = (series: readonly SeriesTile[] | ErrorCode) => {
      if (current) setFound({ study, series })
    }
    seriesOf(study).then(tell, (error) => tell(codeOf(error)))
    return () => {
      current = false
    }
  }, [study])
  return found?.study === study ? found.series : undefined
}

/**
 * A grant's package never changes, so the overview and the images ask once. Held by the page alone and gone with it; a
 * failure is not kept.
 */
const asked = new Map<string, Promise<SeriesTile[]>>()

function seriesOf(study: string): Promise<SeriesTile[]> {
  const found = asked.get(study) ?? fetchSeries(study)
  asked.set(study, found)
  found.catch(() => asked.delete(study))
  return found
}

async function fetchSeries(study: string): Promise<SeriesTile[]> {
  const response = await requestDicomweb(`${study}/series`, 'application/dicom+json')
  const found = response.status === 204 ? [] : ((await response.json()) as JsonDataset[])
  return found
    .map((series) => ({
      SeriesInstanceUID: textOf(series, '0020000E'),
      Modality: textOf(series, '00080060'),
      SeriesDescription: textOf(series, '0008103E'),
      SeriesNumber: numberOf(series, '00200011'),
      instances: numberOf(series, '00201209'),
    }))
    .sort((a, b) => (a.SeriesNumber ?? Infinity) - (b.SeriesNumber ?? Infinity))
}

/** A small picture that stands for a series. */
export function seriesThumbnail(study: string, SeriesInstanceUID: string, size: number): string {
  return `${study}/series/${encodeURIComponent(SeriesInstanceUID)}/thumbnail?viewport=${size},${size}`
}
