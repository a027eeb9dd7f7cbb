/**
 * Shows the sentence of an error code: what happened and what to do. The code itself is shown beside it, to be copied.
 */
import { useState, type ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import { knownCode } from '../../src-core/contract/errors.ts'
import styles from './components.module.css'

export interface ErrorMessageProps {
  readonly code: string
  /** For example a "Try again" button. */
  readonly action?: ReactNode
  /** One line without a frame, for a table row or a field. */
  readonly compact?: boolean
}

export function ErrorMessage({ code, action, compact = false }: ErrorMessageProps) {
  const { t } = useTranslation(['errors', 'common'])
  const [copied, setCopied] = useState(false)
  const catalogCode = knownCode(code)
  const sentence = t(catalogCode, { ns: 'errors' })
  if (compact)
    return (
      <span role="alert" className={styles.errorLine}>
        {sentence}
      </span>
    )
  return (
    <div role="alert" className={styles.error}>
      <p className={styles.errorText}>
        <WarningMark /> {sentence}
      </p>
      <div className={styles.errorFoot}>
        {action}
        <code className={styles.code}>{t('code', { ns: 'common', code })}</code>
        <button
          type="button"
          className={styles.quiet}
          onClick={() => {
            void navigator.clipboard?.writeText(code).then(() => setCopied(true))
          }}
        >
          {copied ? t('codeCopied', { ns: 'common' }) : t('copyCode', { ns: 'common' })}
        </button>
      </div>
    </div>
  )
}

function WarningMark() {
  return (
    <svg className={styles.mark} viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M8 1.5 15 14H1Z" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
      <path d="M8 6v4M8 11.5v1" stroke="currentColor" strokeWidth="1.4" />
    </svg>
  )
}
