/**
 * The frame of every step: the sender at the top, the content of the step, and the choice of language at the bottom.
 */
import { useEffect, useRef, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { LANGUAGE_NAMES, LANGUAGES } from '../../src-ui/i18n.ts'
import { changeLanguage } from '../languages.ts'

export interface PageProps {
  readonly heading: string
  /** Organisation and department; empty where the relay may not name them. */
  readonly organisation?: string
  readonly department?: string
  readonly children: ReactNode
}

export function Page({ heading, organisation, department, children }: PageProps) {
  const { t, i18n } = useTranslation(['portal', 'common'])
  const title = useRef<HTMLHeadingElement>(null)
  // Screen readers read a new step from its heading on.
  useEffect(() => title.current?.focus({ preventScroll: true }), [])
  useEffect(() => {
    document.title = t('title')
  }, [t])
  return (
    <div className="page">
      <header className="top">
        <Mark />
        <span className="organisation">
          {organisation || t('title')}
          {department && <small>{department}</small>}
        </span>
      </header>
      <main className="step">
        <h1 ref={title} tabIndex={-1}>
          {heading}
        </h1>
        {children}
      </main>
      <footer className="foot">
        <label>
          {t('language', { ns: 'common' })}
          <select
            value={i18n.language}
            onChange={(event) => {
              void changeLanguage(i18n, event.target.value)
            }}
          >
            {LANGUAGES.map((language) => (
              <option key={language} value={language} lang={language}>
                {LANGUAGE_NAMES[language]}
              </option>
            ))}
          </select>
        </label>
      </footer>
    </div>
  )
}

function Mark() {
  return (
    <svg viewBox="0 0 32 32" width="32" height="32" aria-hidden="true">
      <rect width="32" height="32" rx="7" fill="#1567a8" />
      <path d="M9 20.5V13l7-4 7 4v7.5l-7 4Z" fill="none" stroke="#fff" strokeWidth="2.2" strokeLinejoin="round" />
      <circle cx="16" cy="16.6" r="2.6" fill="#fff" />
    </svg>
  )
}
