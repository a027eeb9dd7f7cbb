/**
 * Images of the workstation. An `<img>` cannot send the secret that each request needs, so the bytes are fetched and
 * shown from memory.
 */
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import type { RefObject } from 'react'
import { requestHeaders } from '../../src-ui/request-headers.ts'
import { queryClient } from './client.ts'

/** Milliseconds for which unused bytes are kept: long enough for stepping back and forth. */
const KEPT_MS = 30_000
/** Distance from the visible area within which images are fetched. */
const NEARBY = '300px'

/** The address of an image that cannot be fetched: `<img>` then reports its error as usual. */
const NO_IMAGE = 'data:,'

const imageQuery = (src: string) =>
  queryOptions({
    queryKey: ['image', src],
    gcTime: KEPT_MS,
    retry: false,
    queryFn: async ({ signal }) => {
      const response = await fetch(src, { headers: requestHeaders(), signal })
      return response.ok ? URL.createObjectURL(await response.blob()) : NO_IMAGE
    },
  })

// The bytes behind an object URL stay in memory until it is revoked.
queryClient.getQueryCache().subscribe(({ type, query }) => {
  if (type === 'removed' && query.queryKey[0] === 'image' && typeof query.state.data === 'string')
    URL.revokeObjectURL(query.state.data)
})

/** Starts to fetch an image that will be shown soon. */
export function fetchImageAhead(src: string): void {
  void queryClient.prefetchQuery(imageQuery(src))
}

/** @param wanted false: do not fetch yet @returns an address for `<img>` once the bytes are fetched */
export function useOwnImage(src: string, wanted = true): string | undefined {
  const { data, isError } = useQuery({ ...imageQuery(src), enabled: wanted })
  return isError ? NO_IMAGE : data
}

/** Whether an element has come near the visible area; once true, it stays true. */
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
