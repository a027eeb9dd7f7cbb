/**
 * The share being filled in, as a pure reducer, so that tests can prove the effects of changing the patient or pressing
 * Undo.
 */
import type { Refusal } from '../../src-core/contract/deidentification.ts'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import type { Selection, SharePolicy } from '../../src-core/contract/terms.ts'
import type { ShareTerms } from '../../src-core/contract/terms/share-terms.ts'
import { defaultTerms } from '../../src-core/sharing/default-terms.ts'
import { asksOneTimePassword } from '../../src-core/sharing/two-factor.ts'
import type { ShareDraft } from '../../src-core/contract/workstation.ts'

export interface ChosenRecipient {
  readonly recipient: RecipientView
  readonly star: boolean
}

export interface Draft {
  readonly shareId: string
  readonly selection: Selection
  readonly recipients: readonly ChosenRecipient[]
  readonly terms: ShareTerms
}

export interface DraftDefaults {
  readonly policy: SharePolicy
  readonly twoFactor: boolean
  readonly sendMail: boolean
  readonly right: ShareTerms['right']
}

export type DraftEvent =
  | { readonly type: 'begin'; readonly draft: Draft }
  | { readonly type: 'add'; readonly recipient: RecipientView }
  | { readonly type: 'remove'; readonly recipientId: string }
  | { readonly type: 'star'; readonly recipientId: string }
  | { readonly type: 'one-time-password'; readonly recipientId: string; readonly asked: boolean }
  | { readonly type: 'terms'; readonly terms: Partial<ShareTerms> }
  | { readonly type: 'study'; readonly StudyInstanceUID: Uid; readonly chosen: boolean }
  | { readonly type: 'series'; readonly StudyInstanceUID: Uid; readonly series: readonly Uid[] | null }
  | { readonly type: 'leave-out'; readonly instances: readonly Uid[] }
  | { readonly type: 'put-back'; readonly instances: readonly Uid[] }

/**
 * A new draft: the department's defaults and this person's last choices, but never below what the policy requires
 * (U20).
 */
export function newDraft(shareId: string, studies: readonly Uid[], defaults: DraftDefaults): Draft {
  const { policy, ...last } = defaults
  return {
    shareId,
    selection: { studies: studies.map((StudyInstanceUID) => ({ StudyInstanceUID, series: null })), leftOut: [] },
    recipients: [],
    terms: defaultTerms(policy, last),
  }
}

/** Returns the draft after an event. */
export function changeDraft(draft: Draft, event: DraftEvent): Draft {
  const { selection } = draft
  switch (event.type) {
    case 'begin':
      return event.draft
    case 'add':
      if (draft.recipients.some(({ recipient }) => recipient.recipientId === event.recipient.recipientId)) return draft
      return { ...draft, recipients: [...draft.recipients, { recipient: event.recipient, star: false }] }
    case 'remove':
      return {
        ...draft,
        recipients: draft.recipients.filter(({ recipient }) => recipient.recipientId !== event.recipientId),
        terms: {
          ...draft.terms,
          withoutTwoFactor: draft.terms.withoutTwoFactor?.filter((recipientId) => recipientId !== event.recipientId),
        },
      }
    case 'star':
      return {
        ...draft,
        recipients: draft.recipients.map((choice) =>
          choice.recipient.recipientId === event.recipientId ? { ...choice, star: !choice.star } : choice,
        ),
      }
    case 'one-time-password': {
      const others = (draft.terms.withoutTwoFactor ?? []).filter((recipientId) => recipientId !== event.recipientId)
      return {
        ...draft,
        terms: { ...draft.terms, withoutTwoFactor: event.asked ? others : [...others, event.recipientId] },
      }
    }
    case 'terms':
      return { ...draft, terms: { ...draft.terms, ...event.terms } }
    case 'study': {
      const others = selection.studies.filter((study) => study.StudyInstanceUID !== event.StudyInstanceUID)
      return {
        ...draft,
        selection: {
          ...selection,
          studies: event.chosen ? [...others, { StudyInstanceUID: event.StudyInstanceUID, series: null }] : others,
        },
      }
    }
    case 'series':
      return {
        ...draft,
        selection: {
          ...selection,
          studies: selection.studies.map((study) =>
            study.StudyInstanceUID === event.StudyInstanceUID
              ? { ...study, series: event.series === null ? null : [...event.series] }
              : study,
          ),
        },
      }
    case 'leave-out':
      return {
        ...draft,
        selection: { ...selection, leftOut: [...new Set([...selection.leftOut, ...event.instances])] },
      }
    case 'put-back':
      return {
        ...draft,
        selection: {
          ...selection,
          leftOut: selection.leftOut.filter((instance) => !event.instances.includes(instance)),
        },
      }
  }
}

export type Missing = 'recipient' | 'mobile' | 'images' | 'refusals' | 'day' | 'reason' | 'agreed'

/** The entries that are still missing before Share, in the order of the panel. */
export function missingOf(
  draft: Draft,
  review: { readonly instances: number; readonly refusals: readonly Refusal[] } | undefined,
  dayIsValid: boolean,
): Missing[] {
  const missing: Missing[] = []
  if (draft.recipients.length === 0) missing.push('recipient')
  if (
    draft.recipients.some(
      ({ recipient }) => asksOneTimePassword(draft.terms, recipient.recipientId) && !recipient.hasMobile,
    )
  )
    missing.push('mobile')
  if (draft.selection.studies.every((study) => study.series?.length === 0) || review?.instances === 0)
    missing.push('images')
  if (review !== undefined && draft.terms.anonymize && review.refusals.length > 0) missing.push('refusals')
  if (!dayIsValid) missing.push('day')
  if (draft.terms.reason.trim() === '') missing.push('reason')
  if (!draft.terms.patientAgreed) missing.push('agreed')
  return missing
}

/** Converts the draft to the contract's type. A study without chosen series is omitted. */
export function draftToSend(draft: Draft): ShareDraft {
  return {
    shareId: draft.shareId,
    selection: {
      ...draft.selection,
      studies: draft.selection.studies.filter((study) => study.series === null || study.series.length > 0),
    },
    recipients: draft.recipients.map(({ recipient, star }) => ({ recipientId: recipient.recipientId, star })),
    terms: { ...draft.terms, reason: draft.terms.reason.trim() },
  }
}

/** Image numbers as people write them: [1, 4, 5, 6] → "1, 4–6". */
export function numberRanges(numbers: readonly number[]): string {
  const sorted = [...new Set(numbers)].sort((left, right) => left - right)
  const ranges: [number, number][] = []
  for (const number of sorted) {
    const last = ranges.at(-1)
    if (last !== undefined && last[1] === number - 1) last[1] = number
    else ranges.push([number, number])
  }
  return ranges
    .map(([from, to]) => (from === to ? String(from) : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`))
    .join(', ')
}
