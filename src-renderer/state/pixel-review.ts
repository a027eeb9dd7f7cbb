/** Looking at images before they leave de-identified, and what de-identifying would do (D5, D8). */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { DeidentifyOptions, Selection } from '../../src-core/contract/terms.ts'
import { api, queryClient } from './client.ts'

/** A series of which images need a look. */
export interface LookTarget {
  readonly StudyInstanceUID: Uid
  readonly SeriesInstanceUID: Uid
  readonly SOPInstanceUIDs: readonly Uid[]
  readonly series: string
}

/** What is there to see; asked anew each time, since a file may have changed. */
export function useLookAt(target: LookTarget | null) {
  const input = {
    StudyInstanceUID: target?.StudyInstanceUID ?? ('' as Uid),
    SeriesInstanceUID: target?.SeriesInstanceUID ?? ('' as Uid),
    SOPInstanceUIDs: [...(target?.SOPInstanceUIDs ?? [])],
  }
  return useQuery({
    ...api.sharing.requestReview.queryOptions({ input }),
    enabled: target !== null,
    staleTime: 0,
    gcTime: 0,
  })
}

export function useSignOff() {
  return useMutation(
    api.sharing.signOff.mutationOptions({
      onSuccess: () => void queryClient.invalidateQueries({ queryKey: api.sharing.review.key() }),
    }),
  )
}

/** Values of patients: kept no longer than the dialog is open. */
export function useDeidentifyPreview(selection: Selection, options: DeidentifyOptions, enabled: boolean) {
  return useQuery({
    ...api.sharing.deidentifyPreview.queryOptions({ input: { selection, options } }),
    enabled,
    staleTime: 0,
    gcTime: 0,
    placeholderData: keepPreviousData,
  })
}
