/** The series of a study, fetched by QIDO-RS and sorted by SeriesNumber. */
import { useEffect, useState } from 'react'
import { codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import { requestDicomweb } from '../../src-ui/viewer/dicomweb-request.ts'
import { numberOf, textOf, type JsonDataset } from '../../src-ui/viewer/dicom-json.ts'
import { DICOMWEB_ROOT } from './client.ts'

export interface SeriesTile {
  readonly SeriesInstanceUID: string
  readonly Modality: string
  readonly SeriesDescription: string
  readonly SeriesNumber: number | null
  readonly instances: number | null
}

/** Returns the series, or the code that says why they cannot be fetched; undefined while they are being fetched. */
export function useSeries(StudyInstanceUID: string): readonly SeriesTile[] | ErrorCode | undefined {
  const [answer, setAnswer] = useState<{
    readonly study: string
    readonly series: readonly SeriesTile[] | ErrorCode
  }>()
  useEffect(() => {
    let current = true
    const answerWith = (series: readonly SeriesTile[] | ErrorCode) => {
      if (current) setAnswer({ study: StudyInstanceUID, series })
    }
    seriesOf(StudyInstanceUID).then(answerWith, (error) => answerWith(codeOf(error)))
    return () => {
      current = false
    }
  }, [StudyInstanceUID])
  return answer?.study === StudyInstanceUID ? answer.series : undefined
}

/**
 * The request for each study, so that overview and images share one: a grant's package never changes. The page alone
 * keeps these. A request that failed is removed.
 */
const requests = new Map<string, Promise<SeriesTile[]>>()

function seriesOf(StudyInstanceUID: string): Promise<SeriesTile[]> {
  const request = requests.get(StudyInstanceUID) ?? fetchSeries(StudyInstanceUID)
  requests.set(StudyInstanceUID, request)
  request.catch(() => requests.delete(StudyInstanceUID))
  return request
}

async function fetchSeries(StudyInstanceUID: string): Promise<SeriesTile[]> {
  const url = `${studyUrl(StudyInstanceUID)}/series`
  const response = await requestDicomweb(url, 'application/dicom+json')
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
export function seriesThumbnail(StudyInstanceUID: string, SeriesInstanceUID: string, size: number): string {
  const series = `${studyUrl(StudyInstanceUID)}/series/${encodeURIComponent(SeriesInstanceUID)}`
  return `${series}/thumbnail?viewport=${size},${size}`
}

function studyUrl(StudyInstanceUID: string): string {
  return `${DICOMWEB_ROOT}/studies/${encodeURIComponent(StudyInstanceUID)}`
}
