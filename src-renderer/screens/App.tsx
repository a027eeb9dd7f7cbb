/** Chooses the first screen: closed, unlock, enrol, sign in, or the workstation. */
import { Center } from '@mantine/core'
import { Loading } from '../components/Loading.tsx'
import { useTranslation } from 'react-i18next'
import { useWorkstationEvents } from '../state/events.ts'
import { useSession } from '../state/session.ts'
import { ClosedScreen } from './ClosedScreen.tsx'
import { EnrolScreen } from './EnrolScreen.tsx'
import { Shell } from './Shell.tsx'
import { SignInScreen } from './SignInScreen.tsx'
import { UnlockScreen } from './UnlockScreen.tsx'

export function App() {
  const { t } = useTranslation('workstation')
  const session = useSession()
  useWorkstationEvents()
  if (session.failure) return <ClosedScreen failure={session.failure} onRetry={() => void session.refetch()} />
  if (session.data === undefined)
    return (
      <Center h="100%">
        <Loading label={t('loading')} />
      </Center>
    )
  if (session.data.secrets.locked) return <UnlockScreen firstUse={session.data.secrets.firstUse} />
  if (!session.data.enrolled) return <EnrolScreen />
  if (session.data.staff === null) return <SignInScreen session={session.data} />
  return <Shell key={session.data.staff.staffId} session={session.data} staff={session.data.staff} />
}
