/**
 * Chooses what is shared: whole studies or series, images left out, anonymized or not, and what prevents anonymizing.
 */
import type { RefusalGroup } from '../state/refusals.ts'
import { Button, Checkbox, SegmentedControl } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { SignedOff } from '../../src-core/contract/deidentification.ts'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { SeriesRow, StudyRow } from '../../src-core/contract/studies.ts'
import type { Selection } from '../../src-core/contract/terms.ts'
import { clearableByReview } from '../../src-core/deidentify/gate.ts'
import { knownCode } from '../../src-core/contract/errors.ts'
import { formatDay, formatInstant } from '../../src-ui/i18n.ts'
import { Icon } from './Icon.tsx'
import { PolicySwitch } from './PolicySwitch.tsx'
import { Section } from './Section.tsx'
import styles from './SharePanel.module.css'

interface SelectionPickerProps {
  readonly selection: Selection
  /** The chosen studies with their series. */
  readonly studies: readonly { readonly study: StudyRow; readonly series: readonly SeriesRow[] }[]
  /** The patient's other studies. */
  readonly others: readonly StudyRow[]
  readonly summary: string
  readonly arriving: boolean
  readonly anonymize: boolean
  readonly anonymizeFixed: boolean
  readonly refusals: readonly RefusalGroup[]
  /** Reviews that a person signed off. */
  readonly signedOff: readonly SignedOff[]
  onStudy(StudyInstanceUID: Uid, chosen: boolean): void
  onSeries(StudyInstanceUID: Uid, series: readonly Uid[] | null): void
  onImages(StudyInstanceUID: Uid, series: SeriesRow): void
  onLeaveOut(instances: readonly Uid[]): void
  onPutBack(): void
  onAnonymize(anonymize: boolean): void
  /** Opens the pixel review of images of a series. */
  onReview(StudyInstanceUID: Uid, SeriesInstanceUID: Uid, instances: readonly Uid[]): void
  onPreview(): void
}

export function SelectionPicker(props: SelectionPickerProps) {
  const { t } = useTranslation('share')
  const { selection, studies, others, refusals } = props
  return (
    <Section title={t('what.title')}>
      <p className={styles.summary} role="status">
        {props.summary}
      </p>
      {props.arriving && (
        <p className={styles.why}>
          <Icon name="receive" size={14} />
          {t('what.arriving')}
        </p>
      )}
      {studies.map(({ study, series }) => (
        <StudyChoice key={study.StudyInstanceUID} {...props} study={study} series={series} />
      ))}
      {others.length > 0 && <OtherStudies {...props} />}
      {selection.leftOut.length > 0 && (
        <div className={styles.policy}>
          <span>{t('what.leftOut', { count: selection.leftOut.length })}</span>
          <Button variant="subtle" size="compact-sm" onClick={props.onPutBack}>
            {t('what.putBack')}
          </Button>
        </div>
      )}
      <PolicySwitch
        label={t('what.anonymize')}
        hint={t('what.anonymizeHint')}
        checked={props.anonymize}
        locked={props.anonymizeFixed}
        onChange={props.onAnonymize}
      />
      {props.anonymize && (
        <Button
          variant="default"
          size="compact-sm"
          style={{ justifySelf: 'start' }}
          leftSection={<Icon name="eye" size={14} />}
          onClick={props.onPreview}
        >
          {t('deid.button')}
        </Button>
      )}
      {props.signedOff.length > 0 && <SignedOffList {...props} />}
      {refusals.length > 0 && <RefusalList {...props} />}
    </Section>
  )
}

/** A study by its description and date. */
function useStudyTitle(): (study: StudyRow) => string {
  const { t, i18n } = useTranslation('share')
  return ({ StudyDescription, StudyDate }) =>
    [StudyDescription || t('what.noDescription'), formatDay(StudyDate, i18n.language)].filter(Boolean).join(' · ')
}

interface StudyChoiceProps extends Pick<SelectionPickerProps, 'selection' | 'studies' | 'onSeries' | 'onImages'> {
  readonly study: StudyRow
  readonly series: readonly SeriesRow[]
}

/** The whole study, or single series of it. */
function StudyChoice(props: StudyChoiceProps) {
  const { t } = useTranslation('share')
  const { study, series } = props
  const title = useStudyTitle()(study)
  const chosen =
    props.selection.studies.find(({ StudyInstanceUID }) => StudyInstanceUID === study.StudyInstanceUID)?.series ?? null
  return (
    <div role="group" aria-label={title} style={{ display: 'grid', gap: 6 }}>
      {props.studies.length > 1 && <div>{title}</div>}
      <SegmentedControl
        fullWidth
        value={chosen === null ? 'whole' : 'series'}
        aria-label={title}
        data={[
          { value: 'whole', label: t('what.whole') },
          { value: 'series', label: t('what.choose') },
        ]}
        onChange={(kind) =>
          props.onSeries(
            study.StudyInstanceUID,
            kind === 'whole' ? null : series.map(({ SeriesInstanceUID }) => SeriesInstanceUID),
          )
        }
      />
      {chosen !== null && (
        <ul className={styles.seriesList} aria-label={t('what.seriesOf')}>
          {series.map((row) => (
            <SeriesChoice key={row.SeriesInstanceUID} {...props} row={row} chosen={chosen} />
          ))}
        </ul>
      )}
    </div>
  )
}

