/**
 * The manifest of a package. A package is an immutable, sealed copy of a selection; its parts are age v1 files to one
 * new X25519 identity. The manifest is a sealed part too, so that the relay's disk has no identifiers. Its signature
 * covers the hashes of all plaintexts.
 */
import { z } from 'zod'
import { Id, Instant, Uid } from '../contract/identifiers.ts'

const hash = z.string().regex(/^[0-9a-f]{64}$/)

/** One file inside the images part (a stored ZIP in IHE PDI layout). */
export const PackageEntry = z.object({
  /** The path in the ZIP, for example DICOM/S0001/I0001. */
  path: z.string(),
  kind: z.enum(['instance', 'preview', 'dicomdir', 'file']),
  /** The offset of the file's bytes in the plaintext of the part, after its local header. */
  offset: z.number().int(),
  size: z.number().int(),
  crc32: z.number().int(),
  sha256: hash,
  /** The UIDs of an instance, or of the instance that a preview shows. */
  StudyInstanceUID: Uid.optional(),
  SeriesInstanceUID: Uid.optional(),
  SOPInstanceUID: Uid.optional(),
  SOPClassUID: Uid.optional(),
  TransferSyntaxUID: Uid.optional(),
  /** True for reports, which a grant may withhold (U17). */
  report: z.boolean().optional(),
  /** True for the sender's message, which is sent as images (U24). */
  message: z.boolean().optional(),
  /**
   * The attributes of an instance that lists of series and instances show, so that no instance must be opened for a
   * list.
   */
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
  /** Every part except the manifest. */
  parts: z.array(PackagePart),
  /**
   * The attributes of the exams for the recipient's page and QIDO-RS. They are the values in the package, and are
   * de-identified when the package is.
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
