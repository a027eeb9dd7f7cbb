/** The details of one share: its history, its terms, and the actions that are still possible. */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { ShareStatus } from '../../src-core/contract/shares.ts'
import { TERMS_IN_HISTORY } from '../../src-core/contract/terms/share-terms.ts'
import { localeOf } from '../../src-core/sharing/day-text.ts'
import type { Role } from '../../src-core/permissions/roles.ts'
import { mayDo, rolesFor } from '../../src-core/permissions/staff-actions.ts'
import { formatPersonName } from '../../src-ui/i18n.ts'
import { ShareTimeline } from './ShareTimeline.tsx'
import styles from './Lists.module.css'
import { StateMark } from './StateMark.tsx'

interface ShareHistoryProps {
  readonly share: ShareStatus
  readonly role: Role
  onWithdraw(): void
  onUnblock(recipientId: string): void
}

export function ShareHistory({ share, role, onWithdraw, onUnblock }: ShareHistoryProps) {
  const { t } = useTranslation(['workstation', 'share'])
  const ended =
    share.withdrawnAt !== null ||
    share.recipients.every((recipient) => ['withdrawn', 'expired', 'cancelled'].includes(recipient.state))
  const yes = (value: boolean): string => t(value ? 'status.yes' : 'status.no')
  const rightText = share.terms.anonymize
    ? t('safe.rightAnonymized', { ns: 'share' })
    : t(`safe.rights.${share.terms.right}`, { ns: 'share' })
  const terms = TERMS_IN_HISTORY.map((name) => {
    const value = share.terms[name]
    return [name, name === 'right' ? rightText : typeof value === 'boolean' ? yes(value) : value] as const
  }).filter(([name, text]) => name !== 'message' || text !== '')
  return (
    <aside className={styles.side} aria-label={t('status.detail', { patient: formatPersonName(share.patient) })}>
      <h2>{formatPersonName(share.patient)}</h2>
      <div>{share.studies.map((study) => study.StudyDescription).join(', ')}</div>
      {share.recipients.map((recipient) => (
        <div key={recipient.recipientId} className={styles.row}>
          <span>{recipient.name}</span>
          {recipient.state === 'blocked' && mayDo(role, 'unblock') ? (
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
      {share.recipients.some(({ state }) => state === 'blocked') && !mayDo(role, 'unblock') && (
        <WhoMay action="unblock" />
      )}
      {!ended && share.deliveredAt !== null && (
        <>
          {mayDo(role, share.own ? 'withdraw-own' : 'withdraw-any') ? (
            <Button variant="default" onClick={onWithdraw}>
              {t('status.withdraw')}
            </Button>
          ) : (
            <WhoMay action="withdraw-any" />
          )}
        </>
      )}
      <h3>{t('status.timeline')}</h3>
      <ShareTimeline share={share} />
      <h3>{t('status.terms')}</h3>
      <dl className={styles.facts}>
        {terms.map(([name, text]) => (
          <div key={name} style={{ display: 'contents' }}>
            <dt>{t(`status.term.${name}`)}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </aside>
  )
}

/** Replaces a button that this person's role does not have, and states which roles have it. */
function WhoMay({ action }: { readonly action: 'unblock' | 'withdraw-any' }) {
  const { t, i18n } = useTranslation('workstation')
  const names = rolesFor(action).map((role) => t(`roles.${role}`))
  const roles = new Intl.ListFormat(localeOf(i18n.language), { type: 'disjunction' }).format(names)
  return (
    <p className={styles.dimmed}>{t(action === 'unblock' ? 'status.unblockBy' : 'status.withdrawBy', { roles })}</p>
  )
}
