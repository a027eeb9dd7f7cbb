/** The section of the share panel in which recipients are found, chosen and starred. */
import { useState } from 'react'
import type { RefObject } from 'react'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import { RecipientPicker } from '../components/RecipientPicker.tsx'
import { useFavourites, useRecipientSearch, useSetFavourite } from '../state/directory.ts'
import type { Draft, DraftDefaults, DraftEvent } from '../state/draft.ts'

interface RecipientSectionProps {
  readonly searchRef: RefObject<HTMLInputElement | null>
  readonly draft: Draft
  readonly policy: DraftDefaults['policy']
  change(event: DraftEvent): void
}

export function RecipientSection({ searchRef, draft, policy, change }: RecipientSectionProps) {
  const [text, setText] = useState('')
  const favourites = useFavourites()
  const setFavourite = useSetFavourite()
  const search = useRecipientSearch(text)
  const star = (recipient: RecipientView, favourite: boolean): void => {
    // A removed favourite is stored at once; a new one is stored with the share (U6).
    if (favourite) setFavourite.mutate({ recipientId: recipient.recipientId, favourite: false })
    else change({ type: 'star', recipientId: recipient.recipientId })
  }
  return (
    <RecipientPicker
      ref={searchRef}
      favourites={favourites}
      chosen={draft.recipients}
      terms={draft.terms}
      twoFactorFixed={policy.twoFactor === 'required'}
      sendMail={draft.terms.sendMail}
      text={text}
      found={text.trim() === '' ? undefined : search.data}
      answered={search.isSuccess && !search.isPlaceholderData}
      onText={setText}
      onAdd={(recipient) => change({ type: 'add', recipient })}
      onRemove={(recipientId) => change({ type: 'remove', recipientId })}
      onStar={star}
      onOneTimePassword={(recipientId, asked) => change({ type: 'one-time-password', recipientId, asked })}
    />
  )
}
