/** Who sits here: signing in and out, unlocking the keys, enrolling. */
import { useMutation, useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { api, queryClient } from './client.ts'

export function useSession() {
  return useQuery(api.session.current.queryOptions())
}

/** Answers belong to whoever asked: a change of person forgets them all but the session itself. */
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

/** Calls back once after so long without a key press or a movement (W8). */
export function useIdle(milliseconds: number, onIdle: () => void): void {
  useEffect(() => {
    let timer = setTimeout(onIdle, milliseconds)
    const again = (): void => {
      clearTimeout(timer)
      timer = setTimeout(onIdle, milliseconds)
    }
    const names = ['keydown', 'pointerdown', 'pointermove', 'wheel'] as const
    for (const name of names) window.addEventListener(name, again, { passive: true })
    return () => {
      clearTimeout(timer)
      for (const name of names) window.removeEventListener(name, again)
    }
  }, [milliseconds, onIdle])
}
