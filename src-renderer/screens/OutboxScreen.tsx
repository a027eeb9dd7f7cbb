/** The outbox: which shares wait, why and since when. Shares that need a person come first. */
import { Loading } from '../components/Loading.tsx'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { OutboxRow } from '../../src-core/contract/shares.ts'
import { EmptyState } from '../../src-ui/components/EmptyState.tsx'
import { knownCode } from '../../src-core/contract/errors.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { formatPersonName } from '../../src-ui/i18n.ts'
import { ConfirmDialog } from '../components/ConfirmDialog.tsx'
import styles from '../components/Lists.module.css'
import { OutboxItem } from '../components/OutboxItem.tsx'
import type { OutboxAction } from '../components/OutboxItem.tsx'
import shell from '../components/Shell.module.css'
import { codeOfFailure } from '../state/client.ts'
import { useOutbox, useOutboxAction } from '../state/outbox.ts'
import { useUndo } from '../state/sharing.ts'
import { ScreenHead } from './ScreenHead.tsx'

export function OutboxScreen() {
  const { t } = useTranslation(['workstation', 'errors'])
  const outbox = useOutbox()
  const act = useOutboxAction()
  const undo = useUndo()
  const [cancelling, setCancelling] = useState<OutboxRow | null>(null)
  const rows = [...(outbox.data ?? [])].sort((left, right) => left.position - right.position)
  const groups = [
    { name: 'failed' as const, rows: rows.filter((row) => row.state === 'failed') },
    {
      name: 'onTheWay' as const,
      rows: rows.filter((row) => !['failed', 'delivered', 'cancelled'].includes(row.state)),
    },
    { name: 'done' as const, rows: rows.filter((row) => row.state === 'delivered' || row.state === 'cancelled') },
  ].filter((group) => group.rows.length > 0)
  const onError = (failure: unknown): void => {
    notifications.show({ message: t(knownCode(codeOfFailure(failure)), { ns: 'errors' }), color: 'red' })
  }
  const onAct = (row: OutboxRow, action: OutboxAction): void => {
    if (action === 'cancel') setCancelling(row)
    else if (action === 'undo')
      undo.mutate(
        { shareId: row.shareId },
        { onError, onSuccess: () => notifications.show({ message: t('notices.undone') }) },
      )
    else act.mutate({ shareId: row.shareId, action }, { onError })
  }
  return (
    <main className={shell.screen}>
      <ScreenHead title={t('outbox.title')} />
      <div className={shell.body} tabIndex={-1}>
        {outbox.isError && <ErrorMessage code={codeOfFailure(outbox.error)} />}
        {outbox.isPending && <Loading label={t('loading')} />}
        {outbox.data !== undefined && groups.length === 0 && (
          <EmptyState title={t('outbox.emptyTitle')}>{t('outbox.emptyText')}</EmptyState>
        )}
        {groups.map((group) => (
          <section key={group.name} className={styles.group} aria-labelledby={`outbox-${group.name}`}>
            <h2 id={`outbox-${group.name}`}>
              {t(`outbox.${group.name}`)} ({group.rows.length})
            </h2>
            <ul className={styles.items}>
              {group.rows.map((row) => (
                <OutboxItem key={row.shareId} row={row} onAct={(action) => onAct(row, action)} />
              ))}
            </ul>
          </section>
        ))}
      </div>
      <ConfirmDialog
        opened={cancelling !== null}
        title={t('outbox.cancelTitle', { patient: formatPersonName(cancelling?.patient ?? '') })}
        text={t('outbox.cancelText')}
        confirm={t('outbox.cancelConfirm')}
        keep={t('outbox.keep')}
        onClose={() => setCancelling(null)}
        onConfirm={() => {
          if (cancelling) act.mutate({ shareId: cancelling.shareId, action: 'cancel' }, { onError })
          setCancelling(null)
        }}
      />
    </main>
  )
}
