/**
 * The relay's API towards recipients' pages, at /portal/rpc. Every call is a POST: GET and HEAD change nothing. Images
 * come by DICOMweb at /portal/dicomweb, the download is /portal/download, the files of the page itself (built into
 * out/portal) below /portal-assets/.
 */
import { oc } from '@orpc/contract'
import { z } from 'zod'
import { Instant, Language, Right, ShareEnd, Uid } from './models.ts'

const link = z.object({ token: z.string() })

export const portalContract = {
  /**
   * What stands behind a link. Unknown and withdrawn links fail alike with link-unknown; expired ones with link-expired
   * and whom to ask.
   */
  look: oc.input(link).output(
    z.object({
      language: Language,
      sender: z.string(),
      department: z.string(),
      organisation: z.string(),
      contact: z.string(),
      /** What must be passed next; none: the page may open at once. */
      gate: z.enum(['none', 'otp', 'blocked']),
      /** For example +32 ••• •• 12; empty without two-factor. */
      maskedMobile: z.string(),
      triesLeft: z.number().int(),
    }),
  ),
  sendOtp: oc.input(link).output(z.object({ maskedMobile: z.string(), validMinutes: z.number().int() })),
  /**
   * Passes the gate: binds the grant to this browser by an HttpOnly cookie. otp-wrong carries triesLeft; the fifth in a
   * row is blocked (U8).
   */
  open: oc.input(link.extend({ otp: z.string().optional() })).output(z.object({ ok: z.literal(true) })),
  exam: oc.output(
    z.object({
      sender: z.string(),
      department: z.string(),
      organisation: z.string(),
      contact: z.string(),
      message: z.string(),
      language: Language,
      right: Right,
      anonymized: z.boolean(),
      deliveredAt: Instant,
      /** null: unlimited. */
      end: ShareEnd.nullable(),
      recipient: z.string(),
      downloadBytes: z.number().int(),
      hasReport: z.boolean(),
      studies: z.array(
        z.object({
          StudyInstanceUID: Uid,
          PatientName: z.string(),
          PatientID: z.string(),
          PatientBirthDate: z.string(),
          StudyDescription: z.string(),
          StudyDate: z.string(),
          ModalitiesInStudy: z.array(z.string()),
          /** Without reports, the sender's message, and what the grant withholds. */
          images: z.number().int(),
        }),
      ),
    }),
  ),
  close: oc.output(z.object({ ok: z.literal(true) })),
}
