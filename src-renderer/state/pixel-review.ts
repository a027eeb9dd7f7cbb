/** Data of the pixel review, and of the preview of de-identifying (D5, D8). */
import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { DeidentifyOptions, Selection } from '../../src-core/contract/terms.ts'
import { api, queryClient } from './client.ts'

/** A series with the images that need a review. */
export interface ReviewTarget {
  readonly StudyInstanceUID: Uid
  readonly SeriesInstanceUID: Uid
  readonly SOPInstanceUIDs: readonly Uid[]
  readonly series: string
}

/** The images to review. They are requested at each opening, since a file may have changed. */
export function usePixelReview(target: ReviewTarget | null) {
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

/** Values of patients, which are kept only while the dialog is open. */
export function useDeidentifyPreview(selection: Selection, options: DeidentifyOptions, enabled: boolean) {
  return useQuery({
    ...api.sharing.deidentifyPreview.queryOptions({ input: { selection, options } }),
    enabled,
    staleTime: 0,
    gcTime: 0,
    placeholderData: keepPreviousData,
  })
}
