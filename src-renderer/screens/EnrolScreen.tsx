/** Connects the workstation to its organisation, with a code that works once. */
import { Button, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Gate } from '../components/Gate.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useEnrol } from '../state/session.ts'

export function EnrolScreen() {
  const { t } = useTranslation('workstation')
  const enrol = useEnrol()
  const [relayUrl, setRelayUrl] = useState('')
  const [code, setCode] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    enrol.mutate({ relayUrl: relayUrl.trim(), code: code.trim() })
  }
  return (
    <Gate title={t('enrol.title')} text={t('enrol.text')}>
      <form onSubmit={submit}>
        <Stack gap="sm">
          <TextInput
            label={t('enrol.address')}
            description={t('enrol.addressHint')}
            type="url"
            value={relayUrl}
            onChange={(event) => setRelayUrl(event.currentTarget.value)}
            required
            autoFocus
          />
          <TextInput
            label={t('enrol.code')}
            value={code}
            onChange={(event) => setCode(event.currentTarget.value)}
            autoComplete="one-time-code"
            required
          />
          {enrol.isError && <ErrorMessage code={codeOfFailure(enrol.error)} />}
          <Button type="submit" loading={enrol.isPending}>
            {t('enrol.submit')}
          </Button>
        </Stack>
      </form>
    </Gate>
  )
}
