/**
 * A package: an immutable, sealed copy of a selection. Its parts are age v1 files to one fresh X25519 identity.
 * The manifest is itself a sealed part, so that the relay's disk holds no identifier; its signature binds every
 * plaintext hash.
 */
import { z } from 'zod'
import { Id, Instant, Uid } from '../contract/identifiers.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)

/** One file inside the images part (a stored ZIP in IHE PDI layout). */
export const PackageEntry = z.object({
  /** As in the ZIP, for example DICOM/S0001/I0001. */
  path: z.string(),
  kind: z.enum(['instance', 'preview', 'dicomdir', 'file']),
  /** Of the file's bytes in the plaintext of the part, after its local header. */
  offset: z.number().int(),
  size: z.number().int(),
  crc32: z.number().int(),
  sha256: hash,
  /** Of instances, and of the instance a preview shows. */
  StudyInstanceUID: Uid.optional(),
  SeriesInstanceUID: Uid.optional(),
  SOPInstanceUID: Uid.optional(),
  SOPClassUID: Uid.optional(),
  TransferSyntaxUID: Uid.optional(),
  /** Set for reports, which a grant may withhold (U17). */
  report: z.boolean().optional(),
  /** Set for the sender's message, which travels as images of its own (U24). */
  message: z.boolean().optional(),
  /** Of instances: what lists of series and instances show, so that none need be opened for them. */
  Modality: z.string().optional(),
  SeriesNumber: z.number().int().nullable().optional(),
  SeriesDescription: z.string().optional(),
  InstanceNumber: z.number().int().nullable().optional(),
  NumberOfFrames: z.number().int().optional(),
  Rows: z.number().int().optional(),
  Columns: z.number().int().optional(),
})
export type PackageEntry = z.infer<typeof PackageEntry>

export const PackagePart = z.object({
  name: z.string(),
  plainSize: z.number().int(),
  plainSha256: hash,
  sealedSize: z.number().int(),
  sealedSha256: hash,
  entries: z.array(PackageEntry),
})
export type PackagePart = z.infer<typeof PackagePart>

export const Manifest = z.object({
  version: z.literal(1),
  packageId: Id,
  createdAt: Instant,
  organisationId: z.string(),
  departmentId: z.string(),
  workstationId: z.string(),
  anonymized: z.boolean(),
  /** Every part but the manifest itself. */
  parts: z.array(PackagePart),
  /**
   * What the recipient's page and QIDO-RS say of the exams: the values as they are in the package, de-identified when
   * it is.
   */
  studies: z.array(
    z.object({
      StudyInstanceUID: Uid,
      PatientName: z.string(),
      PatientID: z.string(),
      PatientBirthDate: z.string(),
      StudyDescription: z.string(),
      StudyDate: z.string(),
      AccessionNumber: z.string(),
    }),
  ),
})
export type Manifest = z.infer<typeof Manifest>
