/**
 * Reads values of the DICOM JSON model (PS3.18 Annex F). A wrong or missing value counts as absent, because data from
 * outside is never trusted.
 */

export interface JsonElement {
  readonly vr?: string
  readonly Value?: readonly unknown[]
  readonly InlineBinary?: string
  readonly BulkDataURI?: string
}
export type JsonDataset = Readonly<Record<string, JsonElement | undefined>>

export function textOf(dataset: JsonDataset, tag: string): string {
  const value = dataset[tag]?.Value?.[0]
  return typeof value === 'string' ? value.trim() : typeof value === 'number' ? String(value) : ''
}

export function textsOf(dataset: JsonDataset, tag: string): string[] {
  return (dataset[tag]?.Value ?? []).map((value) => String(value ?? '').trim())
}

/** IS and DS may be sent as text (PS3.18 F.2.3). A value that is not a finite number is left out. */
export function numbersOf(dataset: JsonDataset, tag: string): number[] {
  return (dataset[tag]?.Value ?? [])
    .filter((value) => value !== null && value !== '')
    .map(Number)
    .filter(Number.isFinite)
}

export function numberOf(dataset: JsonDataset, tag: string): number | null {
  return numbersOf(dataset, tag)[0] ?? null
}

export function itemsOf(dataset: JsonDataset, tag: string): readonly JsonDataset[] {
  return (dataset[tag]?.Value ?? []).filter(
    (value): value is JsonDataset => typeof value === 'object' && value !== null,
  )
}

/** Returns the bytes that are inside the JSON document; null when there are none. */
export function inlineBytes(dataset: JsonDataset, tag: string): Uint8Array | null {
  const text = dataset[tag]?.InlineBinary
  if (!text) return null
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  } catch {
    return null
  }
}
