/** The images of one study: the patient, the list of series, and the viewer. */
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { PatientBanner } from '../../src-ui/components/PatientBanner.tsx'
import { dicomwebRootOf, type Exam } from '../state/client.ts'
import { seriesThumbnail, studyUrl, useSeries, type SeriesTile } from '../state/series.ts'

const loadViewer = () => import('../../src-ui/viewer/StackViewer.tsx')
const StackViewer = lazy(async () => ({ default: (await loadViewer()).StackViewer }))

/** Fetches the viewer's code while the recipient reads the overview. */
export function prepareViewer(): void {
  void loadViewer().catch(() => undefined)
}

export function Images({
  exam,
  study,
  onBack,
}: {
  readonly exam: Exam
  readonly study: number
  readonly onBack: () => void
}) {
  const { t } = useTranslation('portal')
  const shownStudy = exam.studies[study]!
  const dicomwebRoot = dicomwebRootOf(exam)
  const address = studyUrl(dicomwebRoot, shownStudy.StudyInstanceUID)
  const answer = useSeries(address)
  const series = typeof answer === 'string' ? undefined : answer
  const [pickedSeriesUID, pickSeries] = useState<string | null>(null)
  const current = series?.find((candidate) => candidate.SeriesInstanceUID === pickedSeriesUID) ?? series?.[0]
  return (
    <div className="images">
      <header className="imagesTop">
        <button type="button" className="back" onClick={onBack}>
          <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true">
            <path
              d="M12 4l-6 6 6 6"
              fill="none"
              stroke="currentColor"
              strokeWidth="2"
              strokeLinecap="round"
              strokeLinejoin="round"
            />
          </svg>
          {t('images.back')}
        </button>
        <PatientBanner {...shownStudy} />
      </header>
      <main className="imagesMain">
        {series && series.length > 1 && (
          <nav aria-label={t('images.series')} className="strip">
            {series.map((candidate) => (
              <Tile
                key={candidate.SeriesInstanceUID}
                study={address}
                series={candidate}
                current={candidate === current}
                onPick={() => pickSeries(candidate.SeriesInstanceUID)}
              />
            ))}
          </nav>
        )}
        <div className="stageBox">
          {typeof answer === 'string' && <ErrorMessage code={answer} />}
          <Suspense
            fallback={
              <p role="status" className="waiting">
                {t('images.loading')}
              </p>
            }
          >
            {current && (
              <StackViewer
                dicomwebRoot={dicomwebRoot}
                StudyInstanceUID={shownStudy.StudyInstanceUID}
                SeriesInstanceUID={current.SeriesInstanceUID}
                autoFocus
                limitBytes={192 * 1024 * 1024}
              />
            )}
          </Suspense>
        </div>
      </main>
    </div>
  )
}

function Tile({
  study,
  series,
  current,
  onPick,
}: {
  readonly study: string
  readonly series: SeriesTile
  readonly current: boolean
  readonly onPick: () => void
}) {
  const { t } = useTranslation('portal')
  const [failed, setFailed] = useState(false)
  const isReport = series.Modality === 'SR' || series.Modality === 'DOC'
  const name = isReport
    ? t('images.report')
    : series.SeriesDescription || t('images.seriesNumber', { number: series.SeriesNumber ?? '' })
  return (
    <button type="button" className="tile" aria-current={current} onClick={onPick}>
      <span className="tilePicture">
        {isReport || failed ? (
          <PageMark />
        ) : (
          <img
            src={seriesThumbnail(study, series.SeriesInstanceUID, 128)}
            alt=""
            loading="lazy"
            onError={() => setFailed(true)}
          />
        )}
      </span>
      <span className="tileName">{name}</span>
      {series.instances !== null && !isReport && (
        <span className="tileCount">{t('exam.images', { count: series.instances })}</span>
      )}
    </button>
  )
}

function PageMark() {
  return (
    <svg viewBox="0 0 20 20" width="32" height="32" aria-hidden="true">
      <path
        d="M5 2h7l4 4v12H5ZM12 2v4h4M8 10h5M8 13h5"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.3"
        strokeLinejoin="round"
      />
    </svg>
  )
}
