/** Says who sent images, with one button. The share has not been opened yet when this is shown. */
import { useTranslation } from 'react-i18next'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import { Page } from '../components/Page.tsx'
import { Refusal } from '../components/Refusal.tsx'
import { nonBreaking } from '../components/non-breaking.ts'
import type { LinkInfo } from '../state/client.ts'

export interface LandingProps {
  readonly linkInfo: LinkInfo
  readonly busy: boolean
  readonly refusal: ErrorCode | null
  readonly onOpen: () => void
  readonly onSendCode: () => void
}

export function Landing({ linkInfo, busy, refusal, onOpen, onSendCode }: LandingProps) {
  const { t } = useTranslation('portal')
  const { sender, department, organisation, contact, gate, maskedMobile } = linkInfo
  const withCode = gate === 'otp'
  return (
    <Page heading={t('landing.heading')} organisation={organisation} department={department}>
      <p className="lead">
        {sender
          ? t('landing.sentBy', { sender, department, organisation })
          : t('landing.sentByDepartment', { department, organisation })}
      </p>
      {withCode && <p>{t('landing.needCode', { mobile: nonBreaking(maskedMobile) })}</p>}
      <Refusal code={refusal} />
      <button type="button" className="primary" disabled={busy} onClick={withCode ? onSendCode : onOpen}>
        {withCode ? t('landing.sendCode') : t('landing.open')}
      </button>
      {withCode && contact && <p className="hint">{t('landing.notYours', { contact })}</p>}
      <p className="hint">{t('landing.recorded')}</p>
    </Page>
  )
}
