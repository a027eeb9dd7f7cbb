/** Recipients: the search in the stored directory, and favourites. */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { RecipientView } from '../../src-core/contract/recipients.ts'
import { api, queryClient } from './client.ts'

export function useFavourites(): readonly RecipientView[] {
  return useQuery(api.directory.favourites.queryOptions()).data ?? []
}

/** The first recipients that match the typed text. Nothing is requested for an empty text. */
export function useRecipientSearch(text: string) {
  const trimmed = text.trim()
  return useQuery({
    ...api.directory.search.queryOptions({ input: { text: trimmed, limit: 12 } }),
    enabled: trimmed !== '',
    placeholderData: keepPreviousData,
  })
}

export function useSetFavourite() {
  return useMutation(
    api.directory.setFavourite.mutationOptions({
      onSuccess: () => queryClient.invalidateQueries({ queryKey: api.directory.key() }),
    }),
  )
}
