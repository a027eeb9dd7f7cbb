/** Procedures of the group sharing: everything that the share panel does. */
import { pseudonyms } from '../../imaging/uid-map.ts'
import { workstationKeys } from '../../secrets/workstation-keys.ts'
import { deidentifyPreview } from '../../sharing/deidentify-preview.ts'
import { signedIn } from '../rpc-context.ts'

export const sharingProcedures = {
  defaults: signedIn.sharing.defaults.handler(({ context: { services, who } }) => services.sharing.defaults(who)),
  review: signedIn.sharing.review.handler(({ input, context: { services } }) =>
    services.sharing.review(input.selection, input.anonymize, input.options),
  ),
  requestReview: signedIn.sharing.requestReview.handler(
    ({ input: { SOPInstanceUIDs, ...series }, context: { services } }) =>
      services.sharing.pixelReview.requestReview(series, SOPInstanceUIDs),
  ),
  signOff: signedIn.sharing.signOff.handler(
    async ({ input: { regions, images, ...series }, context: { services, who } }) => {
      await services.sharing.pixelReview.signOff(series, regions, images, who)
      return { ok: true } as const
    },
  ),
  deidentifyPreview: signedIn.sharing.deidentifyPreview.handler(
    async ({
      input,
      context: {
        services: { library, storage, host },
      },
    }) =>
      deidentifyPreview(input, {
        library,
        storage,
        pseudonyms: pseudonyms((await workstationKeys(host.secrets)).uidKey),
      }),
  ),
  preview: signedIn.sharing.preview.handler(({ input, context: { services, who } }) =>
    services.sharing.preview(input, who),
  ),
  share: signedIn.sharing.share.handler(({ input, context: { services, who } }) => services.sharing.share(input, who)),
  undo: signedIn.sharing.undo.handler(async ({ input, context: { services, who } }) => {
    await services.sharing.undo(input.shareId, who)
    return { ok: true } as const
  }),
}
