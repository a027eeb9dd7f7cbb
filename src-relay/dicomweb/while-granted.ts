/** Streams a response's body and stops as soon as the grant ends (W17), even if the response has begun long before. */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import type { LiveGrant } from '../access/grants.ts'
import type { Principal } from '../access/principal.ts'
import type { OpenGrants } from '../access/open-grants.ts'

/** The grant is checked again after this many bytes, because a notification of its end may have been lost. */
const CHECK_EVERY_BYTES = 4 * 1024 * 1024

/**
 * The source is read only as fast as the recipient takes the bytes, so that a slow line costs no memory. When the grant
 * ends the stream fails: the recipient's browser then does not treat the bytes that arrived as a complete answer.
 */
export function whileGranted(
  { relay, grants }: { readonly relay: RelayContext; readonly grants: OpenGrants },
  principal: Principal,
  grant: LiveGrant,
  source: AsyncIterator<Uint8Array>,
): ReadableStream<Uint8Array> {
  let bytesSinceCheck = 0
  let finished = false
  let unsubscribe = (): void => {}
  const finish = async (): Promise<void> => {
    finished = true
    unsubscribe()
    await source.return?.()
  }
  const checkGrant = async (): Promise<void> => {
    bytesSinceCheck = 0
    await grants.requireGrant(principal, grant.grantId)
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        unsubscribe = relay.endings.subscribe((shareId) => {
          if (shareId !== null && shareId !== grant.shareId) return
          checkGrant().catch(async (error: unknown) => {
            if (finished) return
            controller.error(error)
            await finish()
          })
        })
      },
      async pull(controller) {
        try {
          if (grant.expiresAt !== null && grant.expiresAt <= relay.now()) throw new OutpostError('link-expired')
          if (bytesSinceCheck >= CHECK_EVERY_BYTES) await checkGrant()
          const next = await source.next()
          if (finished) return
          if (next.done === true) {
            await finish()
            controller.close()
            return
          }
          bytesSinceCheck += next.value.length
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
