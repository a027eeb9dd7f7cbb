/** Share status: every share with the state of each recipient, and its history beside it (U26). */
import { Button, Chip } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { notifications } from '@mantine/notifications'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Role } from '../../src-core/permissions/roles.ts'
import type { ShareStatus } from '../../src-core/contract/shares.ts'
import { EmptyState } from '../../src-ui/components/EmptyState.tsx'
import { knownCode } from '../../src-core/contract/errors.ts'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { endDay, formatInstant, formatPersonName } from '../../src-ui/i18n.ts'
import { ConfirmDialog } from '../components/ConfirmDialog.tsx'
import styles from '../components/Lists.module.css'
import shell from '../components/Shell.module.css'
import { ShareHistory } from '../components/ShareHistory.tsx'
import { StateMark } from '../components/StateMark.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useShares, useUnblock, useWithdraw } from '../state/shares.ts'
import { ScreenHead } from './ScreenHead.tsx'

const FILTERS = ['all', 'unopened', 'blocked', 'endsSoon', 'withdrawn'] as const
type Filter = (typeof FILTERS)[number]
type Recipient = ShareStatus['recipients'][number]
const SOON_MS = 7 * 86_400_000
const PAGE = 200

function matches(filter: Filter, share: ShareStatus, recipient: Recipient, now: number): boolean {
  switch (filter) {
    case 'all':
      return true
    case 'unopened':
      return recipient.state === 'delivered' || recipient.state === 'notified'
    case 'blocked':
      return recipient.state === 'blocked'
    case 'withdrawn':
      return recipient.state === 'withdrawn'
    case 'endsSoon':
      return (
        share.expiresAt !== null &&
        !['withdrawn', 'expired', 'cancelled', 'failed'].includes(recipient.state) &&
        new Date(share.expiresAt).getTime() - now < SOON_MS
      )
  }
}

export function StatusScreen({ role }: { readonly role: Role }) {
  const { t } = useTranslation(['workstation', 'errors'])
  const [filter, setFilter] = useState<Filter>('all')
  const [limit, setLimit] = useState(PAGE)
  const [openId, setOpenId] = useState<string | null>(null)
  const [withdrawing, setWithdrawing] = useState<ShareStatus | null>(null)
  const shares = useShares(limit)
  const withdraw = useWithdraw()
  const unblock = useUnblock()
  const [now] = useState(() => new Date())
  const rows = (shares.data?.rows ?? []).flatMap((share) =>
    share.recipients
      .filter((recipient) => matches(filter, share, recipient, now.getTime()))
      .map((recipient) => ({ share, recipient })),
  )
  const opened = shares.data?.rows.find((share) => share.shareId === openId)
  const onError = (failure: unknown): void => {
    notifications.show({ message: t(knownCode(codeOfFailure(failure)), { ns: 'errors' }), color: 'red' })
  }
  return (
    <main className={shell.screen}>
      <ScreenHead title={t('status.title')} />
      <StatusFilters filter={filter} onFilter={setFilter} />
      <div className={styles.split}>
        <div className={styles.tableScroll} tabIndex={0} role="region" aria-label={t('status.table')}>
          {shares.isError && <ErrorMessage code={codeOfFailure(shares.error)} />}
          {shares.isPending && <Loading label={t('loading')} />}
          {shares.data !== undefined &&
            rows.length === 0 &&
            (shares.data.total === 0 ? (
              <EmptyState title={t('status.emptyTitle')}>{t('status.emptyText')}</EmptyState>
            ) : (
              <EmptyState title={t('status.nothing')} />
            ))}
          {rows.length > 0 && <StatusTable rows={rows} openId={openId} onOpen={setOpenId} />}
          {shares.data !== undefined && shares.data.total > limit && limit < 500 && (
            <Button variant="subtle" m="sm" onClick={() => setLimit(500)}>
              {t('status.more')}
            </Button>
          )}
        </div>
        {opened === undefined ? (
          <aside className={styles.side} aria-label={t('status.timeline')}>
            <p className={styles.dimmed}>{t('status.choose')}</p>
          </aside>
        ) : (
          <ShareHistory
            share={opened}
            role={role}
            onWithdraw={() => setWithdrawing(opened)}
            onUnblock={(recipientId) =>
              unblock.mutate(
                { shareId: opened.shareId, recipientId },
                { onError, onSuccess: () => notifications.show({ message: t('notices.unblocked') }) },
              )
            }
          />
        )}
      </div>
      <WithdrawDialog
        share={withdrawing}
        onClose={() => setWithdrawing(null)}
        onWithdraw={({ shareId }) =>
          withdraw.mutate(
            { shareId },
            { onError, onSuccess: () => notifications.show({ message: t('notices.withdrawn') }) },
          )
        }
      />
    </main>
  )
}

