/** One instance of a share as the index knew it when it was selected, and as the ledger keeps it. */
import { z } from 'zod'
import { Uid } from '../../src-core/contract/identifiers.ts'

const Text = z.string().default('')
const Whole = z.number().nullable().default(null)
const Count = z.number().default(0)

/** The fields that decide on D5 and D6 are among them. What a stored one lacks has the value of an empty element. */
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
  /** Backslash-separated as stored. */
  ImageType: Text,
  BurnedInAnnotation: Text,
  ConversionType: Text,
  /** The next four are missing in shares that an older version recorded. */
  PhotometricInterpretation: z.string().optional(),
  SamplesPerPixel: z.number().optional(),
  BitsAllocated: z.number().optional(),
  /** Whether ImageOrientationPatient is there. */
  oriented: z.boolean().optional(),
  kind: z.enum(['image', 'report', 'other']).default('other'),
})
export type SelectedInstance = Readonly<z.infer<typeof SelectedInstance>>
