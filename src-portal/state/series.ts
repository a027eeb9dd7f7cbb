/** The series of a study, by QIDO-RS, in the order of their numbers. */
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

/** The series, or why they cannot be had; undefined while they are on their way. */
export function useSeries(StudyInstanceUID: string): readonly SeriesTile[] | ErrorCode | undefined {
  const [found, setFound] = useState<{
    readonly study: string
    readonly series: readonly SeriesTile[] | ErrorCode
  }>()
  useEffect(() => {
    let current = true
    const tell = (series: readonly SeriesTile[] | ErrorCode) => {
      if (current) setFound({ study: StudyInstanceUID, series })
    }
    seriesOf(StudyInstanceUID).then(tell, (error) => tell(codeOf(error)))
    return () => {
      current = false
    }
  }, [StudyInstanceUID])
  return found?.study === StudyInstanceUID ? found.series : undefined
}

/**
 * A grant's package never changes, so the overview and the images ask once. Held by the page alone and gone with it; a
 * failure is not kept.
 */
const asked = new Map<string, Promise<SeriesTile[]>>()

function seriesOf(StudyInstanceUID: string): Promise<SeriesTile[]> {
  const found = asked.get(StudyInstanceUID) ?? fetchSeries(StudyInstanceUID)
  asked.set(StudyInstanceUID, found)
  found.catch(() => asked.delete(StudyInstanceUID))
  return found
}

async function fetchSeries(StudyInstanceUID: string): Promise<SeriesTile[]> {
  const url = `${DICOMWEB_ROOT}/studies/${encodeURIComponent(StudyInstanceUID)}/series`
  const response = await requestDicomweb(url, 'application/dicom+json')
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
export function seriesThumbnail(StudyInstanceUID: string, SeriesInstanceUID: string, size: number): string {
  return `${DICOMWEB_ROOT}/studies/${encodeURIComponent(StudyInstanceUID)}/series/${encodeURIComponent(SeriesInstanceUID)}/thumbnail?viewport=${size},${size}`
}
