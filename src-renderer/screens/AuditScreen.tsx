/** The audit log: who did what and when, and the proof that nothing was changed (W7). */
import { Button } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { LogVerdict } from '../../src-core/contract/workstation.ts'
import { EmptyState } from '../../src-ui/components/EmptyState.tsx'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { formatInstant } from '../../src-ui/i18n.ts'
import { Icon } from '../components/Icon.tsx'
import styles from '../components/Lists.module.css'
import shell from '../components/Shell.module.css'
import { useAudit, useVerifyAudit } from '../state/audit.ts'
import { codeOfFailure } from '../state/client.ts'
import { useCommands } from '../state/commands.ts'
import { ScreenHead } from './ScreenHead.tsx'

const PAGE = 100
const MOST = 500

function detailOf(detail: Readonly<Record<string, unknown>>): string {
  return Object.entries(detail)
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`)
    .join(', ')
}

/** The finding of the proof. It always states how much of the log the relay has witnessed. */
function Verdict({ verdict }: { readonly verdict: LogVerdict }) {
  const { t, i18n } = useTranslation('workstation')
  const { finding, entries, head, notWitnessed, notWitnessedSince } = verdict
  const since = notWitnessedSince === null ? '' : formatInstant(notWitnessedSince, i18n.language)
  return (
    <>
      {finding === 'consistent' ? (
        <span style={{ color: 'var(--op-good)' }}>{t('audit.ok', { count: entries })}</span>
      ) : (
        <strong style={finding === 'not-compared' ? {} : { color: 'var(--op-bad)' }}>
          {t(`audit.findings.${finding}`)}
        </strong>
      )}{' '}
      {notWitnessed > 0 && <span>{t('audit.notWitnessed', { count: notWitnessed, at: since })} </span>}
      <span className={styles.hash}>{t('audit.head', { head: `${head.slice(0, 16)}…` })}</span>{' '}
      <Button variant="subtle" size="compact-xs" onClick={() => void navigator.clipboard.writeText(head)}>
        {t('audit.copyHead')}
      </Button>
    </>
  )
}

export function AuditScreen() {
  const { t, i18n } = useTranslation('workstation')
  const [limit, setLimit] = useState(PAGE)
  const audit = useAudit(limit)
  const verify = useVerifyAudit()
  useCommands('audit', [{ id: 'verify', label: t('commands.verify'), run: () => verify.mutate({}) }])
  const action = (name: string): string => t(`audit.actions.${name as 'share'}`, { defaultValue: name })
  return (
    <main className={shell.screen}>
      <ScreenHead title={t('audit.title')}>
        <span className={styles.dimmed}>{t('audit.intro')}</span>
      </ScreenHead>
      <div className={styles.filters} style={{ alignItems: 'center', minHeight: 36 }}>
        <Button
          variant="default"
          flex="none"
          leftSection={<Icon name="check" />}
          loading={verify.isPending}
          onClick={() => verify.mutate({})}
        >
          {t('audit.verify')}
        </Button>
        <div role="status" style={{ minWidth: 0 }}>
          {verify.isSuccess && <Verdict verdict={verify.data} />}
          {verify.isError && <ErrorMessage compact code={codeOfFailure(verify.error)} />}
        </div>
      </div>
      <div
        className={styles.tableScroll}
        style={{ flex: 1, borderTop: '1px solid var(--op-line)' }}
        tabIndex={0}
        role="region"
        aria-label={t('audit.table')}
      >
        {audit.isError && <ErrorMessage code={codeOfFailure(audit.error)} />}
        {audit.isPending && <Loading label={t('loading')} />}
        {audit.data?.total === 0 && <EmptyState title={t('audit.emptyTitle')} />}
        {audit.data !== undefined && audit.data.total > 0 && (
          <table className={styles.table} aria-label={t('audit.table')}>
            <thead>
              <tr>
                {(['index', 'at', 'actor', 'action', 'subject', 'detail'] as const).map((column) => (
                  <th key={column} scope="col">
                    {t(`audit.columns.${column}`)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {audit.data.rows.map((entry) => (
                <tr key={entry.index}>
                  <td>{entry.index}</td>
                  <td>{formatInstant(entry.at, i18n.language)}</td>
                  <td>{entry.actor}</td>
                  <td>{action(entry.action)}</td>
                  <td title={entry.subject}>{entry.subject}</td>
                  <td title={detailOf(entry.detail)}>{detailOf(entry.detail)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
        {audit.data !== undefined && audit.data.total > limit && limit < MOST && (
          <Button variant="subtle" m="sm" onClick={() => setLimit(MOST)}>
            {t('status.more')}
          </Button>
        )}
      </div>
    </main>
  )
}
