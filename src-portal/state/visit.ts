/** The state of one recipient's visit, from the link to the images. Only the relay's cookie outlives the page. */
import { useCallback, useEffect, useRef, useState, type Dispatch, type SetStateAction } from 'react'
import { useTranslation } from 'react-i18next'
import type { ErrorCode, OutpostError } from '../../src-core/contract/errors.ts'
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

type GateStep = Extract<Step, { at: 'landing' | 'code' }>

/** The contact of a share. Every field is empty where the relay may not say it. */
export interface ContactInfo {
  readonly contact: string
  readonly department: string
  readonly organisation: string
}

const NO_CONTACT: ContactInfo = { contact: '', department: '', organisation: '' }
/** After one of these refusals the same step may be tried again. */
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

type StayOnStep = (code: ErrorCode, triesLeft: number | null) => Step
type Attempt = (call: () => Promise<Step>, contactInfo: ContactInfo, stay?: StayOnStep) => Promise<void>

/** Returns the step after a refusal: the same one where it may be tried again, else the end of the visit. */
function stepAfter({ code, detail }: OutpostError, contactInfo: ContactInfo, stay?: StayOnStep): Step {
  if (stay && (REPEATABLE.includes(code) || code === 'offline'))
    return stay(code, typeof detail.triesLeft === 'number' ? detail.triesLeft : null)
  const text = (name: keyof ContactInfo) => (typeof detail[name] === 'string' ? detail[name] : contactInfo[name])
  return {
    at: 'stopped',
    code,
    contactInfo: { contact: text('contact'), department: text('department'), organisation: text('organisation') },
  }
}

/** The grant's language is applied once; a language that the reader chooses afterwards stays. */
function useGrantLanguage() {
  const { i18n } = useTranslation()
  return useRef({
    changeLanguage: (name: string) => changeLanguage(i18n, name).catch(() => undefined),
    applied: false,
  })
}

/** Returns a function that runs one request. After a refusal the visit either stays on its step or ends. */
function useAttempt(setStep: (step: Step) => void, language: ReturnType<typeof useGrantLanguage>) {
  const [busy, setBusy] = useState(false)
  const attempt = useCallback<Attempt>(
    async (call, contactInfo, stay) => {
      setBusy(true)
      try {
        setStep(await call())
      } catch (error) {
        const refusal = refusalOf(error)
        if (refusal.code === 'link-expired' && typeof refusal.detail.language === 'string')
          await language.current.changeLanguage(refusal.detail.language)
        setStep(stepAfter(refusal, contactInfo, stay))
      }
      setBusy(false)
    },
    [setStep, language],
  )
  return { busy, attempt }
}

/** Shows the overview after the phone's Back button, which leaves the images. The address of the page never changes. */
function useBackToExam(setStep: Dispatch<SetStateAction<Step>>): void {
  useEffect(() => {
    const leaveImages = () => setStep((now) => (now.at === 'images' ? { at: 'exam', exam: now.exam } : now))
    addEventListener('popstate', leaveImages)
    return () => removeEventListener('popstate', leaveImages)
  }, [setStep])
}

/** The requests that the step before the exam offers: to send a one-time password, and to open the share. */
function gateRequests(token: string, gate: GateStep | null, attempt: Attempt): Pick<Visit, 'sendCode' | 'open'> {
  return {
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
  }
}

export function useVisit(token: string): Visit {
  const [step, setStep] = useState<Step>({ at: 'loading' })
  const language = useGrantLanguage()
  const { busy, attempt } = useAttempt(setStep, language)

  const loadLinkInfo = useCallback(
    () =>
      attempt(async () => {
        const linkInfo = await client.linkInfo({ token })
        if (!language.current.applied) await language.current.changeLanguage(linkInfo.language)
        language.current.applied = true
        return linkInfo.gate === 'blocked'
          ? { at: 'stopped', code: 'blocked', contactInfo: linkInfo }
          : { at: 'landing', linkInfo, refusal: null }
      }, NO_CONTACT),
    [attempt, language, token],
  )

  useEffect(() => {
    void loadLinkInfo()
  }, [loadLinkInfo])
  useBackToExam(setStep)

  return {
    step,
    busy,
    ...gateRequests(token, step.at === 'landing' || step.at === 'code' ? step : null, attempt),
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
      }, NO_CONTACT)
    },
    restart() {
      void loadLinkInfo()
    },
  }
}