interface SeriesChoiceProps extends Pick<StudyChoiceProps, 'study' | 'series' | 'onSeries' | 'onImages'> {
  readonly row: SeriesRow
  /** The chosen series of the study. */
  readonly chosen: readonly Uid[]
}

function SeriesChoice({ study, series, row, chosen, onSeries, onImages }: SeriesChoiceProps) {
  const { t } = useTranslation(['share', 'common'])
  const on = chosen.includes(row.SeriesInstanceUID)
  const label = `${row.SeriesNumber ?? ''} ${row.SeriesDescription || row.Modality}`.trim()
  return (
    <li className={styles.seriesRow}>
      <Checkbox
        checked={on}
        label={`${label} · ${t('images', { ns: 'common', count: row.instances })}`}
        onChange={() =>
          onSeries(
            study.StudyInstanceUID,
            on
              ? chosen.filter((uid) => uid !== row.SeriesInstanceUID)
              : series
                  .map(({ SeriesInstanceUID }) => SeriesInstanceUID)
                  .filter((uid) => uid === row.SeriesInstanceUID || chosen.includes(uid)),
          )
        }
      />
      {on && (
        <Button
          variant="subtle"
          size="compact-xs"
          aria-label={`${t('what.chooseImages')}: ${label}`}
          onClick={() => onImages(study.StudyInstanceUID, row)}
        >
          {t('what.chooseImages')}
        </Button>
      )}
    </li>
  )
}

function OtherStudies({
  selection,
  studies,
  others,
  onStudy,
}: Pick<SelectionPickerProps, 'selection' | 'studies' | 'others' | 'onStudy'>) {
  const { t } = useTranslation('share')
  const titleOf = useStudyTitle()
  return (
    <details open={studies.length > 1 || undefined}>
      <summary>{t('what.otherStudies')}</summary>
      <ul className={styles.seriesList} style={{ marginTop: 6 }}>
        {others.map((study) => (
          <li key={study.StudyInstanceUID} className={styles.seriesRow}>
            <Checkbox
              label={titleOf(study)}
              checked={selection.studies.some((chosen) => chosen.StudyInstanceUID === study.StudyInstanceUID)}
              onChange={(event) => onStudy(study.StudyInstanceUID, event.currentTarget.checked)}
            />
          </li>
        ))}
      </ul>
    </details>
  )
}

function SignedOffList({ signedOff, onReview }: Pick<SelectionPickerProps, 'signedOff' | 'onReview'>) {
  const { t, i18n } = useTranslation('share')
  return (
    <ul className={styles.seriesList} aria-label={t('look.signedOffTitle')}>
      {signedOff.map((line) => (
        <li key={`${line.SeriesInstanceUID} ${line.at}`} className={styles.seriesRow}>
          <span className={styles.dimmed}>
            <Icon name="check" size={14} />{' '}
            {t('look.signedOff', {
              count: line.SOPInstanceUIDs.length,
              name: line.by,
              when: formatInstant(line.at, i18n.language),
            })}{' '}
            {line.regions === 0 ? t('look.notBlack') : t('look.black', { count: line.regions })}
          </span>
          <Button
            variant="subtle"
            size="compact-sm"
            onClick={() => onReview(line.StudyInstanceUID, line.SeriesInstanceUID, line.SOPInstanceUIDs)}
          >
            {t('look.again')}
          </Button>
        </li>
      ))}
    </ul>
  )
}

function RefusalList({
  refusals,
  onReview,
  onLeaveOut,
}: Pick<SelectionPickerProps, 'refusals' | 'onReview' | 'onLeaveOut'>) {
  const { t } = useTranslation(['share', 'errors'])
  const refused = refusals.flatMap((group) => group.instances)
  return (
    <div className={styles.refusals} role="group" aria-labelledby="refusals-title">
      <h4 id="refusals-title">
        <Icon name="warning" size={15} />
        {t('what.refusalTitle', { count: refused.length })}
      </h4>
      <ul>
        {refusals.map((group) => (
          <li key={group.key} className={styles.refusal}>
            <strong>{t('what.refusal', { series: group.series, images: group.images })}</strong>
            <span>{t(knownCode(group.code), { ns: 'errors' })}</span>
            {clearableByReview(knownCode(group.code)) && (
              <Button
                size="compact-sm"
                aria-label={`${t('look.button')}: ${group.series}`}
                onClick={() =>
                  onReview(group.StudyInstanceUID, group.SeriesInstanceUID, imagesToReview(refusals, group))
                }
              >
                {t('look.button')}
              </Button>
            )}
            <Button
              variant="default"
              size="compact-sm"
              aria-label={`${t('what.leaveOut', { count: group.instances.length })}: ${group.series}`}
              onClick={() => onLeaveOut(group.instances)}
            >
              {t('what.leaveOut', { count: group.instances.length })}
            </Button>
          </li>
        ))}
      </ul>
      {refusals.length > 1 && (
        <Button variant="default" size="compact-sm" onClick={() => onLeaveOut(refused)}>
          {t('what.leaveOutAll', { count: refused.length })}
        </Button>
      )}
    </div>
  )
}

/**
 * All refused images of the group's series that a review can clear, for any reason: the regions are drawn once for all
 * of them.
 */
function imagesToReview(refusals: readonly RefusalGroup[], group: RefusalGroup): Uid[] {
  return refusals
    .filter(
      ({ SeriesInstanceUID, code }) =>
        SeriesInstanceUID === group.SeriesInstanceUID && clearableByReview(knownCode(code)),
    )
    .flatMap(({ instances }) => instances)
}
