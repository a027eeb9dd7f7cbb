/**
 * A DICOMweb server for the pages' tests: synthetic series whose stored values are computed from their position, no
 * files.
 */
import sharp from 'sharp'
import { bytesElement, filePreambleAndMeta, textElement, writeDataset } from '../../../src-core/dicom/write.ts'

export interface FakeSeries {
  readonly SeriesInstanceUID: string
  readonly Modality: string
  readonly SeriesDescription: string
  /** The number of images, or of frames of one instance for multiframe. */
  readonly images: number
  readonly kind: 'ct' | 'x-ray' | 'colour' | 'multiframe' | 'report' | 'video' | 'damaged'
  readonly size?: number
}

export interface FakeDicomwebOptions {
  /** Returns the series of a study; an unknown study is answered by 404. */
  readonly seriesOf: (StudyInstanceUID: string) => readonly FakeSeries[] | undefined
  /** Is called before each answer; it may throw, or wait to be slow. */
  readonly before?: (path: string) => Promise<void> | void
}

const CT = '1.2.840.10008.5.1.4.1.1.2'
const CLASSES: Record<FakeSeries['kind'], string> = {
  ct: CT,
  'x-ray': '1.2.840.10008.5.1.4.1.1.1.1',
  colour: '1.2.840.10008.5.1.4.1.1.6.1',
  multiframe: '1.2.840.10008.5.1.4.1.1.2.1',
  report: '1.2.840.10008.5.1.4.1.1.104.1',
  video: '1.2.840.10008.5.1.4.1.1.77.1.1.1',
  damaged: CT,
}

/**
 * Answers WADO-RS metadata, frames, rendered pictures and thumbnails, and series and instances of QIDO-RS, with any
 * prefix before /studies.
 */
