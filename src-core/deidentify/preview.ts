/** What becomes of each element of an instance, before and after, as people read it (D8). */
import { joinedBytes } from '../bytes.ts'
import type { DicomDataset, DicomElement, DicomFile } from '../dicom/dataset.ts'
import { TAG, tagText, vrOf } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { elementNumbers, elementTexts } from '../dicom/values.ts'
import { deidentifyInstance, type DeidentifyContext } from './deidentify.ts'

export interface PreviewRow {
  /** Tags and items from the top, for example (0040,0275)[0]/(0040,0007). */
  readonly path: string
  readonly tag: string
  readonly keyword: string
  readonly action: 'removed' | 'replaced' | 'kept' | 'cleaned'
  /**
   * Values joined by "\", numbers as they are; of binary values their length; of sequences nothing, since their items
   * follow. Empty: not there.
   */
  readonly before: string
  readonly after: string
}

/** Longer values say no more. */
const LONGEST = 200
const NUMERIC = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'AT'])

/**
 * Every element of the header with what de-identifying does to it. Of the pixels it says only whether regions are
 * painted.
 * @param file read with stopAtPixelData, or whole
 * @error what deidentifyInstance throws, but for pixel-review-required and burned-in-annotation: nothing leaves here
 */
export function previewDeidentified(
  file: DicomFile,
  context: Omit<DeidentifyContext, 'preview' | 'cleanedPixels'>,
): PreviewRow[] {
  const header: DicomFile = { ...file, partial: false, dataset: withoutPixels(file.dataset) }
  const made = deidentifyInstance(header, { ...context, regions: [], pixelsReviewed: true, preview: true })
  const before = valuesByPath(header.dataset)
  const after = valuesByPath(parseDicom(joinedBytes(made.chunks)).dataset)
  const rows = made.actions.map(({ path, tag, keyword, action }): PreviewRow => {
    const [old, now] = [before.get(path) ?? '', after.get(path) ?? '']
    // Written anew, but the same: nothing becomes of it.
    const same = action === 'replaced' && before.has(path) && old === now && vrOf(tag) !== 'SQ'
    return { path, tag: tagText(tag), keyword, action: same ? 'kept' : action, before: old, after: now }
  })
  const pixels = file.pixelData ?? file.dataset.elements.get(TAG.PixelData)
  if (!pixels) return rows
  const length = 'valueLength' in pixels ? pixels.valueLength : pixels.length
  const size = length === 0xffffffff ? '…' : binary(length)
  return [
    ...rows,
    {
      path: tagText(TAG.PixelData),
      tag: tagText(TAG.PixelData),
      keyword: 'PixelData',
      action: context.regions?.length ? 'cleaned' : 'kept',
      before: size,
      after: size,
    },
  ]
}

function withoutPixels(dataset: DicomDataset): DicomDataset {
  return { ...dataset, elements: new Map([...dataset.elements].filter(([tag]) => tag >>> 16 !== 0x7fe0)) }
}

function valuesByPath(dataset: DicomDataset, above = '', values = new Map<string, string>()): Map<string, string> {
  for (const element of dataset.elements.values()) {
    const path = above + tagText(element.tag)
    values.set(path, shown(dataset, element))
    element.items?.forEach((item, index) => valuesByPath(item, `${path}[${index}]/`, values))
  }
  return values
}

function shown(dataset: DicomDataset, element: DicomElement): string {
  if (element.items || element.valueLength === 0) return ''
  // Private values that others passed on as UN are text more often than not.
  const vr = element.vr === 'UN' ? vrOf(element.tag) : element.vr
  if (NUMERIC.has(vr))
    return short(
      elementNumbers(dataset, { ...element, vr })
        .map((value) => (vr === 'AT' ? tagText(value) : String(value)))
        .join('\\'),
    )
  const text = elementTexts(dataset, { ...element, vr })
    .map((value) => value.trim())
    .join('\\')
  return text === '' ? binary(element.valueLength) : short(text)
}

const short = (text: string): string => (text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text)
const binary = (length: number): string => `${length} B`
