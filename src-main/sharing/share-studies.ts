/**
 * Commits shares from the share panel to the ledger: what is shared, with whom, on which terms. All rules hold without
 * a connection.
 */
import type { z } from 'zod'
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { DirectoryEntry } from '../../src-core/contract/recipients.ts'
import type { DeidentifyOptions, Right, Selection, SharePolicy } from '../../src-core/contract/terms.ts'
import type { ShareDraft, SharePreview } from '../../src-core/contract/workstation.ts'
import { optionSet } from '../../src-core/deidentify/options.ts'
import { recipientName } from '../../src-core/directory/contacts.ts'
import { confirmationText } from '../../src-core/sharing/confirmation.ts'
import { mailLanguage } from '../../src-core/sharing/mail-language.ts'
import { shareMail } from '../../src-core/sharing/notice.ts'
import { UNDO_MS } from '../../src-core/sharing/outbox.ts'
import { defaultTerms } from '../../src-core/sharing/default-terms.ts'
import { checkTerms, recipientFacts } from '../../src-core/sharing/terms.ts'
import { asksOneTimePassword } from '../../src-core/sharing/two-factor.ts'
import { expiresAt, shareEnd } from '../../src-core/sharing/validity.ts'
import type { Events, Library, Sync } from '../ports/services.ts'
import type { SignedIn } from '../staff/session.ts'
import type { Storage } from '../storage/open-storage.ts'
import { PixelReview } from './pixel-review.ts'
import type { MailCatalogs } from './mail-catalogs.ts'
import type { Committed, Gate, SelectionReview } from '../storage/selections/selections.ts'

export interface SharingOptions {
  readonly storage: Pick<Storage, 'ledger' | 'selections' | 'staff' | 'directory' | 'signOffs'>
  readonly library: Pick<Library, 'selected'>
  readonly events: Events
  readonly sync: Pick<Sync, 'kick'>
  readonly catalogs: MailCatalogs
  readonly now: () => Date
}

/** Names of the preferences that store the sender's last choices (U20). */
const REMEMBERED = { twoFactor: 'share.twoFactor', sendMail: 'share.sendMail' } as const

export class Sharing {
  readonly pixelReview: PixelReview
  readonly #options: SharingOptions

  constructor(options: SharingOptions) {
    this.#options = options
    this.pixelReview = new PixelReview(options)
  }

  /**
   * U20: the last choices, but never below what the policy requires. Without a last choice the safe value is the
   * default.
   */
  async defaults({
    staff,
    enrolment,
  }: SignedIn): Promise<{ policy: SharePolicy; twoFactor: boolean; sendMail: boolean; right: Right }> {
    const { policy } = enrolment
    const remembered = await this.#options.storage.staff.preferences(staff.staffId)
    const last = (name: keyof typeof REMEMBERED) => (remembered[REMEMBERED[name]] === false ? false : undefined)
    const terms = defaultTerms(policy, { twoFactor: last('twoFactor'), sendMail: last('sendMail') })
    return { policy, right: terms.right, twoFactor: terms.twoFactor, sendMail: terms.sendMail }
  }

  review(
    selection: z.infer<typeof Selection>,
    anonymize: boolean,
    options: DeidentifyOptions = [],
  ): Promise<SelectionReview> {
    return this.#options.storage.selections.review(selection, gateOf(anonymize, options), this.#options.now().getTime())
  }

  /** X3: what each recipient would receive, by the same rules as the confirm request. */
  async preview(draft: ShareDraft, { actor, enrolment }: SignedIn): Promise<SharePreview> {
    const { terms } = draft
    const recipients = await this.#recipients(draft)
    const now = this.#options.now()
    const { timeZone, contact } = enrolment.policy
    const last = expiresAt(terms.validity, now, timeZone)
    const exams = await this.#options.storage.selections.exams(draft.selection, terms.anonymize, now.getTime())
    const language = mailLanguage(recipients, enrolment.policy, terms.mailLanguage)
    const catalog = await this.#options.catalogs(language)
    const common = {
      ...terms,
      sender: actor.name,
      department: enrolment.department.name,
      organisation: enrolment.organisation.name,
      exams,
      link: null,
      end: last && shareEnd(last, now, timeZone),
      contact,
    }
    const mails = recipients.map((recipient) => {
      const name = recipientName(recipient)
      const twoFactor = asksOneTimePassword(terms, recipient.recipientId)
      const mail = shareMail(catalog, language, { ...common, recipientName: name, twoFactor })
      return { recipientId: recipient.recipientId, name, twoFactor, ...mail }
    })
    return { language, mails }
  }