export function fakeDicomweb(options: FakeDicomwebOptions): (request: Request) => Promise<Response> {
  return async (request) => {
    const path = new URL(request.url).pathname.replace(/^.*?\/studies\//, '')
    await options.before?.(path)
    const [study, , uid, kind, third, ...restOfPath] = path.split('/') as [
      string,
      string,
      string?,
      string?,
      string?,
      ...string[],
    ]
    const allSeries = options.seriesOf(study)
    const series = uid === undefined ? undefined : allSeries?.find((one) => one.SeriesInstanceUID === uid)
    if (!allSeries || (uid !== undefined && !series)) return refusal(404, 'study-not-found')
    if (!series)
      return json(
        allSeries.map((one) => ({ ...head(study, one), '00201209': is(one.kind === 'multiframe' ? 1 : one.images) })),
      )
    if (kind === 'metadata' || (kind === 'instances' && third === undefined)) return json(metadataOf(study, series))
    if (kind === 'thumbnail') return picture(series, Math.floor(series.images / 2), request)
    const instance = Number(third?.split('.').at(-1))
    if (restOfPath[0] === 'frames')
      return frame(
        series,
        series.kind === 'multiframe' ? Number(restOfPath[1]) - 1 : instance - 1,
        restOfPath[2] === 'rendered',
        request,
      )
    if (restOfPath.length === 0)
      return new Response(part10(series, third!), { headers: { 'content-type': 'application/dicom' } })
    return picture(series, instance - 1, request)
  }
}

async function frame(series: FakeSeries, index: number, rendered: boolean, request: Request): Promise<Response> {
  if (series.kind === 'damaged' && index === 2) return refusal(422, 'decode-failed')
  if (rendered) return picture(series, index, request)
  const samples = samplesOf(series, index)
  return new Response(new Uint8Array(samples.buffer), {
    headers: {
      'content-type': 'application/octet-stream',
      'x-outpost-bits-allocated': String(samples.BYTES_PER_ELEMENT * 8),
      'x-outpost-samples': series.kind === 'colour' ? '3' : '1',
      'x-outpost-photometric': photometric(series),
      'x-outpost-pixel-representation': samples instanceof Int16Array ? '1' : '0',
    },
  })
}

const photometric = (series: FakeSeries) =>
  series.kind === 'colour' ? 'RGB' : series.kind === 'x-ray' ? 'MONOCHROME1' : 'MONOCHROME2'
const sizeOf = (series: FakeSeries) => series.size ?? (series.kind === 'colour' ? 256 : 512)

/** Returns stored values: for CT a body with lungs and a spine in HU + 1024, which changes from slice to slice. */
export function samplesOf(series: FakeSeries, index: number): FakeSamples {
  const key = `${series.SeriesInstanceUID} ${index}`
  const made = samplesByKey.get(key) ?? makeSamples(series, index)
  samplesByKey.set(key, made)
  return made
}

type FakeSamples = Int16Array<ArrayBuffer> | Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>
const samplesByKey = new Map<string, FakeSamples>()

function makeSamples(series: FakeSeries, index: number): FakeSamples {
  const size = sizeOf(series)
  const along = series.images > 1 ? index / (series.images - 1) : 0.5
  const inside = (x: number, y: number, middleX: number, middleY: number, radiusX: number, radiusY: number) =>
    ((x - middleX) / radiusX) ** 2 + ((y - middleY) / radiusY) ** 2 < 1
  const hounsfield = (x: number, y: number): number => {
    if (!inside(x, y, 0, 0, 0.82, 0.6)) return -1000
    if (inside(x, y, 0, 0.38, 0.1, 0.1)) return 700
    const lung = 0.34 * Math.sin(Math.PI * along)
    if (inside(x, y, -0.38, -0.05, lung, lung * 1.1) || inside(x, y, 0.38, -0.05, lung, lung * 1.1)) return -820
    if (inside(x, y, 0.08, -0.1, 0.2, 0.18)) return 45
    if (!inside(x, y, 0, 0, 0.74, 0.52)) return -100
    return 55 + 15 * Math.sin(x * 40) * Math.cos(y * 34)
  }
  const at = (pixel: number) => [((pixel % size) / size) * 2 - 1, (Math.floor(pixel / size) / size) * 2 - 1] as const
  if (series.kind === 'colour') {
    return Uint8Array.from({ length: size * size * 3 }, (_, sample) => {
      const [x, y] = at(Math.floor(sample / 3))
      const fan = Math.abs(x) < (y + 1) * 0.5 ? 60 + 90 * Math.abs(Math.sin(x * 30 + index)) : 0
      return sample % 3 === 0 && inside(x, y, 0, 0.2, 0.2, 0.1) ? 220 : fan
    })
  }
  if (series.kind === 'x-ray')
    return Uint16Array.from(
      { length: size * size },
      (_, pixel) => 3000 - Math.min(2900, Math.max(0, hounsfield(...at(pixel)) + 1000)),
    )
  return Int16Array.from({ length: size * size }, (_, pixel) => hounsfield(...at(pixel)) + 1024)
}

async function picture(series: FakeSeries, index: number, request: Request): Promise<Response> {
  if (series.kind === 'report' || series.kind === 'video')
    return refusal(422, series.kind === 'video' ? 'video' : 'no-pixel-data')
  const samples = samplesOf(series, index)
  const size = sizeOf(series)
  const bytes =
    series.kind === 'colour'
      ? new Uint8Array(samples.buffer)
      : Uint8Array.from(samples, (value) =>
          Math.min(
            255,
            Math.max(0, series.kind === 'x-ray' ? 255 - value / 12 : ((value - 1024 - 40) / 400 + 0.5) * 255),
          ),
        )
  const wanted = Number(/viewport=(\d+)/.exec(request.url)?.[1] ?? size)
  const jpeg = await sharp(bytes, { raw: { width: size, height: size, channels: series.kind === 'colour' ? 3 : 1 } })
    .resize(Math.min(wanted, size))
    .jpeg()
    .toBuffer()
  return new Response(new Uint8Array(jpeg), { headers: { 'content-type': 'image/jpeg' } })
}

const is = (value: number) => ({ vr: 'IS', Value: [value] })
const text = (vr: string, value: string) => ({ vr, Value: value ? [value] : [] })
const numbers = (...values: number[]) => ({ vr: 'DS', Value: values })

function head(study: string, series: FakeSeries) {
  return {
    '0020000D': text('UI', study),
    '0020000E': text('UI', series.SeriesInstanceUID),
    '00080060': text('CS', series.Modality),
    '0008103E': text('LO', series.SeriesDescription),
    '00200011': is(1),
  }
}

/** Returns one data set for each instance, without pixel data. */
export function metadataOf(study: string, series: FakeSeries) {
  const instances = series.kind === 'multiframe' ? 1 : series.images
  const size = sizeOf(series)
  return Array.from({ length: instances }, (_, index) => ({
    ...head(study, series),
    '00080016': text('UI', CLASSES[series.kind]),
    '00080018': text('UI', `${series.SeriesInstanceUID}.${index + 1}`),
    '00200013': is(index + 1),
    ...(series.kind === 'report'
      ? {}
      : {
          '00280010': { vr: 'US', Value: [size] },
          '00280011': { vr: 'US', Value: [size] },
          '00280002': { vr: 'US', Value: [series.kind === 'colour' ? 3 : 1] },
          '00280100': { vr: 'US', Value: [series.kind === 'colour' ? 8 : 16] },
          '00280103': { vr: 'US', Value: [series.kind === 'ct' ? 1 : 0] },
          '00280004': text('CS', photometric(series)),
        }),
    ...(series.kind === 'multiframe' ? { '00280008': is(series.images), '00181063': numbers(50) } : {}),
    ...(series.kind === 'ct' || series.kind === 'multiframe' || series.kind === 'damaged'
      ? {
          '00281053': numbers(1),
          '00281052': numbers(-1024),
          '00281050': numbers(40),
          '00281051': numbers(400),
          '00280030': numbers(0.7, 0.7),
          '00200037': numbers(1, 0, 0, 0, 1, 0),
          '00200032': numbers(0, 0, index * 5),
          '00280103': { vr: 'US', Value: [1] },
        }
      : {}),
    ...(series.kind === 'x-ray' ? { '00200020': { vr: 'CS', Value: ['L', 'F'] } } : {}),
  }))
}

const json = (body: unknown) =>
  new Response(JSON.stringify(body), { headers: { 'content-type': 'application/dicom+json' } })
const refusal = (status: number, code: string) => Response.json({ code }, { status })

/** Returns an instance as a file: an encapsulated document for a report; the other kinds need none. */
function part10(series: FakeSeries, SOPInstanceUID: string): Uint8Array<ArrayBuffer> {
  const head = filePreambleAndMeta({
    MediaStorageSOPClassUID: CLASSES[series.kind],
    MediaStorageSOPInstanceUID: SOPInstanceUID,
    TransferSyntaxUID: '1.2.840.10008.1.2.1',
  })
  const document =
    series.kind === 'report'
      ? [
          bytesElement(0x00420011, 'OB', new TextEncoder().encode(PDF)),
          textElement(0x00420012, 'LO', 'application/pdf'),
        ]
      : []
  return new Uint8Array([...head, ...writeDataset([textElement(0x00080018, 'UI', SOPInstanceUID), ...document])])
}

/** The smallest document that a viewer opens. */
const PDF = `%PDF-1.4
1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj
2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj
3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj
trailer<</Root 1 0 R>>
`
