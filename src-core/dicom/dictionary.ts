/** The registry of data elements: tag ↔ keyword ↔ VR (PS3.6). */
import type { Tag, VR } from './dataset.ts'
import { KEYWORDS, MULTIPLICITIES, REPEATING, TAGS, VALUE_REPRESENTATIONS } from './dictionary.generated.ts'
import type { TAG } from './tag.generated.ts'

export { TAG } from './tag.generated.ts'
export type Keyword = keyof typeof TAG

export interface DictionaryEntry {
  readonly tag: Tag
  readonly keyword: string
  readonly vr: VR
  readonly vm: string
}

/** The VRs that were looked up, because the files of a study use the same hundred tags again and again. */
const vrByTag = new Map<Tag, VR>()
/** These tables are built at their first use, because many callers need VRs only. */
let keywords: readonly string[] | undefined
let multiplicities: readonly string[] | undefined
let repeating: ReadonlyMap<Tag, readonly [number, string, string, string]> | undefined
let indexOfKeyword: ReadonlyMap<string, number> | undefined

function allKeywords(): readonly string[] {
  return (keywords ??= KEYWORDS.split(' '))
}

function tagAt(index: number): Tag {
  return Number.parseInt(TAGS.slice(index * 8, index * 8 + 8), 16)
}

function vrAt(index: number): VR {
  return VALUE_REPRESENTATIONS.slice(index * 2, index * 2 + 2) as VR
}

/**
 * The index of a tag in a sorted list, found by binary search.
 * @param count the length of the list
 * @param tagAt the tag at an index of the list
 * @returns -1 when the list does not have the tag
 */
export function sortedTagIndex(count: number, tagAt: (index: number) => Tag, tag: Tag): number {
  let [low, high] = [0, count - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const middleTag = tagAt(middle)
    if (middleTag === tag) return middle
    if (middleTag < tag) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/** The index of a tag in the registry, or -1. */
function registryIndex(tag: Tag): number {
  return sortedTagIndex(TAGS.length / 8, tagAt, tag)
}

/** The entry of a tag in a repeating group: the even groups 5000 to 501E, 6000 to 601E and 7F00 to 7F1E (PS3.5 7.6). */
function repeatingEntry(tag: Tag): readonly [number, string, string, string] | undefined {
  const group = tag >>> 16
  const base = group & 0xff00
  if ((base !== 0x5000 && base !== 0x6000 && base !== 0x7f00) || (group & 1) === 1 || (group & 0xff) > 0x1e)
    return undefined
  repeating ??= new Map(REPEATING.map((row) => [row[0], row]))
  return repeating.get(base * 0x10000 + (tag & 0xffff))
}

/** Whether the group of a tag is odd. Such elements are defined by vendors (PS3.5 7.8). */
export function isPrivate(tag: Tag): boolean {
  return ((tag >>> 16) & 1) === 1
}

/**
 * The VR of a tag, for data sets that do not state it; UN when it is unknown. Group lengths are UL, private creators
 * are LO (PS3.5 7.2, 7.8.1).
 */
export function vrOf(tag: Tag): VR {
  const cached = vrByTag.get(tag)
  if (cached !== undefined) return cached
  const index = registryIndex(tag)
  if (index >= 0) {
    const vr = vrAt(index)
    vrByTag.set(tag, vr)
    return vr
  }
  if ((tag & 0xffff) === 0) return 'UL'
  if (isPrivate(tag)) return (tag & 0xffff) >= 0x10 && (tag & 0xffff) <= 0xff ? 'LO' : 'UN'
  return (repeatingEntry(tag)?.[2] as VR | undefined) ?? 'UN'
}

/** The entry of PS3.6 for a tag; undefined for private and unknown tags. */
export function lookup(tag: Tag): DictionaryEntry | undefined {
  const index = registryIndex(tag)
  if (index >= 0) {
    multiplicities ??= MULTIPLICITIES.split(' ')
    return { tag, keyword: allKeywords()[index]!, vr: vrAt(index), vm: multiplicities[index]! }
  }
  const row = repeatingEntry(tag)
  return row && { tag, keyword: row[1], vr: row[2] as VR, vm: row[3] }
}

/** The keyword of a tag, or undefined. */
export function keywordOf(tag: Tag): string | undefined {
  return lookup(tag)?.keyword
}

/** The tag of a keyword, spelled as in PS3.6, or undefined. */
export function tagOf(keyword: string): Tag | undefined {
  indexOfKeyword ??= new Map(allKeywords().map((name, index) => [name, index]))
  const index = indexOfKeyword.get(keyword)
  return index === undefined ? undefined : tagAt(index)
}

/** The tag in the form (GGGG,EEEE), for people. */
export function tagText(tag: Tag): string {
  const digits = tagDigits(tag)
  return `(${digits.slice(0, 4)},${digits.slice(4)})`
}

/** The tag in the form GGGGEEEE, which is the key in the DICOM JSON model (PS3.18 F.2.2). */
export function tagDigits(tag: Tag): string {
  return tag.toString(16).toUpperCase().padStart(8, '0')
}