  /**
   * Commits a share. A repeated draft returns the result of the first call (S3).
   * @error every code of checkTerms, recipient-unknown, empty-selection, several-patients unless exactly these patients
   * were confirmed, the reasons of reviewRequired for an anonymized selection, not-in-this-state
   */
  async share(
    draft: ShareDraft,
    who: SignedIn,
  ): Promise<{ shareId: string; state: 'held'; undoUntil: string; confirmation: string }> {
    const { storage, events, sync, now } = this.#options
    const { shareId, terms } = draft
    const { policy } = who.enrolment
    const at = now()
    const recipients = await this.#recipients(draft)
    const [refusal] = checkTerms(terms, policy, { now: at, recipients: recipients.map(recipientFacts) })
    if (refusal)
      throw new OutpostError(refusal.code, refusal.recipientId === null ? {} : { recipientId: refusal.recipientId })
    const { item, ...committed } = await storage.selections.commit(
      {
        selection: draft.selection,
        gate: gateOf(terms.anonymize, terms.deidentify),
        confirmedPatients: draft.confirmedPatients,
        share: {
          head: {
            shareId,
            createdAt: at.toISOString(),
            actor: who.actor,
            terms,
            mailLanguage: mailLanguage(recipients, policy, terms.mailLanguage),
            recipients,
          },
          stars: draft.recipients.filter((recipient) => recipient.star).map((recipient) => recipient.recipientId),
          undoUntil: new Date(at.getTime() + UNDO_MS).toISOString(),
        },
      },
      at.getTime(),
    )
    if (item.state !== 'held' || item.undoUntil === null)
      throw new OutpostError('not-in-this-state', { shareId, state: item.state })
    await storage.staff.setPreferences(who.staff.staffId, {
      [REMEMBERED.twoFactor]: terms.twoFactor,
      [REMEMBERED.sendMail]: terms.sendMail,
    })
    for (const type of ['outbox', 'shares', 'library'] as const) events.emit({ type })
    setTimeout(() => sync.kick(), UNDO_MS + 50).unref()
    return {
      shareId,
      state: 'held',
      undoUntil: item.undoUntil,
      confirmation: await this.#confirmation(draft, who, recipients, committed, at),
    }
  }

  /** @error undo-lapsed, share-not-found */
  async undo(shareId: string, { actor }: SignedIn): Promise<void> {
    await this.#options.storage.ledger.undo(shareId, actor, this.#options.now().toISOString())
    for (const type of ['outbox', 'shares', 'library'] as const) this.#options.events.emit({ type })
  }

  async #confirmation(
    draft: ShareDraft,
    who: SignedIn,
    recipients: readonly DirectoryEntry[],
    committed: Pick<Committed, 'patients' | 'studies'>,
    sharedAt: Date,
  ): Promise<string> {
    const chosen = (await this.#options.storage.staff.preferences(who.staff.staffId)).language
    const language = chosen ?? who.language ?? who.enrolment.policy.defaultLanguage
    return confirmationText(await this.#options.catalogs(language), language, {
      shareId: draft.shareId,
      ...committed,
      recipients: recipients.map((entry) => ({ recipientId: entry.recipientId, name: recipientName(entry) })),
      terms: draft.terms,
      sharedAt,
      timeZone: who.enrolment.policy.timeZone,
    })
  }

  /** The recipients as the directory has them now, without duplicates. @error recipient-unknown */
  async #recipients(draft: ShareDraft): Promise<DirectoryEntry[]> {
    const ids = [...new Set(draft.recipients.map((recipient) => recipient.recipientId))]
    const entries = await this.#options.storage.directory.byIds(ids)
    const unknown = ids.find((id) => !entries.some((entry) => entry.recipientId === id))
    if (unknown !== undefined) throw new OutpostError('recipient-unknown', { recipientId: unknown })
    return entries
  }
}

/** @error bad-request for options that contradict each other */
function gateOf(anonymize: boolean, options: DeidentifyOptions = []): Gate {
  return anonymize
    ? { cleanRecognizableVisualFeatures: optionSet(options).has('cleanRecognizableVisualFeatures') }
    : null
}
