/** Shows why the last attempt on this step failed. Screen readers read it when it appears. */
import { useTranslation } from 'react-i18next'
import type { ErrorCode } from '../../src-core/contract/errors.ts'

export function Refusal({ code, more }: { readonly code: ErrorCode | null; readonly more?: string }) {
  const { t } = useTranslation(['portal', 'errors'])
  // The catalog's sentences for these two codes are written for staff, so recipients get texts of their own.
  const sentence =
    code === 'offline'
      ? t('stopped.offlineText')
      : code === 'internal'
        ? t('stopped.internalText')
        : code && t(code, { ns: 'errors' })
  return (
    <p role="alert" className="refusal">
      {code && (
        <>
          <WarningMark /> {sentence} {more}
        </>
      )}
    </p>
  )
}

function WarningMark() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d="M8 1.5 15 14H1Z" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinejoin="round" />
      <path d="M8 6v4M8 11.5v1" stroke="currentColor" strokeWidth="1.4" />
    </svg>
  )
}
