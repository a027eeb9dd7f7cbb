/** Shows a person what de-identification does to each element of an instance, with the value before and after (D8). */
import { joinedBytes } from '../bytes.ts'
import type { DicomDataset, DicomElement, DicomFile } from '../dicom/dataset.ts'
import { TAG, tagText, vrOf } from '../dicom/dictionary.ts'
import { parseDicom } from '../dicom/parse.ts'
import { elementNumbers, elementTexts } from '../dicom/values.ts'
import { deidentifyInstance, type DeidentifyContext } from './deidentify.ts'

export interface PreviewRow {
  /** The tags and item numbers from the top level on, for example (0040,0275)[0]/(0040,0007). */
  readonly path: string
  readonly tag: string
  readonly keyword: string
  readonly action: 'removed' | 'replaced' | 'kept' | 'cleaned'
  /**
   * The values, joined by "\". For binary values their length is given; for a sequence it is empty, because its items
   * are rows of their own. An empty text also means that the element is absent.
   */
  readonly before: string
  readonly after: string
}

/**
 * The maximum length of a shown value in characters. Longer values are cut, because the rest does not help the reader.
 */
const MAX_SHOWN_LENGTH = 200
const NUMERIC = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'AT'])

/**
 * Every element of the header, with what de-identification does to it. For the pixels it is only shown whether regions
 * are blacked out.
 * @param file read with stopAtPixelData, or as a whole
 * @error what deidentifyInstance throws, except pixel-review-required and burned-in-annotation, because a preview sends
 * nothing
 */
export function previewDeidentified(
  file: DicomFile,
  context: Omit<DeidentifyContext, 'preview' | 'cleanedPixels'>,
): PreviewRow[] {
  const header: DicomFile = { ...file, partial: false, dataset: withoutPixels(file.dataset) }
  const deidentified = deidentifyInstance(header, { ...context, regions: [], pixelsReviewed: true, preview: true })
  const valuesBefore = valuesByPath(header.dataset)
  const valuesAfter = valuesByPath(parseDicom(joinedBytes(deidentified.chunks)).dataset)
  const rows = deidentified.actions.map(({ path, tag, keyword, action }): PreviewRow => {
    const [oldValue, newValue] = [valuesBefore.get(path) ?? '', valuesAfter.get(path) ?? '']
    // The element was written again with the same value, so it is shown as kept.
    const isUnchanged = action === 'replaced' && valuesBefore.has(path) && oldValue === newValue && vrOf(tag) !== 'SQ'
    return {
      path,
      tag: tagText(tag),
      keyword,
      action: isUnchanged ? 'kept' : action,
      before: oldValue,
      after: newValue,
    }
  })
  const pixels = file.pixelData ?? file.dataset.elements.get(TAG.PixelData)
  if (!pixels) return rows
  const length = 'valueLength' in pixels ? pixels.valueLength : pixels.length
  const size = length === 0xffffffff ? '…' : lengthText(length)
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

function valuesByPath(dataset: DicomDataset, parentPath = '', values = new Map<string, string>()): Map<string, string> {
  for (const element of dataset.elements.values()) {
    const path = parentPath + tagText(element.tag)
    values.set(path, shownValue(dataset, element))
    element.items?.forEach((item, index) => valuesByPath(item, `${path}[${index}]/`, values))
  }
  return values
}

function shownValue(dataset: DicomDataset, element: DicomElement): string {
  if (element.items || element.valueLength === 0) return ''
  // Values of VR UN, which other systems passed on without knowing them, are usually text.
  const vr = element.vr === 'UN' ? vrOf(element.tag) : element.vr
  if (NUMERIC.has(vr))
    return shortened(
      elementNumbers(dataset, { ...element, vr })
        .map((value) => (vr === 'AT' ? tagText(value) : String(value)))
        .join('\\'),
    )
  const text = elementTexts(dataset, { ...element, vr })
    .map((value) => value.trim())
    .join('\\')
  return text === '' ? lengthText(element.valueLength) : shortened(text)
}

const shortened = (text: string): string =>
  text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}…` : text
const lengthText = (length: number): string => `${length} B`
