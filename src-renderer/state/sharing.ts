/** Data and actions of one share: the policy, the review of a selection, the preview, Share and Undo. */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { DeidentifyOptions, Selection } from '../../src-core/contract/terms.ts'
import type { ShareDraft } from '../../src-core/contract/workstation.ts'
import { api, queryClient } from './client.ts'

export function useShareDefaults() {
  return useQuery(api.sharing.defaults.queryOptions())
}

export function useReview(selection: Selection, anonymize: boolean, options: DeidentifyOptions | undefined) {
  return useQuery({
    ...api.sharing.review.queryOptions({
      input: { selection, anonymize, ...(options === undefined ? {} : { options }) },
    }),
    placeholderData: keepPreviousData,
    enabled: selection.studies.length > 0,
  })
}

/** The preview of the mail, requested a moment after the person stops typing. */
export function useSharePreview(draft: ShareDraft, enabled: boolean) {
  const [settled, setSettled] = useState(draft)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(draft), 250)
    return () => clearTimeout(timer)
  }, [draft])
  return useQuery({
    ...api.sharing.preview.queryOptions({ input: settled }),
    enabled: enabled && settled.recipients.length > 0,
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

function refresh(): void {
  for (const queryKey of [
    api.outbox.key(),
    api.shares.key(),
    api.connection.key(),
    api.sharing.defaults.key(),
    api.library.studies.key(),
  ])
    void queryClient.invalidateQueries({ queryKey })
}

export function useShare() {
  return useMutation(
    api.sharing.share.mutationOptions({
      onSuccess: refresh,
      // A refused share may no longer match what the panel shows. Patients who were added since must be confirmed too
      // (W15).
      onError: () => void queryClient.invalidateQueries({ queryKey: api.sharing.review.key() }),
    }),
  )
}

export function useUndo() {
  return useMutation(api.sharing.undo.mutationOptions({ onSettled: refresh }))
}
