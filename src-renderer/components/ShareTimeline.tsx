/** All events of a share with their cause and actor, and the share's end. */
import { useTranslation } from 'react-i18next'
import type { ShareMoment, ShareStatus } from '../../src-core/contract/shares.ts'
import { knownCode } from '../../src-core/contract/errors.ts'
import { endWords, formatInstant } from '../../src-ui/i18n.ts'
import { useShareHistory } from '../state/shares.ts'
import styles from './Lists.module.css'

const TOLD = [
  'share',
  'undo',
  'cancel',
  'failed',
  'delivery',
  'notified',
  'undeliverable',
  'opened',
  'blocked',
  'unblock',
  'unblocked',
  'expired',
  'withdraw',
  'withdrawn',
] as const
type Told = (typeof TOLD)[number]

const isTold = (moment: ShareMoment): moment is ShareMoment & { action: Told } =>
  (TOLD as readonly string[]).includes(moment.action)

export function ShareTimeline({ share }: { readonly share: ShareStatus }) {
  const { t, i18n } = useTranslation(['workstation', 'errors'])
  const moments = (useShareHistory(share.shareId).data ?? []).filter(isTold)
  const everybody = share.recipients.map(({ name }) => name).join(', ')
  const running = share.end !== null && share.recipients.some(({ state }) => !['withdrawn', 'expired'].includes(state))
  return (
    <ol className={styles.timeline}>
      {moments.map(({ at, action, actor, recipient, reason }, index) => (
        <li key={index} data-future={false}>
          <span>
            {t(`status.events.${action}`, {
              actor: actor.name,
              recipient: recipient ?? everybody,
              reason: reason === null ? '' : t(knownCode(reason), { ns: 'errors' }),
            })}
          </span>
          <span className={styles.dimmed}>{formatInstant(at, i18n.language)}</span>
        </li>
      ))}
      {running && share.end !== null && (
        <li data-future={true}>
          <span>{t('status.events.expires', { end: endWords(i18n, share.end) })}</span>
        </li>
      )}
    </ol>
  )
}
