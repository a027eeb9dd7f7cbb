/** The audit log: reading and verifying it. */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import { api } from './client.ts'

export function useAudit(limit: number) {
  return useQuery({
    ...api.audit.list.queryOptions({ input: { limit } }),
    placeholderData: keepPreviousData,
    staleTime: 0,
  })
}

export function useVerifyAudit() {
  return useMutation(api.audit.verify.mutationOptions())
}
