/** Asks for the one-time password: six digits, the number of attempts left, and a new code on request (U7, U8). */
import { useEffect, useRef, useState, type FormEvent } from 'react'
import { useTranslation } from 'react-i18next'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import { OFFERED_AGAIN_SECONDS, TRIES } from '../../src-core/sharing/one-time-password.ts'
import { Page } from '../components/Page.tsx'
import { Refusal } from '../components/Refusal.tsx'
import { nonBreaking } from '../components/non-breaking.ts'
import type { LinkInfo } from '../state/client.ts'
import type { OtpRequest } from '../state/visit.ts'

export interface TypeCodeProps {
  readonly linkInfo: LinkInfo
  readonly sent: OtpRequest
  readonly triesLeft: number
  readonly refusal: ErrorCode | null
  readonly busy: boolean
  readonly onOpen: (otp: string) => void
  readonly onSendAgain: () => void
}

export function TypeCode({ linkInfo, sent, triesLeft, refusal, busy, onOpen, onSendAgain }: TypeCodeProps) {
  const { t } = useTranslation('portal')
  const [digits, setDigits] = useState('')
  const field = useRef<HTMLInputElement>(null)
  const secondsLeft = useSecondsLeft(sent.at + OFFERED_AGAIN_SECONDS * 1000)
  const refusalKey = refusal && `${refusal} ${triesLeft}`
  const [shownRefusalKey, setShownRefusalKey] = useState(refusalKey)
  if (shownRefusalKey !== refusalKey) {
    setShownRefusalKey(refusalKey)
    if (refusalKey) setDigits('')
  }
  useEffect(() => {
    if (refusalKey) field.current?.focus()
  }, [refusalKey])
  const submit = (event?: FormEvent) => {
    event?.preventDefault()
    if (digits.length === 6 && !busy) onOpen(digits)
  }
  const triesText = refusal === 'otp-wrong' || triesLeft < TRIES ? t('otp.triesLeft', { count: triesLeft }) : undefined
  return (
    <Page heading={t('otp.heading')} organisation={linkInfo.organisation} department={linkInfo.department}>
      <p className="lead">{t('otp.sentTo', { mobile: nonBreaking(sent.maskedMobile), minutes: sent.validMinutes })}</p>
      <form onSubmit={submit} className="codeForm">
        <label htmlFor="code">{t('otp.label')}</label>
        <input
          ref={field}
          id="code"
          className="code"
          value={digits}
          inputMode="numeric"
          autoComplete="one-time-code"
          pattern="[0-9]{6}"
          maxLength={6}
          required
          aria-describedby="code-refusal"
          onChange={(event) => setDigits(event.target.value.replace(/\D/g, '').slice(0, 6))}
        />
        <div id="code-refusal">
          <Refusal code={refusal} more={triesText} />
          {!refusal && triesText && <p className="hint">{triesText}</p>}
        </div>
        <button type="submit" className="primary" disabled={busy || digits.length !== 6}>
          {t('otp.open')}
        </button>
      </form>
      <p role="status" className="hint">
        {sent.times > 1 && !refusal ? t('otp.sentAgain') : ''}
      </p>
      {secondsLeft > 0 ? (
        <p className="hint">{t('otp.againIn', { seconds: secondsLeft })}</p>
      ) : (
        <button type="button" className="secondary" disabled={busy} onClick={onSendAgain}>
          {t('otp.again')}
        </button>
      )}
      {linkInfo.contact && <p className="hint">{t('otp.none', { contact: linkInfo.contact })}</p>}
    </Page>
  )
}

function useSecondsLeft(until: number): number {
  const [now, setNow] = useState(() => Date.now())
  const left = Math.max(0, Math.ceil((until - now) / 1000))
  const counting = left > 0
  useEffect(() => {
    if (!counting) return
    const timer = setInterval(() => setNow(Date.now()), 500)
    return () => clearInterval(timer)
  }, [counting])
  return left
}
