/**
 * Images of the workstation. An `<img>` cannot send the secret that each request needs, so the bytes are fetched and
 * shown from memory.
 */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import { ownHeaders } from '../../src-ui/own-headers.ts'
import { queryClient } from './client.ts'

/** How long bytes stay that nobody shows: as long as stepping back and forth takes. */
const KEPT_MS = 30_000
/** How far outside of what is in sight images are fetched. */
const NEARBY = '300px'

/** What an image that cannot be fetched shows in its place: `<img>` then tells its error as for any other. */
const NO_IMAGE = 'data:,'

const imageQuery = (src: string) =>
  queryOptions({
    queryKey: ['image', src],
    gcTime: KEPT_MS,
    retry: false,
    queryFn: async ({ signal }) => {
      const response = await fetch(src, { headers: ownHeaders(), signal })
      return response.ok ? URL.createObjectURL(await response.blob()) : NO_IMAGE
    },
  })

// The bytes behind an address of memory stay until it is given back.
queryClient.getQueryCache().subscribe(({ type, query }) => {
  if (type === 'removed' && query.queryKey[0] === 'image' && typeof query.state.data === 'string')
    URL.revokeObjectURL(query.state.data)
})

/** Begins to fetch what will be shown soon. */
export function fetchImageAhead(src: string): void {
  void queryClient.prefetchQuery(imageQuery(src))
}

/** @param wanted false: not yet @returns an address for `<img>` once the bytes are here */
export function useOwnImage(src: string, wanted = true): string | undefined {
  const { data, isError } = useQuery({ ...imageQuery(src), enabled: wanted })
  return isError ? NO_IMAGE : data
}

/** Whether an element has come near what is in sight; from then on it stays true. */
export function useNear<E extends Element>(): { readonly ref: RefObject<E | null>; readonly near: boolean } {
  const ref = useRef<E>(null)
  const [near, setNear] = useState(false)
  useEffect(() => {
    if (ref.current === null) return undefined
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) setNear(true)
      },
      { rootMargin: NEARBY },
    )
    observer.observe(ref.current)
    return () => observer.disconnect()
  }, [])
  return { ref, near }
}
