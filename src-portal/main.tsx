import { createRoot } from 'react-dom/client'
import { I18nextProvider } from 'react-i18next'
import { preferredLanguage } from '../src-ui/i18n.ts'
import '../src-ui/tokens.css'
import './portal.css'
import { ErrorBoundary } from '../src-ui/components/ErrorBoundary.tsx'
import { startLanguage } from './languages.ts'
import { Portal } from './screens/Portal.tsx'
import { AccessDenied } from './screens/AccessDenied.tsx'

// The page is light or dark as the system is, and follows when the system changes.
const systemIsLight = matchMedia('(prefers-color-scheme: light)')
const applyColorScheme = () => {
  document.documentElement.dataset.mantineColorScheme = systemIsLight.matches ? 'light' : 'dark'
}
applyColorScheme()
systemIsLight.addEventListener('change', applyColorScheme)

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
