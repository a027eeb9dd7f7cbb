/** The shares of the study that is shown. */
import { Button } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { useTranslation } from 'react-i18next'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import { EmptyState } from '../../src-ui/components/EmptyState.tsx'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { endDay, formatInstant } from '../../src-ui/i18n.ts'
import { StateMark } from '../components/StateMark.tsx'
import styles from '../components/StudyView.module.css'
import { codeOfFailure } from '../state/client.ts'
import { useSharesOfStudy } from '../state/shares.ts'

export function StudyShares({ StudyInstanceUID, onShare }: { readonly StudyInstanceUID: Uid; onShare(): void }) {
  const { t, i18n } = useTranslation('workstation')
  const shares = useSharesOfStudy(StudyInstanceUID)
  if (shares.isError) return <ErrorMessage code={codeOfFailure(shares.error)} />
  if (shares.data === undefined) return <Loading label={t('loading')} />
  if (shares.data.total === 0)
    return (
      <EmptyState
        title={t('study.noShares')}
        actions={
          <Button variant="default" onClick={onShare}>
            {t('commands.share')}
          </Button>
        }
      >
        {t('study.noSharesText')}
      </EmptyState>
    )
  return (
    <ul className={styles.shares}>
      {shares.data.rows.map((share) => (
        <li key={share.shareId} className={styles.share}>
          <div className={styles.shareHead}>
            <span>{formatInstant(share.createdAt, i18n.language)}</span>
            <span>
              {t('status.columns.ends')}:{' '}
              {share.end === null
                ? t(share.terms.validity.kind === 'unlimited' ? 'status.never' : 'status.notYet')
                : endDay(share.end, i18n.language)}
            </span>
          </div>
          {share.recipients.map((recipient) => (
            <div key={recipient.recipientId} className={styles.shareRow}>
              <span>{recipient.name}</span>
              <StateMark of="status" state={recipient.state} />
            </div>
          ))}
        </li>
      ))}
    </ul>
  )
}
