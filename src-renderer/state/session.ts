/** The session: signing in and out, unlocking the keys, enrolling. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { IDLE_END_MS } from '../../src-core/contract/workstation.ts'
import { api, queryClient } from './client.ts'

/** Milliseconds after which a workstation that did not answer is queried again. */
const ASK_AGAIN_MS = 3000

/** The session, or the failure of its query. A failure is shown until there is an answer, also during a retry. */
export function useSession() {
  const [failure, setFailure] = useState<Error | null>(null)
  const { data, error, isPending, refetch } = useQuery({
    ...api.session.current.queryOptions(),
    refetchInterval: ({ state }) => (state.status === 'error' ? ASK_AGAIN_MS : false),
  })
  const latest = error ?? (isPending ? failure : null)
  if (latest !== failure) setFailure(latest)
  return { data, failure: latest, refetch }
}

/** Removes all answers except the session, because they belong to the person who was signed in before. */
async function forgetAnswers(): Promise<void> {
  queryClient.removeQueries({ predicate: (query) => !JSON.stringify(query.queryKey).includes('"session"') })
  await queryClient.invalidateQueries({ queryKey: api.session.key() })
}

export function useSignIn() {
  return useMutation(api.session.signIn.mutationOptions({ onSuccess: forgetAnswers }))
}

export function useSignInDemonstration() {
  return useMutation(api.session.signInDemonstration.mutationOptions({ onSuccess: forgetAnswers }))
}

export function useSignOut() {
  return useMutation(api.session.signOut.mutationOptions({ onSuccess: forgetAnswers }))
}

export function useUnlock() {
  return useMutation(api.session.unlockSecrets.mutationOptions({ onSuccess: forgetAnswers }))
}

export function useEnrol() {
  return useMutation(api.session.enroll.mutationOptions({ onSuccess: forgetAnswers }))
}

/**
 * Smallest time in ms between two messages to the workstation that the session is in use; viewing images sends no
 * request.
 */
const TELL_MS = 60_000

/**
 * Locks the session after a time without key presses and movements, and reports use and lock to the workstation, which
 * itself ends a session without reports (W8).
 */
export function useIdle(onIdle: () => void): void {
  useEffect(() => {
    let timer = setTimeout(onIdle, IDLE_END_MS)
    let lastReported = Date.now()
    const again = (): void => {
      clearTimeout(timer)
      timer = setTimeout(onIdle, IDLE_END_MS)
      if (Date.now() - lastReported < TELL_MS) return
      lastReported = Date.now()
      void queryClient.invalidateQueries({ queryKey: api.session.current.key() })
    }
    const names = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const
    for (const name of names) window.addEventListener(name, again, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const name of names) window.removeEventListener(name, again)
    }
  }, [onIdle])
}
