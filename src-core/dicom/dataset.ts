/** A data set as positions in the bytes it was read from: nothing is decoded until asked for (PS3.5 section 7). */

/** 0xGGGGEEEE as an unsigned number. */
export type Tag = number

export type VR =
  | 'AE'
  | 'AS'
  | 'AT'
  | 'CS'
  | 'DA'
  | 'DS'
  | 'DT'
  | 'FL'
  | 'FD'
  | 'IS'
  | 'LO'
  | 'LT'
  | 'OB'
  | 'OD'
  | 'OF'
  | 'OL'
  | 'OV'
  | 'OW'
  | 'PN'
  | 'SH'
  | 'SL'
  | 'SQ'
  | 'SS'
  | 'ST'
  | 'SV'
  | 'TM'
  | 'UC'
  | 'UI'
  | 'UL'
  | 'UN'
  | 'UR'
  | 'US'
  | 'UT'
  | 'UV'

export interface DicomElement {
  readonly tag: Tag
  readonly vr: VR
  /** First byte of the element's header, and of its value, in the data set's bytes. */
  readonly start: number
  readonly valueStart: number
  /** Length of the value in bytes; for undefined length, up to and without the delimiter. */
  readonly valueLength: number
  /** First byte after the element, delimiter included. */
  readonly end: number
  readonly undefinedLength: boolean
  /** Of a sequence (and of UN of undefined length, PS3.5 6.2.2). */
  readonly items?: readonly DicomDataset[]
  /** Of encapsulated pixel data (PS3.5 A.4): every item after the Basic Offset Table. */
  readonly fragments?: readonly { readonly start: number; readonly length: number }[]
  /** Basic Offset Table, if it has entries. */
  readonly offsetTable?: readonly number[]
}

export interface DicomDataset {
  /** What start, valueStart and end count in. For a deflated file: the inflated bytes. */
  readonly bytes: Uint8Array
  readonly littleEndian: boolean
  readonly explicitVR: boolean
  /** Values of SpecificCharacterSet in force, inherited by items. */
  readonly characterSets: readonly string[]
  /** In the order of the file. */
  readonly elements: ReadonlyMap<Tag, DicomElement>
}

export interface DicomFile {
  /** File Meta Information, or null for a data set without one. */
  readonly meta: DicomDataset | null
  readonly dataset: DicomDataset
  readonly TransferSyntaxUID: string
  /** Whether reading stopped where it was asked to, before the end. */
  readonly partial: boolean
  /** Whether the pixel data ends before its declared length or its delimiter; the header is whole. */
  readonly truncated: boolean
  /** Where reading stopped at pixel data: its value, and its length as declared (0xFFFFFFFF when undefined). */
  readonly pixelData?: { readonly valueStart: number; readonly length: number }
}
