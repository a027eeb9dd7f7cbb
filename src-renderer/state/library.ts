/** Studies, their series and instances, and the folders that contain them. */
import { keepPreviousData, useMutation, useQueries, useQuery } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo } from 'react'
import type { Uid } from '../../src-core/contract/identifiers.ts'
import type { Folder, StudyQuery, StudyRow } from '../../src-core/contract/studies.ts'
import { maybeSame } from '../../src-core/patient/maybe-same.ts'
import type { StatedPatient } from '../../src-core/patient/patient-key.ts'
import { api, client, queryClient } from './client.ts'

export const PAGE_SIZE = 500
export type StudyFilter = Pick<StudyQuery, 'text' | 'notShared' | 'sort' | 'descending'> & {
  readonly Modality: string[]
  readonly today: boolean
}
export const ALL_STUDIES: StudyFilter = {
  text: '',
  notShared: false,
  sort: 'StudyDate',
  descending: true,
  Modality: [],
  today: false,
}

function localDay(date: Date): string {
  const twoDigits = (value: number): string => String(value).padStart(2, '0')
  return `${date.getFullYear()}${twoDigits(date.getMonth() + 1)}${twoDigits(date.getDate())}`
}

function queryOf(filter: StudyFilter, offset: number) {
  const { today, Modality, ...rest } = filter
  const day = localDay(new Date())
  return {
    ...rest,
    ...(Modality.length > 0 ? { Modality } : {}),
    ...(today ? { dateFrom: day, dateTo: day } : {}),
    offset,
    limit: PAGE_SIZE,
  }
}

/** Largest number of studies for which pages are fetched before they become visible. */
const READ_AHEAD_LIMIT = 50_000

/**
 * A window on the list of studies. Visible pages are kept up to date; the others are fetched one after another, so that
 * dragging the scroll bar shows rows and no gaps.
 * @returns total; row(index), undefined until its page is fetched; and whether the rows match this filter or still the
 * previous one
 */
export function useStudyRows(filter: StudyFilter, first: number, last: number) {
  const firstPage = Math.floor(first / PAGE_SIZE)
  const lastPage = Math.floor(Math.max(first, last) / PAGE_SIZE)
  const options = useCallback(
    (page: number) => api.library.studies.queryOptions({ input: queryOf(filter, page * PAGE_SIZE) }),
    [filter],
  )
  const head = useQuery({ ...options(0), placeholderData: keepPreviousData })
  const total = head.data?.total ?? 0
  const pages = [...new Set([firstPage, lastPage])].filter((page) => page * PAGE_SIZE < Math.max(1, total))
  const inSight = useQueries({
    queries: pages.map((page) => ({ ...options(page), enabled: head.isSuccess && !head.isPlaceholderData })),
  })
  const fresh = head.isSuccess && !head.isPlaceholderData

  useEffect(() => {
    if (!fresh || total > READ_AHEAD_LIMIT) return
    let stopped = false
    void (async () => {
      for (let page = 1; page * PAGE_SIZE < total && !stopped; page += 1) {
        // An outdated page is fetched again when it becomes visible. While a folder is read, every page is outdated all
        // the time.
        if (queryClient.getQueryData(options(page).queryKey) === undefined)
          await queryClient.prefetchQuery(options(page))
      }
    })()
    return () => {
      stopped = true
    }
  }, [fresh, total, options])

  const row = (index: number): StudyRow | undefined => {
    const page = Math.floor(index / PAGE_SIZE)
    if (page === 0) return head.data?.rows[index]
    const cached = inSight[pages.indexOf(page)]?.data ?? queryClient.getQueryData(options(page).queryKey)
    return cached?.rows[index - page * PAGE_SIZE]
  }
  return { total, row, fresh, loading: head.isPending, failure: head.error }
}

