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
  onLook(StudyInstanceUID: Uid, SeriesInstanceUID: Uid, instances: readonly Uid[]): void
  onPreview(): void
}

export function SelectionPicker(props: SelectionPickerProps) {
  const { t, i18n } = useTranslation(['share', 'common', 'errors'])
  const { selection, studies, others, refusals } = props
  const refused = refusals.flatMap((group) => group.instances)
  const title = (study: StudyRow): string =>
    [study.StudyDescription || t('what.noDescription'), formatDay(study.StudyDate, i18n.language)]
      .filter(Boolean)
      .join(' · ')
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
      {studies.map(({ study, series }) => {
        const chosen = selection.studies.find((one) => one.StudyInstanceUID === study.StudyInstanceUID)?.series ?? null
        return (
          <div key={study.StudyInstanceUID} role="group" aria-label={title(study)} style={{ display: 'grid', gap: 6 }}>
            {studies.length > 1 && <div>{title(study)}</div>}
            <SegmentedControl
              fullWidth
              value={chosen === null ? 'whole' : 'series'}
              aria-label={title(study)}
              data={[
                { value: 'whole', label: t('what.whole') },
                { value: 'series', label: t('what.choose') },
              ]}
              onChange={(kind) =>
                props.onSeries(
                  study.StudyInstanceUID,
                  kind === 'whole' ? null : series.map((one) => one.SeriesInstanceUID),
                )
              }
            />
            {chosen !== null && (
              <ul className={styles.seriesList} aria-label={t('what.seriesOf')}>
                {series.map((one) => {
                  const on = chosen.includes(one.SeriesInstanceUID)
                  const label = `${one.SeriesNumber ?? ''} ${one.SeriesDescription || one.Modality}`.trim()
                  return (
                    <li key={one.SeriesInstanceUID} className={styles.seriesRow}>
                      <Checkbox
                        checked={on}
                        label={`${label} · ${t('images', { ns: 'common', count: one.instances })}`}
                        onChange={() =>
                          props.onSeries(
                            study.StudyInstanceUID,
                            on
                              ? chosen.filter((uid) => uid !== one.SeriesInstanceUID)
                              : series
                                  .map((other) => other.SeriesInstanceUID)
                                  .filter((uid) => uid === one.SeriesInstanceUID || chosen.includes(uid)),
                          )
                        }
                      />
                      {on && (
                        <Button
                          variant="subtle"
                          size="compact-xs"
                          aria-label={`${t('what.chooseImages')}: ${label}`}
                          onClick={() => props.onImages(study.StudyInstanceUID, one)}
                        >
                          {t('what.chooseImages')}
                        </Button>
                      )}
                    </li>
                  )
                })}
              </ul>
            )}
          </div>
        )
      })}
      {others.length > 0 && (
        <details open={studies.length > 1 || undefined}>
          <summary>{t('what.otherStudies')}</summary>
          <ul className={styles.seriesList} style={{ marginTop: 6 }}>
            {others.map((study) => (
              <li key={study.StudyInstanceUID} className={styles.seriesRow}>
                <Checkbox
                  label={title(study)}
                  checked={selection.studies.some((one) => one.StudyInstanceUID === study.StudyInstanceUID)}
                  onChange={(event) => props.onStudy(study.StudyInstanceUID, event.currentTarget.checked)}
                />
              </li>
            ))}
          </ul>
        </details>
      )}
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
      {props.signedOff.length > 0 && (
        <ul className={styles.seriesList} aria-label={t('look.signedOffTitle')}>
          {props.signedOff.map((line) => (
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
                onClick={() => props.onLook(line.StudyInstanceUID, line.SeriesInstanceUID, line.SOPInstanceUIDs)}
              >
                {t('look.again')}
              </Button>
            </li>
          ))}
        </ul>
      )}
      {refusals.length > 0 && (
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
                      props.onLook(group.StudyInstanceUID, group.SeriesInstanceUID, lookTogether(refusals, group))
                    }
                  >
                    {t('look.button')}
                  </Button>
                )}
                <Button
                  variant="default"
                  size="compact-sm"
                  aria-label={`${t('what.leaveOut', { count: group.instances.length })}: ${group.series}`}
                  onClick={() => props.onLeaveOut(group.instances)}
                >
                  {t('what.leaveOut', { count: group.instances.length })}
                </Button>
              </li>
            ))}
          </ul>
          {refusals.length > 1 && (
            <Button variant="default" size="compact-sm" onClick={() => props.onLeaveOut(refused)}>
              {t('what.leaveOutAll', { count: refused.length })}
            </Button>
          )}
        </div>
      )}
    </Section>
  )
}

/**
 * All refused images of the group's series that a review can clear, for any reason: the regions are drawn once for all
 * of them.
 */
function lookTogether(refusals: readonly RefusalGroup[], group: RefusalGroup): Uid[] {
  return refusals
    .filter((one) => one.SeriesInstanceUID === group.SeriesInstanceUID && clearableByReview(knownCode(one.code)))
    .flatMap((one) => one.instances)
}
