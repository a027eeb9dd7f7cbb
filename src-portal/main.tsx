import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { preferredLanguage } from '../src-ui/i18n.ts'
import '../src-ui/tokens.css'
import './portal.css'
import { ErrorBoundary } from '../src-ui/components/ErrorBoundary.tsx'
import { startLanguage } from './languages.ts'
import { Portal } from './screens/Portal.tsx'
import { AccessDenied } from './screens/AccessDenied.tsx'

// Light or dark as the system is, also when it changes at dusk.
const light = matchMedia('(prefers-color-scheme: light)')
const follow = () => {
  document.documentElement.dataset.mantineColorScheme = light.matches ? 'light' : 'dark'
}
follow()
light.addEventListener('change', follow)

const token = /\/s\/([^/]+)\/?$/.exec(location.pathname)?.[1] ?? ''
const i18n = await startLanguage(preferredLanguage(navigator.languages))

createRoot(document.getElementById('root')!).render(
  <I18nextProvider i18n={i18n}>
    <ErrorBoundary
      fallback={
        <AccessDenied
          code="internal"
          contactInfo={{ contact: '', department: '', organisation: '' }}
          onRetry={() => location.reload()}
        />
      }
    >
      <Portal token={token} />
    </ErrorBoundary>
  </I18nextProvider>,
)
