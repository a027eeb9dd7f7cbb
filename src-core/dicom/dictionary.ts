/** The registry of data elements: tag ↔ keyword ↔ VR (PS3.6). */
import type { Tag, VR } from './dataset.ts'
import { MULTIPLICITIES, REPEATING, TAG, VALUE_REPRESENTATIONS } from './dictionary.generated.ts'

export { TAG } from './dictionary.generated.ts'
export type Keyword = keyof typeof TAG

export interface DictionaryEntry { readonly tag: Tag; readonly keyword: string; readonly vr: VR; readonly vm: string }

interface Registry { readonly keywords: readonly Keyword[]; readonly indexOfTag: ReadonlyMap<Tag, number>; readonly repeating: ReadonlyMap<Tag, readonly [number, string, string, string]>; readonly multiplicities: readonly string[] }
let registry: Registry | undefined

/** Made when first asked for: who reads explicit VRs by known tags, as the index does, needs none of it. */
function registered(): Registry {
  if (registry) return registry
  const keywords = Object.keys(TAG) as Keyword[]
  return (registry = {
    keywords, multiplicities: MULTIPLICITIES.split(' '),
    indexOfTag: new Map(keywords.map((keyword, index) => [TAG[keyword], index])), repeating: new Map(REPEATING.map((row) => [row[0], row])),
  })
}

/** The entry of a tag in a repeating group: even groups 5000 to 501E, 6000 to 601E, 7F00 to 7F1E (PS3.5 7.6). */
function repeatingEntry(tag: Tag): readonly [number, string, string, string] | undefined {
  const group = tag >>> 16
  const base = group & 0xff00
  if ((base !== 0x5000 && base !== 0x6000 && base !== 0x7f00) || (group & 1) === 1 || (group & 0xff) > 0x1e) return undefined
  return registered().repeating.get(base * 0x10000 + (tag & 0xffff))
}

/** Whether the tag is of an odd group, which vendors define themselves (PS3.5 7.8). */
export function isPrivate(tag: Tag): boolean {
  return ((tag >>> 16) & 1) === 1
}

/** VR of a tag where the data set does not carry it; UN when nobody knows it. Group lengths are UL, private creators LO (PS3.5 7.2, 7.8.1). */
export function vrOf(tag: Tag): VR {
  const index = registered().indexOfTag.get(tag)
  if (index !== undefined) return VALUE_REPRESENTATIONS.slice(index * 2, index * 2 + 2) as VR
  if ((tag & 0xffff) === 0) return 'UL'
  if (isPrivate(tag)) return (tag & 0xffff) >= 0x10 && (tag & 0xffff) <= 0xff ? 'LO' : 'UN'
  return (repeatingEntry(tag)?.[2] as VR | undefined) ?? 'UN'
}

/** What PS3.6 says of a tag; undefined for private and unknown ones. */
export function lookup(tag: Tag): DictionaryEntry | undefined {
  const { keywords, indexOfTag, multiplicities } = registered()
  const index = indexOfTag.get(tag)
  if (index !== undefined) {
    return { tag, keyword: keywords[index]!, vr: vrOf(tag), vm: multiplicities[index]! }
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
  return Object.hasOwn(TAG, keyword) ? TAG[keyword as Keyword] : undefined
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
