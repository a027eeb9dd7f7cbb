/** One recipient's visit: from the link to the images. Nothing of it is kept but the relay's cookie. */
import { useCallback, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ErrorCode } from '../../src-core/contract/errors.ts'
import { changeLanguage } from '../languages.ts'
import { client, refusalOf, type Exam, type LinkInfo } from './client.ts'

export interface OtpRequest {
  readonly maskedMobile: string
  readonly validMinutes: number
  readonly at: number
  readonly times: number
}

export type Step =
  | { readonly at: 'loading' }
  | { readonly at: 'landing'; readonly linkInfo: LinkInfo; readonly refusal: ErrorCode | null }
  | {
      readonly at: 'code'
      readonly linkInfo: LinkInfo
      readonly sent: OtpRequest
      readonly triesLeft: number
      readonly refusal: ErrorCode | null
    }
  | { readonly at: 'exam'; readonly exam: Exam }
  | { readonly at: 'images'; readonly exam: Exam; readonly study: number }
  | { readonly at: 'stopped'; readonly code: ErrorCode; readonly contactInfo: ContactInfo }
  | { readonly at: 'closed' }

/** Whom a recipient may ask; empty where the relay may not say. */
export interface ContactInfo {
  readonly contact: string
  readonly department: string
  readonly organisation: string
}

const NOBODY: ContactInfo = { contact: '', department: '', organisation: '' }
/** Refusals after which the same step may be tried again. */
const REPEATABLE: readonly ErrorCode[] = ['otp-wrong', 'otp-expired', 'otp-not-sent', 'too-many-requests', 'internal']

export interface Visit {
  readonly step: Step
  readonly busy: boolean
  sendCode(): void
  open(otp?: string): void
  show(study: number): void
  back(): void
  close(): void
  restart(): void
}

export function useVisit(token: string): Visit {
  const { i18n } = useTranslation()
  const [step, setStep] = useState<Step>({ at: 'loading' })
  const [busy, setBusy] = useState(false)
  // The grant's language is taken once: what the reader then chooses stands.
  const language = useRef({
    changeLanguage: (name: string) => changeLanguage(i18n, name).catch(() => undefined),
    taken: false,
  })

  /** Runs one call; a refusal either stays on its step or ends the visit. */
  const attempt = useCallback(
    async (
      call: () => Promise<Step>,
      contactInfo: ContactInfo,
      stay?: (code: ErrorCode, triesLeft: number | null) => Step,
    ) => {
      setBusy(true)
      try {
        setStep(await call())
      } catch (error) {
        const { code, detail } = refusalOf(error)
        if (code === 'link-expired' && typeof detail.language === 'string')
          await language.current.changeLanguage(detail.language)
        const text = (name: keyof ContactInfo) => (typeof detail[name] === 'string' ? detail[name] : contactInfo[name])
        const again = stay && (REPEATABLE.includes(code) || code === 'offline')
        setStep(
          again
            ? stay(code, typeof detail.triesLeft === 'number' ? detail.triesLeft : null)
            : {
                at: 'stopped',
                code,
                contactInfo: {
                  contact: text('contact'),
                  department: text('department'),
                  organisation: text('organisation'),
                },
              },
        )
      }
      setBusy(false)
    },
    [],
  )

  const linkInfo = useCallback(
    () =>
      attempt(async () => {
        const found = await client.linkInfo({ token })
        if (!language.current.taken) await language.current.changeLanguage(found.language)
        language.current.taken = true
        return found.gate === 'blocked'
          ? { at: 'stopped', code: 'blocked', contactInfo: found }
          : { at: 'landing', linkInfo: found, refusal: null }
      }, NOBODY),
    [attempt, token],
  )

  useEffect(() => {
    void linkInfo()
  }, [linkInfo])
  useEffect(() => {
    // The phone's own Back leaves the images, not the page. The address never changes.
    const leave = () => setStep((now) => (now.at === 'images' ? { at: 'exam', exam: now.exam } : now))
    addEventListener('popstate', leave)
    return () => removeEventListener('popstate', leave)
  }, [])

  const gate = step.at === 'landing' || step.at === 'code' ? step : null
  return {
    step,
    busy,
    sendCode() {
      if (!gate) return
      const before = gate.at === 'code' ? gate : null
      void attempt(
        async () => {
          const { maskedMobile, validMinutes } = await client.sendOtp({ token })
          return {
            at: 'code',
            linkInfo: gate.linkInfo,
            sent: { maskedMobile, validMinutes, at: Date.now(), times: (before?.sent.times ?? 0) + 1 },
            triesLeft: before?.triesLeft ?? gate.linkInfo.triesLeft,
            refusal: null,
          }
        },
        gate.linkInfo,
        (refusal) => ({ ...gate, refusal }),
      )
    },
    open(otp) {
      if (!gate) return
      void attempt(
        async () => {
          const opened = await client.open({ token, otp })
          return { at: 'exam', exam: await client.exam(opened) }
        },
        gate.linkInfo,
        (refusal, triesLeft) =>
          gate.at === 'code' ? { ...gate, refusal, triesLeft: triesLeft ?? gate.triesLeft } : { ...gate, refusal },
      )
    },
    show(study) {
      if (step.at !== 'exam') return
      history.pushState({ step: 'images' }, '')
      setStep({ at: 'images', exam: step.exam, study })
    },
    back() {
      history.back()
    },
    close() {
      if (step.at !== 'exam') return
      const { grantId } = step.exam
      void attempt(async () => {
        await client.close({ grantId })
        return { at: 'closed' }
      }, NOBODY)
    },
    restart() {
      void linkInfo()
    },
  }
}
