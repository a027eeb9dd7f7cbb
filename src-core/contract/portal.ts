/**
 * The API of the relay for the recipients' page, at /portal/rpc. Every call is a POST; GET and HEAD change nothing.
 * Images are served by DICOMweb at /portal/grants/<grantId>/dicomweb, the download at
 * /portal/grants/<grantId>/download, and the files of the page (built into out/portal) below /portal-assets/.
 */
import { z } from 'zod'
import { byRecipient } from '../permissions/called-by.ts'
import { cutText, DicomText, text } from './bounded.ts'
import { Id, Instant, Language, Uid } from './identifiers.ts'
import { ShareEnd } from './shares.ts'
import { Right } from './terms.ts'
import { RecipientTerms } from './terms/share-terms.ts'

const link = z.object({ token: text(100) })
/** One of the grants that this browser opened. */
export const OpenedGrant = z.object({ grantId: Id })

export const portalContract = {
  /**
   * The state of a link. Unknown and withdrawn links fail with the same code, link-unknown. Expired links fail with
   * link-expired, with the contact of the department.
   */
  linkInfo: byRecipient('link-holder')
    .input(link)
    .output(
      z.object({
        language: Language,
        sender: cutText(1000),
        department: cutText(1000),
        organisation: cutText(1000),
        contact: cutText(1000),
        /** The gate that the recipient must pass next; none: the page may open at once. */
        gate: z.enum(['none', 'otp', 'blocked']),
        /** The masked number, for example +32 ••• •• 12; empty without two-factor. */
        maskedMobile: text(40),
        triesLeft: z.number().int(),
      }),
    ),
  sendOtp: byRecipient('link-holder')
    .input(link)
    .output(z.object({ maskedMobile: text(40), validMinutes: z.number().int() })),
  /**
   * Passes the gate: it opens the grant in this browser, which an HttpOnly cookie names. otp-wrong has triesLeft; the
   * fifth wrong code in a row blocks the recipient (U8).
   */
  open: byRecipient('link-holder')
    .input(link.extend({ otp: text(20).optional() }))
    .output(OpenedGrant),
  exam: byRecipient('opened-link')
    .input(OpenedGrant)
    .output(
      z.object({
        grantId: Id,
        sender: cutText(1000),
        department: cutText(1000),
        organisation: cutText(1000),
        contact: cutText(1000),
        message: text(10_000),
        language: Language,
        right: Right,
        terms: RecipientTerms,
        deliveredAt: Instant,
        /** The end of the share; null when it is unlimited. */
        end: ShareEnd.nullable(),
        recipient: cutText(1000),
        downloadBytes: z.number().int(),
        hasReport: z.boolean(),
        studies: z
          .array(
            z.object({
              StudyInstanceUID: Uid,
              PatientName: DicomText,
              PatientID: DicomText,
              PatientBirthDate: DicomText,
              StudyDescription: DicomText,
              StudyDate: DicomText,
              ModalitiesInStudy: z.array(DicomText).max(1000),
              /** The number of images, without reports, the sender's message, and what the grant withholds. */
              images: z.number().int(),
            }),
          )
          .max(20_000),
      }),
    ),
  /** Ends the grant in this browser; others that were opened in it stay open. */
  close: byRecipient('anyone')
    .input(OpenedGrant)
    .output(z.object({ ok: z.literal(true) })),
}
