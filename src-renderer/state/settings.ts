/** Preferences of the signed-in person. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { api, queryClient } from './client.ts'

export function useSettings() {
  return useQuery(api.settings.get.queryOptions()).data
}

/** Shows the new value at once; the workstation's answer then replaces it. */
export function useSetSettings() {
  const { queryKey } = api.settings.get.queryOptions()
  return useMutation(
    api.settings.set.mutationOptions({
      onMutate: (changes) => {
        queryClient.setQueryData(queryKey, (known) => (known ? { ...known, ...changes } : known))
      },
      onSettled: () => queryClient.invalidateQueries({ queryKey: api.settings.key() }),
    }),
  )
}
