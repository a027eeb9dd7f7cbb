/** One instance of a share: the attributes that the index had when it was selected, and that the ledger stores. */
import { z } from 'zod'
import { Uid } from '../../src-core/contract/identifiers.ts'

const Text = z.string().default('')
const Whole = z.number().nullable().default(null)
const Count = z.number().default(0)

/**
 * The fields include those that decide on D5 and D6. A field that a stored instance lacks counts as an empty element.
 */
export const SelectedInstance = z.object({
  StudyInstanceUID: Uid,
  SeriesInstanceUID: Uid,
  SOPInstanceUID: Uid,
  SOPClassUID: Uid,
  TransferSyntaxUID: Text,
  path: Text,
  size: Count,
  mtimeMs: Count,
  PatientName: Text,
  PatientID: Text,
  IssuerOfPatientID: Text,
  PatientBirthDate: Text,
  StudyDescription: Text,
  StudyDate: Text,
  AccessionNumber: Text,
  Modality: Text,
  SeriesDescription: Text,
  SeriesNumber: Whole,
  InstanceNumber: Whole,
  NumberOfFrames: z.number().default(1),
  Rows: Count,
  Columns: Count,
  /** Values separated by backslashes, as stored. */
  ImageType: Text,
  BurnedInAnnotation: Text,
  ConversionType: Text,
  /** The next four fields are missing in shares of an earlier version. */
  PhotometricInterpretation: z.string().optional(),
  SamplesPerPixel: z.number().optional(),
  BitsAllocated: z.number().optional(),
  /** Whether the file has ImageOrientationPatient. */
  oriented: z.boolean().optional(),
  kind: z.enum(['image', 'report', 'other']).default('other'),
})
export type SelectedInstance = Readonly<z.infer<typeof SelectedInstance>>
