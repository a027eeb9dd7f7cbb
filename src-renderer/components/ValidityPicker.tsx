/** Chooses the validity: a period, a day that is typed or picked, or unlimited where the department offers it. */
import { NativeSelect, NumberInput, SegmentedControl } from '@mantine/core'
import { DateInput } from '@mantine/dates'
import { useTranslation } from 'react-i18next'
import type { Period, SharePolicy, Validity } from '../../src-core/contract/terms.ts'
import { dayAfter, parseTypedDay, validityFits } from '../state/validity-day.ts'
import { Section } from './Section.tsx'
import styles from './SharePanel.module.css'

interface ValidityPickerProps {
  readonly policy: SharePolicy['validity']
  readonly validity: Validity
  readonly today: string
  onChange(validity: Validity): void
}

/** The period that the fields show; while another kind is chosen, the one to return to. */
function periodOf(validity: Validity, policy: SharePolicy['validity']): Period {
  if (validity.kind === 'period') return validity.period
  return policy.default.kind === 'period' ? policy.default.period : { unit: 'month', count: 1 }
}

/** The error code of a validity that may not be chosen; null when it may. */
function problemOf(validity: Validity, { maximum, unlimitedOffered }: SharePolicy['validity'], today: string) {
  if (validityFits(validity, maximum, unlimitedOffered, today)) return null
  return validity.kind === 'until' && (parseTypedDay(validity.day) ?? '') < today
    ? 'validity-in-the-past'
    : 'validity-over-maximum'
}

export function ValidityPicker({ policy, validity, today, onChange }: ValidityPickerProps) {
  const { t } = useTranslation(['share', 'errors'])
  const { maximum } = policy
  const period = periodOf(validity, policy)
  const lastDay = maximum === null ? undefined : dayAfter(today, maximum)
  const choose = (kind: string): void => {
    if (kind === 'period') onChange({ kind: 'period', period })
    else if (kind === 'until') onChange({ kind: 'until', day: dayAfter(today, period) })
    else onChange({ kind: 'unlimited' })
  }
  const kinds = [
    { value: 'period', label: t('until.period') },
    { value: 'until', label: t('until.day') },
    ...(policy.unlimitedOffered ? [{ value: 'unlimited', label: t('until.unlimited') }] : []),
  ]
  const problem = problemOf(validity, policy, today)
  const atMost =
    maximum === null
      ? null
      : t(maximum.unit === 'day' ? 'until.maximumDays' : 'until.maximumMonths', { count: maximum.count })
  return (
    <Section title={t('until.title')} aside={atMost !== null && <span className={styles.dimmed}>{atMost}</span>}>
      <SegmentedControl fullWidth data={kinds} value={validity.kind} onChange={choose} aria-label={t('until.kind')} />
      {validity.kind === 'period' && (
        <PeriodFields
          period={period}
          invalid={problem !== null}
          onChange={(changed) => onChange({ kind: 'period', period: changed })}
        />
      )}
      {validity.kind === 'until' && (
        <DateInput
          label={t('until.date')}
          placeholder={t('until.datePlaceholder')}
          valueFormat="DD/MM/YYYY"
          value={parseTypedDay(validity.day)}
          getDayProps={(day) => ({ disabled: day < today || (lastDay !== undefined && day > lastDay) })}
          dateParser={parseTypedDay}
          fixOnBlur={false}
          weekendDays={[]}
          error={problem !== null}
          onChange={(day) => onChange({ kind: 'until', day: day ?? '' })}
          popoverProps={{ withinPortal: true }}
          allowDeselect
        />
      )}
      {problem !== null && (
        <p className={styles.problem} role="alert">
          {t(problem, { ns: 'errors' })}
        </p>
      )}
      <p className={styles.dimmed}>
        {t(
          validity.kind === 'period'
            ? 'until.fromDelivery'
            : validity.kind === 'until'
              ? 'until.stands'
              : 'until.noEnd',
        )}
      </p>
    </Section>
  )
}

interface PeriodFieldsProps {
  readonly period: Period
  readonly invalid: boolean
  onChange(period: Period): void
}

function PeriodFields({ period, invalid, onChange }: PeriodFieldsProps) {
  const { t } = useTranslation('share')
  return (
    <div className={styles.inline}>
      <NumberInput
        label={t('until.count')}
        value={period.count}
        min={1}
        max={1200}
        allowDecimal={false}
        allowNegative={false}
        w={110}
        error={invalid}
        onChange={(count) => onChange({ ...period, count: Math.max(1, Number(count) || 1) })}
      />
      <NativeSelect
        label={t('until.unit')}
        value={period.unit}
        data={[
          { value: 'day', label: t('until.days') },
          { value: 'month', label: t('until.months') },
        ]}
        onChange={(event) => onChange({ ...period, unit: event.currentTarget.value === 'day' ? 'day' : 'month' })}
      />
    </div>
  )
}
