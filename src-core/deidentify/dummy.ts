/**
 * Dummy values for attributes that must not be empty, and the choice between the alternatives of a combined action
 * (PS3.15 Table E.1-1a).
 */
import type { Tag, VR } from '../dicom/dataset.ts'
import type { BasicAction } from './confidentiality-row.ts'
import { asciiBytes } from './chunk-writer.ts'

export const REMOVED = 'REMOVED'
const EMPTY_VALUE = new Uint8Array(0)

const DUMMY_TEXTS: Partial<Record<VR, string>> = {
  AE: REMOVED,
  CS: REMOVED,
  LO: REMOVED,
  LT: REMOVED,
  SH: REMOVED,
  ST: REMOVED,
  UC: REMOVED,
  UT: REMOVED,
  PN: REMOVED,
  UR: 'urn:removed',
  AS: '000Y',
  DA: '19000101',
  DT: '19000101000000',
  TM: '000000',
  DS: '0',
  IS: '0',
}
const DUMMY_SIZES: Partial<Record<VR, number>> = {
  US: 2,
  SS: 2,
  AT: 4,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  OW: 2,
  OB: 2,
  UN: 2,
  FD: 8,
  OD: 8,
  OV: 8,
  SV: 8,
  UV: 8,
}

const DUMMY_VALUES = new Map<string, Uint8Array>([
  ...Object.entries(DUMMY_TEXTS).map(([vr, text]): [string, Uint8Array] => [vr, asciiBytes(text)]),
  ...Object.entries(DUMMY_SIZES).map(([vr, size]): [string, Uint8Array] => [vr, new Uint8Array(size)]),
])

/** The dummy value of a VR as text; undefined for VRs whose values are bytes. */
export function dummyText(vr: VR): string | undefined {
  return DUMMY_TEXTS[vr]
}

/**
 * A value without information that is valid for the VR. UI has none, because UIDs are mapped. SQ has none, because the
 * items of a sequence are treated one by one.
 */
export function dummyValue(vr: VR): Uint8Array {
  return DUMMY_VALUES.get(vr) ?? EMPTY_VALUE
}

/**
 * The kind of data set that an attribute is in, on which the attribute's Type depends. At the top level of an instance:
 * a single-frame image, an image with functional groups, or another object. Inside items the Type is not known.
 */
export type ObjectKind = 'image' | 'enhanced' | 'other' | 'nested'

/**
 * Attributes of combined actions that no module of a single-frame image requires: they are of Type 3 in General Series,
 * General Image, General Equipment, CR, DX, CT and MR. There they are removed. In other objects they may be of Type 1
 * or 2.
 */
const OPTIONAL_IN_IMAGES = new Set<Tag>([
  0x00080021, 0x00080031, 0x00181400, 0x00181030, 0x0018700c, 0x0018700e, 0x0018700a, 0x00080012, 0x00080013,
  0x0008002a, 0x00080082, 0x00080080, 0x00081072, 0x00181000, 0x00081010, 0x00081111, 0x00321060,
])
/**
 * Attributes that the table removes although the definition of the object requires them. Those of Type 1 (creation of a
 * presentation state) get a dummy value, those of Type 2C (the person responsible for an animal) get zero length. Both
 * reveal as little as removal, and the object stays valid.
 */
const REQUIRED_BY_OBJECT: ReadonlyMap<Tag, 'D' | 'Z'> = new Map([
  [0x00700082, 'D'],
  [0x00700083, 'D'],
  [0x00102297, 'Z'],
  [0x00102299, 'Z'],
])
/** Attributes that are of Type 2 in every object that requires them, so that zero length is valid. */
const VALID_WHEN_EMPTY = new Set<Tag>([0x00081070, 0x00081010, 0x00700084, 0x00180010, 0x00080082, 0x00080080])

/**
 * Chooses the alternative of a combined action that keeps the object valid and reveals least. Where the Type is not
 * known, it is the last alternative, which is valid for every Type.
 */
export function resolveAction(tag: Tag, action: BasicAction, objectKind: ObjectKind): 'D' | 'Z' | 'X' | 'U' {
  switch (action) {
    case 'X':
      return objectKind === 'nested' ? 'X' : (REQUIRED_BY_OBJECT.get(tag) ?? 'X')
    case 'D':
    case 'Z':
    case 'U':
      return action
    case 'X/Z/U*':
      return 'U'
    case 'X/Z':
      // The attribute is of Type 3 in General Study, where an empty sequence is not allowed.
      if (tag === 0x00081110) return 'X'
      return objectKind === 'image' && OPTIONAL_IN_IMAGES.has(tag) ? 'X' : 'Z'
    case 'Z/D':
      // Content Date and Content Time are of Type 2C in General Image, and of Type 1 in documents and multi-frame
      // functional groups.
      return objectKind === 'image' || VALID_WHEN_EMPTY.has(tag) ? 'Z' : 'D'
    case 'X/D':
      return objectKind === 'image' && OPTIONAL_IN_IMAGES.has(tag) ? 'X' : 'D'
    case 'X/Z/D':
      if (objectKind === 'image' && OPTIONAL_IN_IMAGES.has(tag)) return 'X'
      if (tag === 0x00081111) return objectKind === 'enhanced' ? 'U' : 'Z'
      return VALID_WHEN_EMPTY.has(tag) ? 'Z' : 'D'
  }
}
