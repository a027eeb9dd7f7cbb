/** Schemas of pixel reviews, and of what de-identification does to each element. */
import { z } from 'zod'
import { Code, DicomText, MAX_LIST_LENGTH, Name } from './bounded.ts'
import { Instant, Uid } from './identifiers.ts'

/** An instance that cannot be sent de-identified as it is, and the reason (D5, D6). */
export const Refusal = z.object({
  SOPInstanceUID: Uid,
  SeriesInstanceUID: Uid,
  StudyInstanceUID: Uid,
  code: Code,
})
export type Refusal = z.infer<typeof Refusal>

/** A rectangle in pixels of the image, counted from its upper left corner. */
export const PixelRegion = z.object({
  x: z.number().min(0).max(100_000),
  y: z.number().min(0).max(100_000),
  width: z.number().min(1).max(100_000),
  height: z.number().min(1).max(100_000),
})
export type PixelRegion = z.infer<typeof PixelRegion>

/** An image that needs a pixel review. */
export const ReviewImage = z.object({
  SOPInstanceUID: Uid,
  InstanceNumber: z.number().int().nullable(),
  NumberOfFrames: z.number().int(),
  Rows: z.number().int(),
  Columns: z.number().int(),
  /** Identifies this version of the file, so that a sign-off states which version was seen. */
  content: Name,
  /** The error code of an image that cannot be shown, such as a video; null for an image that can be shown. */
  code: Code.nullable(),
})
export type ReviewImage = z.infer<typeof ReviewImage>

export const SignedOff = z.object({
  StudyInstanceUID: Uid,
  SeriesInstanceUID: Uid,
  SOPInstanceUIDs: z.array(Uid).max(MAX_LIST_LENGTH),
  by: Name,
  at: Instant,
  /** The number of regions that are blacked out. */
  regions: z.number().int(),
})
export type SignedOff = z.infer<typeof SignedOff>

/** What de-identification does to one element (D8). The values are for the page only. */
export const DeidentifyRow = z.object({
  /** The tags and item numbers from the top level on, for example (0040,0275)[0]/(0040,0007). */
  path: DicomText,
  tag: DicomText,
  keyword: DicomText,
  action: z.enum(['removed', 'replaced', 'kept', 'cleaned']),
  before: DicomText,
  after: DicomText,
})
export type DeidentifyRow = z.infer<typeof DeidentifyRow>

export const DeidentifyPreview = z.object({
  StudyInstanceUID: Uid,
  SeriesInstanceUID: Uid,
  SOPInstanceUID: Uid,
  Modality: DicomText,
  SeriesDescription: DicomText,
  SeriesNumber: z.number().int().nullable(),
  /** The error code of an instance that cannot be de-identified at all, which has no rows; else null. */
  code: Code.nullable(),
  rows: z.array(DeidentifyRow).max(MAX_LIST_LENGTH),
  /** The number of rows beyond the limit. */
  more: z.number().int(),
})
export type DeidentifyPreview = z.infer<typeof DeidentifyPreview>
