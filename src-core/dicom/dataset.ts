/**
 * Types of a data set that is read: the positions of its elements in the bytes. Values are decoded only when they are
 * needed (PS3.5 section 7).
 */

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
  /** The positions of the first byte of the element's header and of its value, in the bytes of the data set. */
  readonly start: number
  readonly valueStart: number
  /** The length of the value in bytes. For undefined length it is the length up to the delimiter. */
  readonly valueLength: number
  /** The position of the first byte after the element and its delimiter. */
  readonly end: number
  readonly undefinedLength: boolean
  /** The items of a sequence, and of UN of undefined length (PS3.5 6.2.2). */
  readonly items?: readonly DicomDataset[]
  /** The fragments of encapsulated pixel data: every item after the Basic Offset Table (PS3.5 A.4). */
  readonly fragments?: readonly { readonly start: number; readonly length: number }[]
  /** The Basic Offset Table; absent when it has no entries. */
  readonly offsetTable?: readonly number[]
}

export interface DicomDataset {
  /** The bytes in which start, valueStart and end count. For a deflated file these are the inflated bytes. */
  readonly bytes: Uint8Array
  readonly littleEndian: boolean
  readonly explicitVR: boolean
  /** The values of SpecificCharacterSet that apply. Items inherit them. */
  readonly characterSets: readonly string[]
  /** The elements in the order of the file. */
  readonly elements: ReadonlyMap<Tag, DicomElement>
}

export interface DicomFile {
  /** The File Meta Information, or null when the file has none. */
  readonly meta: DicomDataset | null
  readonly dataset: DicomDataset
  readonly TransferSyntaxUID: string
  /** Whether reading stopped before the end because an option asked for it. */
  readonly partial: boolean
  /** Whether the file ends before the declared length or the delimiter of its pixel data. The header is complete. */
  readonly truncated: boolean
  /**
   * The pixel data at which reading stopped: the position of its value, and its declared length (0xFFFFFFFF when
   * undefined).
   */
  readonly pixelData?: { readonly valueStart: number; readonly length: number }
}