interface StatusFiltersProps {
  readonly filter: Filter
  onFilter(filter: Filter): void
}

function StatusFilters({ filter, onFilter }: StatusFiltersProps) {
  const { t } = useTranslation('workstation')
  return (
    <div className={styles.filters} role="group" aria-label={t('status.filters')}>
      <Chip.Group value={filter} onChange={(value) => onFilter(value as Filter)}>
        {FILTERS.map((name) => (
          <Chip key={name} value={name} size="sm">
            {t(`status.${name}`)}
          </Chip>
        ))}
      </Chip.Group>
    </div>
  )
}

interface ShareRecipient {
  readonly share: ShareStatus
  readonly recipient: Recipient
}

interface StatusTableProps {
  readonly rows: readonly ShareRecipient[]
  readonly openId: string | null
  onOpen(shareId: string): void
}

function StatusTable({ rows, openId, onOpen }: StatusTableProps) {
  const { t } = useTranslation('workstation')
  return (
    <table className={styles.table} aria-label={t('status.table')}>
      <thead>
        <tr>
          {(['patient', 'exam', 'recipient', 'state', 'since', 'ends'] as const).map((column) => (
            <th key={column} scope="col">
              {t(`status.columns.${column}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ share, recipient }) => (
          <StatusTableRow
            key={`${share.shareId} ${recipient.recipientId}`}
            share={share}
            recipient={recipient}
            isOpen={share.shareId === openId}
            onOpen={() => onOpen(share.shareId)}
          />
        ))}
      </tbody>
    </table>
  )
}

interface StatusTableRowProps extends ShareRecipient {
  readonly isOpen: boolean
  onOpen(): void
}

function StatusTableRow({ share, recipient, isOpen, onOpen }: StatusTableRowProps) {
  const { t, i18n } = useTranslation('workstation')
  const patient = formatPersonName(share.patient)
  const end =
    share.end === null
      ? t(share.terms.validity.kind === 'unlimited' ? 'status.never' : 'status.notYet')
      : endDay(share.end, i18n.language)
  return (
    <tr className={styles.clickable} data-selected={isOpen}>
      <td className={styles.wraps}>
        <button
          type="button"
          className={styles.open}
          aria-pressed={isOpen}
          aria-label={t('status.open', { patient, recipient: recipient.name })}
          onClick={onOpen}
        >
          {patient}
        </button>
      </td>
      <td className={styles.wraps}>{share.studies.map((study) => study.StudyDescription).join(', ')}</td>
      <td className={styles.wraps}>{recipient.name}</td>
      <td>
        <StateMark of="status" state={recipient.state} />
      </td>
      <td>{formatInstant(recipient.stateAt, i18n.language)}</td>
      <td>{end}</td>
    </tr>
  )
}

interface WithdrawDialogProps {
  /** null: the dialog is closed. */
  readonly share: ShareStatus | null
  onClose(): void
  onWithdraw(share: ShareStatus): void
}

function WithdrawDialog({ share, onClose, onWithdraw }: WithdrawDialogProps) {
  const { t } = useTranslation('workstation')
  return (
    <ConfirmDialog
      opened={share !== null}
      title={t('status.withdrawTitle')}
      text={t('status.withdrawText', {
        count: share?.recipients.length ?? 0,
        names: share?.recipients.map(({ name }) => name).join(', ') ?? '',
        patient: formatPersonName(share?.patient ?? ''),
      })}
      confirm={t('status.withdrawConfirm')}
      keep={t('status.keep')}
      onClose={onClose}
      onConfirm={() => {
        if (share) onWithdraw(share)
        onClose()
      }}
    />
  )
}
