/** Signs a person in by name and password; in a demonstration one click is enough. */
import { Button, PasswordInput, Stack, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import { ErrorMessage } from '../../src-ui/components/ErrorMessage.tsx'
import { Gate } from '../components/Gate.tsx'
import styles from '../components/Gate.module.css'
import { Icon } from '../components/Icon.tsx'
import { codeOfFailure } from '../state/client.ts'
import { useSignIn, useSignInDemonstration } from '../state/session.ts'
import type { useSession } from '../state/session.ts'

type Session = NonNullable<ReturnType<typeof useSession>['data']>

export function SignInScreen({ session }: { readonly session: Session }) {
  const { t } = useTranslation('workstation')
  /** The chosen person; '' when the name is typed; null while no person is chosen. */
  const [name, setName] = useState<string | null>(session.known.length === 0 ? '' : null)
  const [typedName, setTypedName] = useState('')
  return (
    <Gate
      title={t('signIn.title')}
      text={t('signIn.place', {
        workstation: session.workstation,
        department: session.department,
        organisation: session.organisation,
      })}
    >
      {name === null ? (
        <PeopleList session={session} onChoose={setName} />
      ) : (
        <PasswordForm
          session={session}
          name={name}
          typedName={typedName}
          onTypedName={setTypedName}
          onBack={() => setName(null)}
        />
      )}
      {session.demonstration && <DemonstrationEntry isMainAction={name === null} />}
    </Gate>
  )
}

function PeopleList({ session, onChoose }: { readonly session: Session; onChoose(name: string): void }) {
  const { t } = useTranslation('workstation')
  return (
    <>
      <p className={styles.note} id="who">
        {t('signIn.who')}
      </p>
      <ul className={styles.people} aria-labelledby="who">
        {session.known.map((staff) => (
          <li key={staff.staffId}>
            <button type="button" className={styles.person} onClick={() => onChoose(staff.name)}>
              <Icon name="person" /> <span>{staff.name}</span>{' '}
              <span className={styles.role}>{t(`roles.${staff.role}`)}</span>
            </button>
          </li>
        ))}
      </ul>
      <Button variant="subtle" size="compact-sm" onClick={() => onChoose('')}>
        {t('signIn.someoneElse')}
      </Button>
    </>
  )
}

interface PasswordFormProps {
  readonly session: Session
  /** '' when the name is typed too. */
  readonly name: string
  readonly typedName: string
  onTypedName(name: string): void
  onBack(): void
}

function PasswordForm({ session, name, typedName, onTypedName, onBack }: PasswordFormProps) {
  const { t } = useTranslation('workstation')
  const signIn = useSignIn()
  const [password, setPassword] = useState('')
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    signIn.mutate({ name: name === '' ? typedName.trim() : name, password }, { onError: () => setPassword('') })
  }
  return (
    <form onSubmit={submit}>
      <Stack gap="sm">
        {name === '' ? (
          <TextInput
            label={t('signIn.name')}
            value={typedName}
            onChange={(event) => onTypedName(event.currentTarget.value)}
            autoComplete="username"
            required
            data-autofocus
            autoFocus
          />
        ) : (
          <TextInput label={t('signIn.name')} value={name} readOnly autoComplete="username" />
        )}
        <PasswordInput
          label={t('signIn.password')}
          value={password}
          onChange={(event) => setPassword(event.currentTarget.value)}
          autoComplete="current-password"
          required
          autoFocus={name !== ''}
        />
        {signIn.isError && <ErrorMessage code={codeOfFailure(signIn.error)} />}
        <Button type="submit" loading={signIn.isPending}>
          {t('signIn.submit')}
        </Button>
        {session.known.length > 0 && (
          <Button variant="subtle" onClick={onBack}>
            {t('signIn.back')}
          </Button>
        )}
      </Stack>
    </form>
  )
}

function DemonstrationEntry({ isMainAction }: { readonly isMainAction: boolean }) {
  const { t } = useTranslation('workstation')
  const demonstration = useSignInDemonstration()
  return (
    <div className={styles.demonstration}>
      <p className={styles.note}>{t('signIn.demonstration')}</p>
      <Button
        fullWidth
        variant={isMainAction ? 'filled' : 'default'}
        loading={demonstration.isPending}
        onClick={() => demonstration.mutate({})}
      >
        {t('signIn.demonstrationButton')}
      </Button>
      {demonstration.isError && <ErrorMessage code={codeOfFailure(demonstration.error)} />}
    </div>
  )
}
