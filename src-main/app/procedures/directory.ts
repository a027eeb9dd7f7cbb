/** Procedures of the group directory: finding recipients and keeping favourites. */
import { OutpostError } from '../../../src-core/contract/errors.ts'
import { toRecipientView } from '../../sharing/recipient-view.ts'
import { signedIn } from '../rpc-context.ts'

export const directoryProcedures = {
  search: signedIn.directory.search.handler(async ({ input, context: { services, who } }) => {
    const favourites = await services.storage.staff.favourites(who.staff.staffId)
    const known = new Set(favourites)
    return (await services.storage.directory.search(input.text, input.limit, favourites)).map((entry) =>
      toRecipientView(entry, known),
    )
  }),
  favourites: signedIn.directory.favourites.handler(async ({ context: { services, who } }) => {
    const favourites = await services.storage.staff.favourites(who.staff.staffId)
    const known = new Set(favourites)
    return (await services.storage.directory.byIds(favourites)).map((entry) => toRecipientView(entry, known))
  }),
  setFavourite: signedIn.directory.setFavourite.handler(async ({ input, context: { services, who } }) => {
    if (input.favourite && (await services.storage.directory.byIds([input.recipientId])).length === 0)
      throw new OutpostError('recipient-unknown', { recipientId: input.recipientId })
    await services.storage.staff.setFavourite(
      who.staff.staffId,
      input.recipientId,
      input.favourite,
      services.host.now().toISOString(),
    )
    services.events.emit({ type: 'directory' })
    return { ok: true } as const
  }),
}
