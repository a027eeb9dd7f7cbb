/** Tells the workstation's log where the page failed. Messages of errors are not told: they may quote a patient. */
import type { PageFailure } from '../../src-core/contract/workstation.ts'
import { client } from './client.ts'
import { placeOf } from './failure-place.ts'

/** A page that fails again and again tells it a few times only. */
const MOST_TOLD = 5
let told = 0

export function tellFailure(kind: PageFailure['kind'], error: unknown): void {
  told += 1
  if (told > MOST_TOLD) return
  const { name, stack } = error instanceof Error ? error : { name: 'Error', stack: '' }
  // Nothing can be done when this fails too, and the page must not fail for it.
  client.session.pageFailed({ kind, name, place: placeOf(stack) }).catch(() => undefined)
}

/** Listens for errors that nothing on the page caught. */
export function tellUncaughtFailures(page: Pick<Window, 'addEventListener'> = window): void {
  page.addEventListener('error', (event) => tellFailure('error', (event as ErrorEvent).error))
  page.addEventListener('unhandledrejection', (event) =>
    tellFailure('rejection', (event as PromiseRejectionEvent).reason),
  )
}
