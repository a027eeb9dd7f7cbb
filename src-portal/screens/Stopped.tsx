/** Why it ends here, what to do, and whom to ask. */
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import { Page } from '../components/Page.tsx'
import type { Whom } from '../state/visit.ts'

const TEXTS = {
  'link-unknown': 'stopped.unknownText',
  'link-expired': 'stopped.expiredText',
  blocked: 'stopped.blockedText',
  offline: 'stopped.offlineText',
  internal: 'stopped.internalText',
} as const

function named(code: ErrorCode): code is keyof typeof TEXTS {
  return code in TEXTS
}

export function Stopped({
  code,
  whom,
  onRetry,
}: {
  readonly code: ErrorCode
  readonly whom: Whom
  readonly onRetry: () => void
}) {
  const { t } = useTranslation(['portal', 'common'])
  const final = code === 'link-unknown' || code === 'link-expired'
  return (
    <Page
      heading={t(named(code) && code !== 'internal' ? `stopped.${code}` : 'stopped.other')}
      organisation={whom.organisation}
      department={whom.department}
    >
      {named(code) ? <p className="lead">{t(TEXTS[code])}</p> : <ErrorMessage code={code} />}
      {whom.contact && (
        <section className="message" aria-labelledby="whom">
          <h2 id="whom">{t('stopped.whom')}</h2>
          <p>{whom.contact}</p>
        </section>
      )}
      {!final && (
        <button type="button" className="primary" onClick={onRetry}>
          {t('tryAgain', { ns: 'common' })}
        </button>
      )}
    </Page>
  )
}
