/** Share status: every share with the state of each recipient. */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import { api, queryClient } from './client.ts'

export function useShares(limit: number) {
  return useQuery({ ...api.shares.list.queryOptions({ input: { limit } }), placeholderData: keepPreviousData })
}

export function useSharesOfStudy(StudyInstanceUID: Uid) {
  return useQuery(api.shares.list.queryOptions({ input: { StudyInstanceUID } }))
}

export function useShareHistory(shareId: string) {
  return useQuery(api.shares.history.queryOptions({ input: { shareId } }))
}

const refresh = (): Promise<void> => queryClient.invalidateQueries({ queryKey: api.shares.key() })

export function useWithdraw() {
  return useMutation(api.shares.withdraw.mutationOptions({ onSettled: refresh }))
}

export function useUnblock() {
  return useMutation(api.shares.unblock.mutationOptions({ onSettled: refresh }))
}
