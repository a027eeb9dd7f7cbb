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

/** Of the tags that were asked for: a file asks for the same hundred again and again. */
const vrs = new Map<Tag, VR>()
/** Each made when first asked for: who only wants VRs needs none of them. */
let keywords: readonly string[] | undefined
let multiplicities: readonly string[] | undefined
let repeating: ReadonlyMap<Tag, readonly [number, string, string, string]> | undefined
let placeOfKeyword: ReadonlyMap<string, number> | undefined

function everyKeyword(): readonly string[] {
  return (keywords ??= KEYWORDS.split(' '))
}

function tagAt(place: number): Tag {
  return Number.parseInt(TAGS.slice(place * 8, place * 8 + 8), 16)
}

function vrAt(place: number): VR {
  return VALUE_REPRESENTATIONS.slice(place * 2, place * 2 + 2) as VR
}

/** Where a tag stands among so many in order; -1 when it does not. */
export function placeAmong(count: number, tagAt: (place: number) => Tag, tag: Tag): number {
  let [low, high] = [0, count - 1]
  while (low <= high) {
    const middle = (low + high) >> 1
    const there = tagAt(middle)
    if (there === tag) return middle
    if (there < tag) low = middle + 1
    else high = middle - 1
  }
  return -1
}

/** In the registry. */
function placeOf(tag: Tag): number {
  return placeAmong(TAGS.length / 8, tagAt, tag)
}

/** The entry of a tag in a repeating group: even groups 5000 to 501E, 6000 to 601E, 7F00 to 7F1E (PS3.5 7.6). */
function repeatingEntry(tag: Tag): readonly [number, string, string, string] | undefined {
  const group = tag >>> 16
  const base = group & 0xff00
  if ((base !== 0x5000 && base !== 0x6000 && base !== 0x7f00) || (group & 1) === 1 || (group & 0xff) > 0x1e)
    return undefined
  repeating ??= new Map(REPEATING.map((row) => [row[0], row]))
  return repeating.get(base * 0x10000 + (tag & 0xffff))
}

/** Whether the tag is of an odd group, which vendors define themselves (PS3.5 7.8). */
export function isPrivate(tag: Tag): boolean {
  return ((tag >>> 16) & 1) === 1
}

/**
 * VR of a tag where the data set does not carry it; UN when nobody knows it. Group lengths are UL, private creators LO
 * (PS3.5 7.2, 7.8.1).
 */
export function vrOf(tag: Tag): VR {
  const known = vrs.get(tag)
  if (known !== undefined) return known
  const place = placeOf(tag)
  if (place >= 0) {
    const vr = vrAt(place)
    vrs.set(tag, vr)
    return vr
  }
  if ((tag & 0xffff) === 0) return 'UL'
  if (isPrivate(tag)) return (tag & 0xffff) >= 0x10 && (tag & 0xffff) <= 0xff ? 'LO' : 'UN'
  return (repeatingEntry(tag)?.[2] as VR | undefined) ?? 'UN'
}

/** What PS3.6 says of a tag; undefined for private and unknown ones. */
export function lookup(tag: Tag): DictionaryEntry | undefined {
  const place = placeOf(tag)
  if (place >= 0) {
    multiplicities ??= MULTIPLICITIES.split(' ')
    return { tag, keyword: everyKeyword()[place]!, vr: vrAt(place), vm: multiplicities[place]! }
  }
  const row = repeatingEntry(tag)
  return row && { tag, keyword: row[1], vr: row[2] as VR, vm: row[3] }
}

/** Keyword of a tag, or undefined. */
export function keywordOf(tag: Tag): string | undefined {
  return lookup(tag)?.keyword
}

/** Tag of a keyword as PS3.6 spells it, or undefined. */
export function tagOf(keyword: string): Tag | undefined {
  placeOfKeyword ??= new Map(everyKeyword().map((name, place) => [name, place]))
  const place = placeOfKeyword.get(keyword)
  return place === undefined ? undefined : tagAt(place)
}

/** (gggg,eeee), as people read it. */
export function tagText(tag: Tag): string {
  const digits = tagDigits(tag)
  return `(${digits.slice(0, 4)},${digits.slice(4)})`
}

/** GGGGEEEE, as the DICOM JSON model keys it (PS3.18 F.2.2). */
export function tagDigits(tag: Tag): string {
  return tag.toString(16).toUpperCase().padStart(8, '0')
}
