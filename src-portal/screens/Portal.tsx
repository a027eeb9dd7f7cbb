/** Chooses the screen for the step of the visit. */
import { useEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Page } from '../components/Page.tsx'
import { useVisit } from '../state/visit.ts'
import { Images, prepareViewer } from './Images.tsx'
import { Landing } from './Landing.tsx'
import { Overview } from './Overview.tsx'
import { AccessDenied } from './AccessDenied.tsx'
import { TypeCode } from './TypeCode.tsx'

export function Portal({ token }: { readonly token: string }) {
  const { t } = useTranslation('portal')
  const visit = useVisit(token)
  const { step, busy } = visit
  useEffect(() => {
    if (step.at === 'exam') prepareViewer()
  }, [step.at])
  switch (step.at) {
    case 'loading':
      return (
        <p role="status" className="waiting">
          {t('loading')}
        </p>
      )
    case 'landing':
      return (
        <Landing
          key="landing"
          linkInfo={step.linkInfo}
          busy={busy}
          refusal={step.refusal}
          onOpen={() => visit.open()}
          onSendCode={visit.sendCode}
        />
      )
    case 'code':
      return <TypeCode key="code" {...step} busy={busy} onOpen={visit.open} onSendAgain={visit.sendCode} />
    case 'exam':
      return <Overview key="exam" exam={step.exam} busy={busy} onShow={visit.show} onClose={visit.close} />
    case 'images':
      return <Images exam={step.exam} study={step.study} onBack={visit.back} />
    case 'stopped':
      return (
        <AccessDenied
          key={`stopped ${step.code}`}
          code={step.code}
          contactInfo={step.contactInfo}
          onRetry={visit.restart}
        />
      )
    case 'closed':
      return (
        <Page key="closed" heading={t('closed.heading')}>
          <p className="lead">{t('closed.text')}</p>
          <button type="button" className="secondary" onClick={visit.restart}>
            {t('closed.again')}
          </button>
        </Page>
      )
  }
}
