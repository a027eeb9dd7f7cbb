/**
 * What stands in the place of a value that must not be empty, and which alternative of a combined action is taken
 * (PS3.15 Table E.1-1a).
 */
import type { Tag, VR } from '../dicom/dataset.ts'
import type { BasicAction } from './confidentiality-row.ts'
import { asciiBytes } from './chunk-writer.ts'

export const REMOVED = 'REMOVED'
const nothing = new Uint8Array(0)

const TEXT: Partial<Record<VR, string>> = {
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
const BYTES: Partial<Record<VR, number>> = {
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

const dummies = new Map<string, Uint8Array>([
  ...Object.entries(TEXT).map(([vr, text]): [string, Uint8Array] => [vr, asciiBytes(text)]),
  ...Object.entries(BYTES).map(([vr, size]): [string, Uint8Array] => [vr, new Uint8Array(size)]),
])

/** What dummyValue gives for text; undefined for bytes. */
export function dummyText(vr: VR): string | undefined {
  return TEXT[vr]
}

/** A value that says nothing, valid for the VR. UI has none: its values are mapped. SQ has none: its items are. */
export function dummyValue(vr: VR): Uint8Array {
  return dummies.get(vr) ?? nothing
}

/**
 * What the attribute's Type depends on: at the top level single-frame images, multi-frame ones with functional groups,
 * anything else; inside items the type is not known.
 */
export type Place = 'image' | 'enhanced' | 'other' | 'nested'

/**
 * Attributes of combined actions that no module of a single-frame image demands (Type 3 of General Series, General
 * Image,
 * General Equipment, CR, DX, CT, MR): there they are removed. Elsewhere they may be Type 1 or 2.
 */
const OPTIONAL_IN_IMAGES = new Set<Tag>([
  0x00080021, 0x00080031, 0x00181400, 0x00181030, 0x0018700c, 0x0018700e, 0x0018700a, 0x00080012, 0x00080013,
  0x0008002a, 0x00080082, 0x00080080, 0x00081072, 0x00181000, 0x00081010, 0x00081111, 0x00321060,
])
/**
 * The table says remove, the object's definition demands: a dummy for what is Type 1 (creation of a presentation
 * state), zero length for
 * what is Type 2C (who answers for an animal). Either tells as little as removal does, and the object stays valid.
 */
const DEMANDED: ReadonlyMap<Tag, 'D' | 'Z'> = new Map([
  [0x00700082, 'D'],
  [0x00700083, 'D'],
  [0x00102297, 'Z'],
  [0x00102299, 'Z'],
])
/** Type 2 wherever they are demanded: zero length will do. */
const EMPTY_WILL_DO = new Set<Tag>([0x00081070, 0x00081010, 0x00700084, 0x00180010, 0x00080082, 0x00080080])

/**
 * The alternative of a combined action that keeps the object valid and tells least.
 * Where the type is not known for certain the last alternative is taken: it satisfies every type.
 */
export function settle(tag: Tag, action: BasicAction, place: Place): 'D' | 'Z' | 'X' | 'U' {
  switch (action) {
    case 'X':
      return place === 'nested' ? 'X' : (DEMANDED.get(tag) ?? 'X')
    case 'D':
    case 'Z':
    case 'U':
      return action
    case 'X/Z/U*':
      return 'U'
    case 'X/Z':
      // Type 3 of General Study, where an empty sequence is not allowed.
      if (tag === 0x00081110) return 'X'
      return place === 'image' && OPTIONAL_IN_IMAGES.has(tag) ? 'X' : 'Z'
    case 'Z/D':
      // Content Date and Time: Type 2C of General Image, Type 1 of documents and multi-frame functional groups.
      return place === 'image' || EMPTY_WILL_DO.has(tag) ? 'Z' : 'D'
    case 'X/D':
      return place === 'image' && OPTIONAL_IN_IMAGES.has(tag) ? 'X' : 'D'
    case 'X/Z/D':
      if (place === 'image' && OPTIONAL_IN_IMAGES.has(tag)) return 'X'
      if (tag === 0x00081111) return place === 'enhanced' ? 'U' : 'Z'
      return EMPTY_WILL_DO.has(tag) ? 'Z' : 'D'
  }
}
