/** A response's body that stops as soon as the grant ends (W17): the headers may have been sent long before. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { LiveGrant } from '../access/grants.ts'
import type { Principal } from '../access/principal.ts'
import type { OpenGrants } from '../access/open-grants.ts'

/** The grant is asked for again after so many bytes, should an announcement of its end have been lost. */
const ASK_EVERY_BYTES = 4 * 1024 * 1024

/**
 * Pulled as the recipient takes it: nothing piles up behind a slow line. When the grant ends, the stream fails, so that
 * what arrived is not taken for the whole.
 * @param principal who asked for the grant
 */
export function whileGranted(
  { relay, grants }: { readonly relay: RelayContext; readonly grants: OpenGrants },
  principal: Principal,
  grant: LiveGrant,
  source: AsyncIterator<Uint8Array>,
): ReadableStream<Uint8Array> {
  let unasked = 0
  let finished = false
  let unsubscribe = (): void => {}
  const finish = async (): Promise<void> => {
    finished = true
    unsubscribe()
    await source.return?.()
  }
  const askAgain = async (): Promise<void> => {
    unasked = 0
    await grants.heldBy(principal, grant.grantId)
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        unsubscribe = relay.endings.subscribe((shareId) => {
          if (shareId !== null && shareId !== grant.shareId) return
          askAgain().catch(async (error: unknown) => {
            if (finished) return
            controller.error(error)
            await finish()
          })
        })
      },
      async pull(controller) {
        try {
          if (grant.expiresAt !== null && grant.expiresAt <= relay.now()) throw new OutpostError('link-expired')
          if (unasked >= ASK_EVERY_BYTES) await askAgain()
          const next = await source.next()
          if (finished) return
          if (next.done === true) {
            await finish()
            controller.close()
            return
          }
          unasked += next.value.length
          controller.enqueue(next.value)
        } catch (error) {
          if (finished) return
          await finish().catch(() => {})
          throw error
        }
      },
      cancel: finish,
    },
    { highWaterMark: 0 },
  )
}
