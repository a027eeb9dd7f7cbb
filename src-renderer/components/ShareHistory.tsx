/** One share from beginning to end: what happened to it, its terms, and what can still be done. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ShareStatus } from '../../src-core/contract/models.ts'
import { endWords, formatInstant, formatPersonName } from '../../src-ui/i18n.ts'
import styles from './Lists.module.css'
import { StateMark } from './StateMark.tsx'

interface Moment {
  readonly at: string
  readonly text: string
  readonly future?: boolean
  /** The text says when. */
  readonly timeless?: boolean
}

interface ShareHistoryProps {
  readonly share: ShareStatus
  readonly now: string
  onWithdraw(): void
  onUnblock(recipientId: string): void
}

export function ShareHistory({ share, now, onWithdraw, onUnblock }: ShareHistoryProps) {
  const { t, i18n } = useTranslation(['workstation', 'share'])
  const moments: Moment[] = [
    { at: share.createdAt, text: t('status.events.created', { name: share.createdBy }) },
    ...(share.deliveredAt === null ? [] : [{ at: share.deliveredAt, text: t('status.events.delivered') }]),
    ...share.recipients.flatMap((recipient) => [
      ...(recipient.notifiedAt === null
        ? []
        : [{ at: recipient.notifiedAt, text: t('status.events.notified', { name: recipient.name }) }]),
      ...(recipient.openedAt === null
        ? []
        : [{ at: recipient.openedAt, text: t('status.events.opened', { name: recipient.name }) }]),
      ...(['blocked', 'undeliverable', 'failed', 'expired', 'cancelled'].includes(recipient.state)
        ? [
            {
              at: recipient.stateAt,
              text: t('status.events.state', { name: recipient.name, state: t(`status.state.${recipient.state}`) }),
            },
          ]
        : []),
    ]),
    ...(share.withdrawnAt === null ? [] : [{ at: share.withdrawnAt, text: t('status.events.withdrawn') }]),
    ...(share.expiresAt === null || share.end === null || share.withdrawnAt !== null
      ? []
      : [
          {
            at: share.expiresAt,
            text: t('status.events.expires', { end: endWords(i18n, share.end) }),
            future: share.expiresAt > now,
            timeless: true,
          },
        ]),
  ]
  const ended =
    share.withdrawnAt !== null ||
    share.recipients.every((recipient) => ['withdrawn', 'expired', 'cancelled'].includes(recipient.state))
  const yes = (value: boolean): string => t(value ? 'status.yes' : 'status.no')
  const terms: [string, string][] = [
    [t('status.reason'), share.terms.reason],
    [
      t('status.right'),
      share.terms.anonymize
        ? t('safe.rightAnonymized', { ns: 'share' })
        : t(`safe.rights.${share.terms.right}`, { ns: 'share' }),
    ],
    [t('status.twoFactor'), yes(share.terms.twoFactor)],
    [t('status.anonymized'), yes(share.terms.anonymize)],
    [t('status.further'), yes(share.terms.furtherSharing)],
    ...(share.terms.message === '' ? [] : [[t('status.message'), share.terms.message] as [string, string]]),
  ]
  return (
    <aside className={styles.side} aria-label={t('status.detail', { patient: formatPersonName(share.patient) })}>
      <h2>{formatPersonName(share.patient)}</h2>
      <div>{share.studies.map((study) => study.StudyDescription).join(', ')}</div>
      {share.recipients.map((recipient) => (
        <div key={recipient.recipientId} className={styles.row}>
          <span>{recipient.name}</span>
          {recipient.state === 'blocked' ? (
            <Button
              size="compact-sm"
              variant="default"
              aria-label={t('status.unblockOf', { name: recipient.name })}
              onClick={() => onUnblock(recipient.recipientId)}
            >
              {t('status.unblock')}
            </Button>
          ) : (
            <StateMark of="status" state={recipient.state} />
          )}
        </div>
      ))}
      {!ended && share.deliveredAt !== null && (
        <Button variant="default" onClick={onWithdraw}>
          {t('status.withdraw')}
        </Button>
      )}
      <h3>{t('status.timeline')}</h3>
      <ol className={styles.timeline}>
        {moments
          .toSorted((left, right) => left.at.localeCompare(right.at))
          .map((moment) => (
            <li key={`${moment.at} ${moment.text}`} data-future={moment.future ?? false}>
              <span>{moment.text}</span>
              {!moment.timeless && <span className={styles.dimmed}>{formatInstant(moment.at, i18n.language)}</span>}
            </li>
          ))}
      </ol>
      <h3>{t('status.terms')}</h3>
      <dl className={styles.facts}>
        {terms.map(([label, value]) => (
          <div key={label} style={{ display: 'contents' }}>
            <dt>{label}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </aside>
  )
}
