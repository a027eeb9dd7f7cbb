/** The series of a study, each shown by its middle image. Arrow keys move the focus, and the shown series follows. */
import { useState } from 'react'
import type { KeyboardEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { SeriesRow } from '../../src-core/contract/studies.ts'
import { formatCount } from '../../src-ui/i18n.ts'
import { useNear, useOwnImage } from '../state/own-image.ts'
import { usePatientNames } from '../state/patients.ts'
import { Icon } from './Icon.tsx'
import styles from './StudyView.module.css'

/** Address of the thumbnail of an instance. */
export function thumbnailOf(StudyInstanceUID: Uid, SeriesInstanceUID: Uid, SOPInstanceUID: Uid): string {
  const instance = `studies/${StudyInstanceUID}/series/${SeriesInstanceUID}/instances/${SOPInstanceUID}`
  return `/dicomweb/${instance}/thumbnail?viewport=128,128`
}

/** A thumbnail. An image that cannot be shown is replaced by a mark of the same size. */
export function Thumbnail({ src, size }: { readonly src: string; readonly size: number }) {
  const { ref, near } = useNear<HTMLSpanElement>()
  const url = useOwnImage(src, near)
  const [broken, setBroken] = useState(false)
  if (url === undefined || broken)
    return (
      <span ref={ref} className={styles.noThumbnail} style={{ width: size, height: size }}>
        {broken && <Icon name="images" size={28} />}
      </span>
    )
  return (
    <img
      className={styles.thumbnail}
      src={url}
      alt=""
      width={size}
      height={size}
      decoding="async"
      onError={() => setBroken(true)}
    />
  )
}

interface SeriesStripProps {
  readonly StudyInstanceUID: Uid
  readonly series: readonly SeriesRow[]
  readonly shown: Uid | undefined
  /** Series that are not part of the share being filled in. */
  readonly notShared: ReadonlySet<Uid>
  onShow(SeriesInstanceUID: Uid): void
}

export function SeriesStrip({ StudyInstanceUID, series, shown, notShared, onShow }: SeriesStripProps) {
  const { t, i18n } = useTranslation(['workstation', 'common', 'share'])
  const names = usePatientNames()
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step === undefined) return
    const next = series[series.findIndex((row) => row.SeriesInstanceUID === shown) + step]
    event.preventDefault()
    if (next === undefined) return
    onShow(next.SeriesInstanceUID)
    document.getElementById(`series-${next.SeriesInstanceUID}`)?.focus()
  }
  return (
    <nav className={styles.strip} aria-label={t('study.seriesStrip')} onKeyDown={onKeyDown}>
      {series.map((row) => {
        const current = row.SeriesInstanceUID === shown
        const out = notShared.has(row.SeriesInstanceUID)
        return (
          <button
            key={row.SeriesInstanceUID}
            id={`series-${row.SeriesInstanceUID}`}
            type="button"
            className={styles.series}
            aria-current={current ? 'true' : undefined}
            tabIndex={current || shown === undefined ? 0 : -1}
            data-out={out}
            onClick={() => onShow(row.SeriesInstanceUID)}
          >
            <span className={styles.cover}>
              <Thumbnail src={thumbnailOf(StudyInstanceUID, row.SeriesInstanceUID, row.cover)} size={116} />
              <span className={styles.badge}>{row.Modality}</span>
              <span className={styles.number}>
                {formatCount(row.instances, i18n.language)}
                <span className="visually-hidden"> {t('images', { ns: 'common', count: row.instances })}</span>
              </span>
            </span>
            <span className={styles.seriesName}>
              {[row.SeriesNumber, row.SeriesDescription || t('what.noDescription', { ns: 'share' })]
                .filter((part) => part !== null)
                .join(' · ')}
            </span>
            {row.patients.length > 0 && <span className={styles.seriesPatient}>{names(row.patients)}</span>}
          </button>
        )
      })}
    </nav>
  )
}
