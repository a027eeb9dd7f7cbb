import '@mantine/core/styles.css'
import '@mantine/dates/styles.css'
import '@mantine/notifications/styles.css'
import '@mantine/spotlight/styles.css'
import { MantineProvider } from '@mantine/core'
import { DatesProvider } from '@mantine/dates'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import 'dayjs/locale/de'
import 'dayjs/locale/fr'
import 'dayjs/locale/nl'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { I18nextProvider, useTranslation } from 'react-i18next'
import { OutpostError } from '../src-core/contract/errors.ts'
import { ErrorBoundary } from '../src-ui/components/ErrorBoundary.tsx'
import { catalogsOf, preferredLanguage, startI18n } from '../src-ui/i18n.ts'
import { theme, tokenVariables } from '../src-ui/theme.ts'
import './app.css'
import { App } from './screens/App.tsx'
import { ClosedScreen } from './screens/ClosedScreen.tsx'
import { queryClient } from './state/client.ts'
import { openWorkstation } from './state/opening.ts'
import { tellFailure, tellUncaughtFailures } from './state/page-failures.ts'

await openWorkstation()
tellUncaughtFailures()

const catalogs = catalogsOf(
  import.meta.glob('../resources/messages/*/{common,errors,viewer,workstation,share}.json', {
    eager: true,
    import: 'default',
  }),
)
const i18n = startI18n({ language: preferredLanguage(navigator.languages), catalogs, pseudo: import.meta.env.DEV })

function Localized() {
  const { i18n: current } = useTranslation()
  return (
    <DatesProvider settings={{ locale: current.language, firstDayOfWeek: 1 }}>
      <Notifications position="bottom-left" />
      <ErrorBoundary
        fallback={<ClosedScreen failure={new OutpostError('internal')} onRetry={() => location.reload()} />}
        onFailure={(error) => tellFailure('render', error)}
      >
        <App />
      </ErrorBoundary>
    </DatesProvider>
  )
}

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <I18nextProvider i18n={i18n}>
      <MantineProvider theme={theme} cssVariablesResolver={tokenVariables} defaultColorScheme="dark">
        <QueryClientProvider client={queryClient}>
          <Localized />
        </QueryClientProvider>
      </MantineProvider>
    </I18nextProvider>
  </StrictMode>,
)