/** The modalities of the newest studies, for the filter chips of the list. */
export function useModalities(): string[] {
  const newest = useQuery(api.library.studies.queryOptions({ input: { ...queryOf(ALL_STUDIES, 0) } }))
  return useMemo(() => {
    const counts = new Map<string, number>()
    for (const study of newest.data?.rows ?? [])
      for (const modality of study.ModalitiesInStudy) counts.set(modality, (counts.get(modality) ?? 0) + 1)
    return [...counts]
      .sort((left, right) => right[1] - left[1])
      .slice(0, 6)
      .map(([modality]) => modality)
  }, [newest.data])
}

export function useStudy(StudyInstanceUID: Uid) {
  return useQuery(api.library.study.queryOptions({ input: { StudyInstanceUID } }))
}

/** Series of several studies, in the order of the given UIDs. */
export function useStudies(uids: readonly Uid[]) {
  return useQueries({
    queries: uids.map((StudyInstanceUID) => api.library.study.queryOptions({ input: { StudyInstanceUID } })),
  })
}

export function useInstances(StudyInstanceUID: Uid, SeriesInstanceUID: Uid, enabled = true) {
  return useQuery({
    ...api.library.instances.queryOptions({ input: { StudyInstanceUID, SeriesInstanceUID } }),
    enabled,
  })
}

/** Instances of several series, for naming images by their numbers. */
export function useInstancesOf(series: readonly { readonly StudyInstanceUID: Uid; readonly SeriesInstanceUID: Uid }[]) {
  return useQueries({
    queries: series.map((input) =>
      api.library.instances.queryOptions({
        input: { StudyInstanceUID: input.StudyInstanceUID, SeriesInstanceUID: input.SeriesInstanceUID },
      }),
    ),
  })
}

/** Other studies with images of this patient only, newest first. */
export function useStudiesOfPatient(patient: StatedPatient | undefined): StudyRow[] {
  const studies = useQuery({
    ...api.library.studies.queryOptions({ input: { PatientID: patient?.PatientID ?? '', limit: 50 } }),
    enabled: patient !== undefined && patient.PatientID.trim() !== '',
  })
  return (studies.data?.rows ?? []).filter(
    (other) => patient !== undefined && other.otherPatients.length === 0 && maybeSame(other, patient),
  )
}

export function useFolders(): readonly Folder[] | undefined {
  return useQuery(api.library.folders.queryOptions()).data
}

export function useSkipped(enabled: boolean) {
  return useQuery({ ...api.library.skipped.queryOptions({ input: { limit: 200 } }), enabled })
}

/** All actions on folders. The list is refreshed by their events, and here at once. */
export function useFolderActions() {
  const refresh = (): void => {
    void queryClient.invalidateQueries({ queryKey: api.library.key() })
  }
  const add = useMutation(api.library.addFolder.mutationOptions({ onSuccess: refresh }))
  const remove = useMutation(api.library.removeFolder.mutationOptions({ onSuccess: refresh }))
  const rescan = useMutation(api.library.rescan.mutationOptions({ onSuccess: refresh }))
  const pause = useMutation(api.library.pause.mutationOptions({ onSuccess: refresh }))
  const openSamples = useMutation(api.library.openSamples.mutationOptions({ onSuccess: refresh }))
  return { add, remove, rescan, pause, openSamples }
}

export function useBrowse(handle: string | undefined, enabled: boolean) {
  return useQuery({
    queryKey: ['browse', handle ?? ''],
    queryFn: () => client.library.browse(handle === undefined ? {} : { handle }),
    enabled,
    staleTime: 0,
    placeholderData: keepPreviousData,
  })
}

/** The first studies that match the text in the command palette. */
export function useFoundStudies(text: string): readonly StudyRow[] {
  const trimmed = text.trim()
  return (
    useQuery({
      queryKey: ['found-studies', trimmed],
      queryFn: () => client.library.studies({ text: trimmed, limit: 8 }),
      enabled: trimmed.length > 1,
      staleTime: 2000,
    }).data?.rows ?? []
  )
}
