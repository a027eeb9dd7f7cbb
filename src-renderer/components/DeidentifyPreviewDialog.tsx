/**
 * The D8 preview: what an anonymized share removes, replaces and keeps, element by element, and the options that change
 * it (D2).
 */
import { Checkbox, NativeSelect, SegmentedControl } from '@mantine/core'
import { Loading } from './Loading.tsx'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DeidentifyPreview } from '../../src-core/contract/deidentification.ts'
import type { DeidentifyOptions } from '../../src-core/contract/terms.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Dialog } from './Dialog.tsx'
import styles from './DeidentifyPreview.module.css'

interface DeidentifyPreviewDialogProps {
  readonly instances: readonly DeidentifyPreview[]
  readonly loading: boolean
  readonly failure: string | null
  readonly options: DeidentifyOptions
  onOptions(options: DeidentifyOptions): void
  onClose(): void
}

type Option = DeidentifyOptions[number]
/**
 * Options that a sender may choose. Clean Recognizable Visual Features is missing, because this program removes no
 * faces.
 */
const OFFERED = [
  'retainPatientCharacteristics',
  'retainLongitudinalModifiedDates',
  'retainLongitudinalFullDates',
  'retainDeviceIdentity',
  'retainInstitutionIdentity',
  'retainUIDs',
  'retainSafePrivate',
  'cleanDescriptors',
  'cleanStructuredContent',
  'cleanGraphics',
] as const satisfies readonly Option[]
/** Options that exclude each other: dates are either shifted or kept. */
const INSTEAD: Partial<Record<Option, Option>> = {
  retainLongitudinalModifiedDates: 'retainLongitudinalFullDates',
  retainLongitudinalFullDates: 'retainLongitudinalModifiedDates',
}

const FILTERS = ['all', 'removed', 'replaced', 'kept'] as const

function seriesLabel({ SeriesNumber, SeriesDescription, Modality }: DeidentifyPreview): string {
  return [SeriesNumber, SeriesDescription || Modality].filter((part) => part !== null).join(' · ')
}

export function DeidentifyPreviewDialog({
  instances,
  loading,
  failure,
  options,
  onOptions,
  onClose,
}: DeidentifyPreviewDialogProps) {
  const { t } = useTranslation(['share', 'common'])
  const [filter, setFilter] = useState<(typeof FILTERS)[number]>('all')
  const [chosen, setChosen] = useState('')
  const instance = instances.find(({ SeriesInstanceUID }) => SeriesInstanceUID === chosen) ?? instances[0]
  const rows = (instance?.rows ?? []).filter(
    (row) => filter === 'all' || row.action === filter || (filter === 'replaced' && row.action === 'cleaned'),
  )
  return (
    <Dialog opened onClose={onClose} size="min(1200px, 94vw)" title={t('deid.title')}>
      <div className={styles.work}>
        <OptionList options={options} onOptions={onOptions} />
        <div className={styles.table}>
          <div className={styles.head}>
            {instances.length > 1 && (
              <NativeSelect
                aria-label={t('deid.series')}
                value={instance?.SeriesInstanceUID ?? ''}
                data={instances.map((shown) => ({ value: shown.SeriesInstanceUID, label: seriesLabel(shown) }))}
                onChange={(event) => setChosen(event.currentTarget.value)}
              />
            )}
            <SegmentedControl
              aria-label={t('deid.filter')}
              value={filter}
              onChange={(value) => setFilter(value as typeof filter)}
              data={FILTERS.map((value) => ({ value, label: t(`deid.filters.${value}`) }))}
            />
            <span role="status" className={styles.count}>
              {t('deid.rows', { count: rows.length })}
            </span>
          </div>
          {failure !== null && <ErrorMessage code={failure} />}
          {loading && <Loading label={t('deid.title')} />}
          {instance?.code != null && <ErrorMessage code={instance.code} />}
          {rows.length > 0 && <PreviewTable rows={rows} />}
          {instance !== undefined && instance.more > 0 && (
            <p className={styles.count}>{t('deid.more', { count: instance.more })}</p>
          )}
        </div>
      </div>
    </Dialog>
  )
}

function OptionList({ options, onOptions }: Pick<DeidentifyPreviewDialogProps, 'options' | 'onOptions'>) {
  const { t } = useTranslation('share')
  const toggle = (option: Option): void =>
    onOptions(
      options.includes(option)
        ? options.filter((before) => before !== option)
        : [...options.filter((before) => before !== INSTEAD[option]), option],
    )
  return (
    <fieldset className={styles.options}>
      <legend>{t('deid.options')}</legend>
      {OFFERED.map((option) => (
        <Checkbox
          key={option}
          size="sm"
          checked={options.includes(option)}
          label={t(`deid.option.${option}`)}
          onChange={() => toggle(option)}
        />
      ))}
    </fieldset>
  )
}

function PreviewTable({ rows }: { readonly rows: DeidentifyPreview['rows'] }) {
  const { t } = useTranslation('share')
  return (
    <div className={styles.scroll} tabIndex={0} role="group" aria-label={t('deid.title')}>
      <table>
        <thead>
          <tr>
            {(['element', 'action', 'before', 'after'] as const).map((name) => (
              <th key={name} scope="col">
                {t(`deid.column.${name}`)}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.path}>
              <th scope="row">
                <span>{row.keyword || t('deid.private')}</span>
                <small>{row.path}</small>
              </th>
              <td data-action={row.action}>{t(`deid.action.${row.action}`)}</td>
              <td className={styles.value}>{row.before}</td>
              <td className={styles.value}>{row.after}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
