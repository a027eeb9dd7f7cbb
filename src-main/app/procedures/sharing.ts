/** Procedures of the group sharing: from the share panel to the ledger. */
import { signedIn } from '../signed-in.ts'

export const sharingProcedures = {
  defaults: signedIn.sharing.defaults.handler(({ context: { services, who } }) => services.sharing.defaults(who)),
  review: signedIn.sharing.review.handler(({ input, context: { services } }) => services.sharing.review(input.selection, input.anonymize)),
  preview: signedIn.sharing.preview.handler(({ input, context: { services, who } }) => services.sharing.preview(input, who)),
  share: signedIn.sharing.share.handler(({ input, context: { services } }) => services.sharing.share(input, services.session.requireFor('share'))),
  undo: signedIn.sharing.undo.handler(async ({ input, context: { services, who } }) => {
    await services.sharing.undo(input.shareId, who)
    return { ok: true } as const
  }),
}
