/**
 * The thumbnail of a study: that of its first series that has one. It is decoration only, so it has no alternative
 * text.
 */
import { useState } from 'react'
import { seriesThumbnail, useSeries } from '../state/series.ts'

const WITHOUT_PICTURE = ['SR', 'DOC', 'PR', 'KO', 'SEG', 'RTSTRUCT', 'RTPLAN', 'REG']

export function StudyPicture({ study }: { readonly study: string }) {
  const series = useSeries(study)
  const first =
    typeof series === 'string' ? undefined : series?.find(({ Modality }) => !WITHOUT_PICTURE.includes(Modality))
  const [failed, setFailed] = useState(false)
  return (
    <div className="picture">
      {first && !failed && (
        <img
          src={seriesThumbnail(study, first.SeriesInstanceUID, 256)}
          alt=""
          width={96}
          height={96}
          onError={() => setFailed(true)}
        />
      )}
    </div>
  )
}
