/** The outbox and the actions on its items. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { api, queryClient } from './client.ts'
import { useConnection } from './connection.ts'
import { shareProgress, type ShareProgress } from './share-progress.ts'

const UNDER_WAY = new Set(['held', 'preparing', 'uploading', 'confirming'])

/**
 * The outbox. Progress is requested every second while an item is under way, since events report only changes of state.
 */
export function useOutbox() {
  return useQuery({
    ...api.outbox.list.queryOptions(),
    refetchInterval: (query) => (query.state.data?.some((row) => UNDER_WAY.has(row.state)) ? 1000 : false),
  })
}

export function useOutboxAction() {
  return useMutation(
    api.outbox.act.mutationOptions({ onSettled: () => queryClient.invalidateQueries({ queryKey: api.outbox.key() }) }),
  )
}

/** The state of one share after it was committed. */
export function useShareProgress(shareId: string): ShareProgress {
  const row = useOutbox().data?.find((item) => item.shareId === shareId)
  return shareProgress(row?.state, useConnection()?.online ?? false)
}
