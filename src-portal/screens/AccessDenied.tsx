/** Says why the recipient cannot continue, what to do, and who can be contacted. */
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import { Page } from '../components/Page.tsx'
import type { ContactInfo } from '../state/visit.ts'

const TEXTS = {
  'link-unknown': 'stopped.unknownText',
  'link-expired': 'stopped.expiredText',
  blocked: 'stopped.blockedText',
  offline: 'stopped.offlineText',
  internal: 'stopped.internalText',
} as const

function hasOwnText(code: ErrorCode): code is keyof typeof TEXTS {
  return code in TEXTS
}

export function AccessDenied({
  code,
  contactInfo,
  onRetry,
}: {
  readonly code: ErrorCode
  readonly contactInfo: ContactInfo
  readonly onRetry: () => void
}) {
  const { t } = useTranslation(['portal', 'common'])
  const linkEnded = code === 'link-unknown' || code === 'link-expired'
  return (
    <Page
      heading={t(hasOwnText(code) && code !== 'internal' ? `stopped.${code}` : 'stopped.other')}
      organisation={contactInfo.organisation}
      department={contactInfo.department}
    >
      {hasOwnText(code) ? <p className="lead">{t(TEXTS[code])}</p> : <ErrorMessage code={code} />}
      {contactInfo.contact && (
        <section className="message" aria-labelledby="contactInfo">
          <h2 id="contactInfo">{t('stopped.contactInfo')}</h2>
          <p>{contactInfo.contact}</p>
        </section>
      )}
      {!linkEnded && (
        <button type="button" className="primary" onClick={onRetry}>
          {t('tryAgain', { ns: 'common' })}
        </button>
      )}
    </Page>
  )
}
