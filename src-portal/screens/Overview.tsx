/**
 * Shows what was shared: the sender's message, the exams in plain words, what the recipient may do, and the download
 * with its size.
 */
import { useTranslation } from 'react-i18next'
import { endWords, formatBytes, formatDay, formatPersonName } from '../../src-ui/i18n.ts'
import { Page } from '../components/Page.tsx'
import { StudyPicture } from '../components/StudyPicture.tsx'
import { dicomwebRootOf, downloadUrlOf, type Exam } from '../state/client.ts'
import { studyUrl } from '../state/series.ts'

type Study = Exam['studies'][number]

export interface OverviewProps {
  readonly exam: Exam
  readonly busy: boolean
  readonly onShow: (study: number) => void
  readonly onClose: () => void
}

export function Overview({ exam, busy, onShow, onClose }: OverviewProps) {
  const { t, i18n } = useTranslation('portal')
  const { sender, department, organisation, message, terms, end, downloadBytes } = exam
  return (
    <Page
      heading={t('exam.heading', { recipient: exam.recipient })}
      organisation={organisation}
      department={department}
    >
      <p className="hint">{t('exam.from', { sender, department, organisation })}</p>
      {message && (
        <section className="message" aria-labelledby="message">
          <h2 id="message">{t('exam.message', { sender })}</h2>
          <p>{message}</p>
        </section>
      )}
      <section aria-labelledby="exams">
        <h2 id="exams">{t('exam.exams')}</h2>
        <ul className="exams">
          {exam.studies.map((study, index) => (
            <StudyCard
              key={study.StudyInstanceUID}
              study={study}
              picture={studyUrl(dicomwebRootOf(exam), study.StudyInstanceUID)}
              hasReport={exam.hasReport}
              onShow={() => onShow(index)}
            />
          ))}
        </ul>
      </section>
      {downloadBytes > 0 && (
        <p className="download">
          <a className="secondary" href={downloadUrlOf(exam)} download="">
            {t('exam.download', { size: formatBytes(downloadBytes, i18n.language) })}
          </a>
          <span className="hint">{t('exam.downloadHint')}</span>
        </p>
      )}
      <section aria-labelledby="terms">
        <h2 id="terms">{t('exam.terms')}</h2>
        <ul className="terms">
          <li>{t(rightOf(exam))}</li>
          {terms.anonymize && <li>{t('exam.anonymized')}</li>}
          <li>{end ? t('exam.validUntil', { end: endWords(i18n, end) }) : t('exam.unlimited')}</li>
        </ul>
      </section>
      <button type="button" className="secondary" disabled={busy} onClick={onClose}>
        {t('exam.close')}
      </button>
    </Page>
  )
}

function rightOf({ right, hasReport }: Exam) {
  if (right === 'images-write-report') return 'exam.rightWrite'
  return hasReport ? 'exam.rightRead' : 'exam.rightImages'
}

function StudyCard({
  study,
  picture,
  hasReport,
  onShow,
}: {
  readonly study: Study
  /** Address of the study below the DICOMweb root. */
  readonly picture: string
  readonly hasReport: boolean
  readonly onShow: () => void
}) {
  const { t, i18n } = useTranslation(['portal', 'common'])
  const kind = t(`kinds.${kindOf(study.ModalitiesInStudy)}`)
  return (
    <li className="exam">
      <StudyPicture study={picture} />
      <div className="examText">
        <strong className="patient">
          {formatPersonName(study.PatientName) || t('patient.unnamed', { ns: 'common' })}
        </strong>
        {study.PatientBirthDate && (
          <span>
            {t('patient.born', { ns: 'common' })} {formatDay(study.PatientBirthDate, i18n.language)}
          </span>
        )}
        <span className="kind">
          {study.StudyDate ? t('exam.kindOfDay', { kind, day: formatDay(study.StudyDate, i18n.language) }) : kind}
        </span>
        {study.StudyDescription && <span>{study.StudyDescription}</span>}
        <span>{t('exam.images', { count: study.images })}</span>
      </div>
      <button type="button" className="primary" onClick={onShow}>
        {t(hasReport ? 'exam.viewReport' : 'exam.view')}
      </button>
    </li>
  )
}

const KINDS = ['CT', 'MR', 'PT', 'NM', 'MG', 'CR', 'DX', 'XA', 'RF', 'US', 'ES', 'OP'] as const

/** The first modality that has a plain name in the texts. */
function kindOf(ModalitiesInStudy: readonly string[]): (typeof KINDS)[number] | 'other' {
  return KINDS.find((kind) => ModalitiesInStudy.includes(kind)) ?? 'other'
}
