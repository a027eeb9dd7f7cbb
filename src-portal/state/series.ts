/** The series of a study, fetched by QIDO-RS and sorted by SeriesNumber. */
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

/**
 * Returns the series of the study at an address, or the code that says why they cannot be fetched; undefined while they
 * are being fetched.
 */
export function useSeries(study: string): readonly SeriesTile[] | ErrorCode | undefined {
  const [answer, setAnswer] = useState<{
    readonly study: string
    readonly series: readonly SeriesTile[] | ErrorCode
  }>()
  useEffect(() => {
    let current = true
    const answerWith = (series: readonly SeriesTile[] | ErrorCode) => {
      if (current) setAnswer({ study, series })
    }
    seriesOf(study).then(answerWith, (error) => answerWith(codeOf(error)))
    return () => {
      current = false
    }
  }, [study])
  return answer?.study === study ? answer.series : undefined
}

/**
 * The request for each study, so that overview and images share one: a grant's package never changes. The page alone
 * keeps these. A request that failed is removed.
 */
const requests = new Map<string, Promise<SeriesTile[]>>()

function seriesOf(study: string): Promise<SeriesTile[]> {
  const request = requests.get(study) ?? fetchSeries(study)
  requests.set(study, request)
  request.catch(() => requests.delete(study))
  return request
}

async function fetchSeries(study: string): Promise<SeriesTile[]> {
  const response = await requestDicomweb(`${study}/series`, 'application/dicom+json')
  const datasets = response.status === 204 ? [] : ((await response.json()) as JsonDataset[])
  return datasets
    .map((series) => ({
      SeriesInstanceUID: textOf(series, '0020000E'),
      Modality: textOf(series, '00080060'),
      SeriesDescription: textOf(series, '0008103E'),
      SeriesNumber: numberOf(series, '00200011'),
      instances: numberOf(series, '00201209'),
    }))
    .sort((a, b) => (a.SeriesNumber ?? Infinity) - (b.SeriesNumber ?? Infinity))
}

/** Returns the URL of the thumbnail of a series. @param size limits its longer side, in pixels */
export function seriesThumbnail(study: string, SeriesInstanceUID: string, size: number): string {
  return `${study}/series/${encodeURIComponent(SeriesInstanceUID)}/thumbnail?viewport=${size},${size}`
}
