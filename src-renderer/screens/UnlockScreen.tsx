/** Asks for the passphrase that opens the keys where no keychain is available, or for the first choice of one (W9). */
import { Button, PasswordInput, Stack } from '@mantine/core'
import { useState } from 'react'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Gate } from '../components/Gate.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useUnlock } from '../state/session.ts'

const SHORTEST = 8

export function UnlockScreen({ firstUse }: { readonly firstUse: boolean }) {
  const { t } = useTranslation('workstation')
  const unlock = useUnlock()
  const [passphrase, setPassphrase] = useState('')
  const [repeated, setRepeated] = useState('')
  const [tried, setTried] = useState(false)
  const short = passphrase.length < SHORTEST
  const different = firstUse && passphrase !== repeated
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    setTried(true)
    if (!short && !different) unlock.mutate({ passphrase })
  }
  return (
    <Gate
      title={t(firstUse ? 'unlock.firstTitle' : 'unlock.title')}
      text={t(firstUse ? 'unlock.firstText' : 'unlock.text')}
    >
      <form onSubmit={submit} noValidate>
        <Stack gap="sm">
          <PasswordInput
            label={t('unlock.passphrase')}
            description={firstUse ? t('unlock.short') : undefined}
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            autoComplete={firstUse ? 'new-password' : 'current-password'}
            error={tried && short ? t('unlock.short') : undefined}
            autoFocus
          />
          {firstUse && (
            <PasswordInput
              label={t('unlock.repeat')}
              value={repeated}
              onChange={(event) => setRepeated(event.currentTarget.value)}
              autoComplete="new-password"
              error={tried && different ? t('unlock.different') : undefined}
            />
          )}
          {unlock.isError && <ErrorMessage code={codeOfFailure(unlock.error)} />}
          <Button type="submit" loading={unlock.isPending}>
            {t(firstUse ? 'unlock.firstSubmit' : 'unlock.submit')}
          </Button>
        </Stack>
      </form>
    </Gate>
  )
}
