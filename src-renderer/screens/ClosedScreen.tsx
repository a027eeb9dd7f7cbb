/**
 * Shown in place of the page: the workstation does not answer it (it was not opened in this browser yet, or the program
 * has ended), or the page itself failed.
 */
import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Gate } from '../components/Gate.tsx'
import { codeOfFailure } from '../state/client.ts'

interface ClosedScreenProps {
  readonly failure: Error
  onRetry(): void
}

export function ClosedScreen({ failure, onRetry }: ClosedScreenProps) {
  const { t } = useTranslation(['workstation', 'errors'])
  const code = codeOfFailure(failure)
  if (code === 'not-opened') return <Gate title={t('closed.notOpened')} text={t('not-opened', { ns: 'errors' })} />
  const retry = (
    <Button variant="default" onClick={onRetry}>
      {t('closed.retry')}
    </Button>
  )
  // fetch rejects with a TypeError when no answer comes at all.
  if (failure instanceof TypeError)
    return (
      <Gate title={t('closed.stopped')} text={t('closed.stoppedText')}>
        {retry}
      </Gate>
    )
  return (
    <Gate title={t('closed.failed')}>
      <ErrorMessage code={code} action={retry} />
    </Gate>
  )
}
