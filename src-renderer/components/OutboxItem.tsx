/**
 * One share of the outbox: patient, content, recipients, the reason why it waits, its progress, and the possible
 * actions.
 */
import { Progress } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { OutboxRow } from '../../src-core/contract/shares.ts'
import { knownCode } from '../../src-core/contract/errors.ts'
import { formatBytes, formatCount, formatInstant, formatPersonName } from '../../src-ui/i18n.ts'
import { Icon } from './Icon.tsx'
import type { IconName } from './Icon.tsx'
import { StateMark } from './StateMark.tsx'
import { useTimeLeft } from './TimeLeft.ts'
import styles from './Lists.module.css'

export type OutboxAction = 'pause' | 'resume' | 'retry' | 'cancel' | 'send-now' | 'move-up' | 'move-down' | 'undo'

const ICONS: Record<OutboxAction, IconName> = {
  pause: 'pause',
  resume: 'play',
  retry: 'retry',
  cancel: 'cancel',
  'send-now': 'send',
  'move-up': 'up',
  'move-down': 'down',
  undo: 'retry',
}

/** Actions that are offered for a state. The ledger decides whether they are permitted. */
export function actionsFor(row: OutboxRow): OutboxAction[] {
  switch (row.state) {
    case 'held':
      return ['undo']
    case 'failed':
      return ['retry', 'cancel']
    case 'paused':
      return ['resume', 'cancel']
    case 'waiting':
      return ['send-now', 'pause', 'move-up', 'move-down', 'cancel']
    case 'queued':
    case 'prepared':
      return ['send-now', 'pause', 'move-up', 'move-down', 'cancel']
    case 'preparing':
    case 'uploading':
      return ['pause', 'cancel']
    default:
      return []
  }
}

/** Progress of the present step, or null when it has none. */
function progressOf(
  row: OutboxRow,
): { readonly kind: 'prepared' | 'sent'; readonly done: number; readonly total: number } | null {
  if (row.state === 'delivered' || row.state === 'cancelled' || row.state === 'held') return null
  if (row.bytesTotal > 0 && row.instancesPrepared >= row.instances)
    return { kind: 'sent', done: row.bytesSent, total: row.bytesTotal }
  return row.instancesPrepared > 0 || row.state === 'preparing'
    ? { kind: 'prepared', done: row.instancesPrepared, total: row.instances }
    : null
}

export function OutboxItem({ row, onAct }: { readonly row: OutboxRow; onAct(action: OutboxAction): void }) {
  const { t, i18n } = useTranslation(['workstation', 'errors'])
  const timeLeft = useTimeLeft()
  const patient = formatPersonName(row.patient)
  const progress = progressOf(row)
  const size = (bytes: number): string => formatBytes(bytes, i18n.language)
  const number = (count: number): string => formatCount(count, i18n.language)
  return (
    <li className={styles.item} data-state={row.state}>
      <div className={styles.itemMain}>
        <div className={styles.itemTitle}>
          <strong className={styles.patient}>{patient}</strong> <span>{row.description}</span>
          {row.urgent && (
            <span className={styles.urgent}>
              <Icon name="warning" size={13} />
              {t('outbox.urgent')}
            </span>
          )}
        </div>
        <div className={styles.dimmed}>{t('outbox.to', { recipients: row.recipients.join(', ') })}</div>
        {row.reason !== null && (
          <div className={row.state === 'failed' ? styles.bad : styles.dimmed}>
            {t(knownCode(row.reason), { ns: 'errors' })}
          </div>
        )}
      </div>
      <div className={styles.itemState}>
        <StateMark of="outbox" state={row.state} />
        <span className={styles.dimmed}>
          {t('outbox.since', { at: formatInstant(row.since, i18n.language) })}
          {row.waitingUntil !== null &&
            ` · ${t('outbox.until', { at: formatInstant(row.waitingUntil, i18n.language) })}`}
        </span>
      </div>
      <div className={styles.itemProgress}>
        {progress !== null && (
          <>
            <Progress
              value={(100 * progress.done) / Math.max(1, progress.total)}
              size="sm"
              aria-label={t('outbox.progress', { patient })}
            />
            <span className={styles.dimmed}>
              {progress.kind === 'sent'
                ? t('outbox.sent', { sent: size(progress.done), total: size(progress.total) })
                : t('outbox.prepared', { done: number(progress.done), total: number(progress.total) })}
              {row.bytesPerSecond !== null && row.bytesPerSecond > 0 && progress.kind === 'sent' && (
                <>
                  {`, ${t('outbox.speed', { speed: size(row.bytesPerSecond) })}, `}
                  {timeLeft((progress.total - progress.done) / row.bytesPerSecond)}
                </>
              )}
            </span>
          </>
        )}
      </div>
      <div className={styles.itemActions}>
        {actionsFor(row).map((action) => {
          const label = t(`outbox.actions.${action}`)
          const wide = row.state === 'failed' || action === 'undo' || action === 'resume'
          return (
            <button
              key={action}
              type="button"
              className={styles.action}
              data-wide={wide}
              aria-label={t('outbox.of', { action: label, patient })}
              title={label}
              onClick={() => onAct(action)}
            >
              <Icon name={ICONS[action]} size={16} />
              {wide && label}
            </button>
          )
        })}
      </div>
    </li>
  )
}
