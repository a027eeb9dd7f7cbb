/**
 * Writes README.TXT and INDEX.HTM of a package: its content and pictures, for people without a DICOM viewer (IHE PDI).
 * The pages open from a folder, without a connection.
 */
import { formatTemplate } from '../messages/format-template.ts'
import { z } from 'zod'

/** The words of one language, from resources/messages/<language>/media.json. {name} is replaced by a value. */
export const MediaWords = z.object({
  lang: z.string(),
  title: z.string(),
  from: z.string(),
  notForDiagnosis: z.string(),
  howToOpen: z.string(),
  unpackFirst: z.string(),
  message: z.string(),
  patient: z.string(),
  birthDate: z.string(),
  images: z.string(),
  files: z.string(),
  noPreview: z.string(),
  previewOf: z.string(),
})
export type MediaWords = Readonly<z.infer<typeof MediaWords>>

export interface MediaSeries {
  readonly description: string
  readonly Modality: string
  readonly instances: readonly { readonly path: string; readonly preview: string | null }[]
}

export interface MediaStudy {
  readonly patient: string
  readonly PatientBirthDate: string
  readonly StudyDescription: string
  readonly StudyDate: string
  readonly series: readonly MediaSeries[]
}

export interface MediaContent {
  readonly sender: string
  readonly message: string
  readonly studies: readonly MediaStudy[]
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** 21/11/2026 for 20261121; any other text is returned as it is. */
export function plainDay(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(6)}/${date.slice(4, 6)}/${date.slice(0, 4)}` : date
}

function fileCount(study: MediaStudy): number {
  return study.series.reduce((sum, series) => sum + series.instances.length, 0)
}

function studyTitle(study: MediaStudy): string {
  return [study.StudyDescription, plainDay(study.StudyDate)].filter(Boolean).join(', ')
}

/** README.TXT in UTF-8 with line ends for Windows. It names no patient, because anyone may read it. */
export function readmeText(content: MediaContent, words: MediaWords): string {
  const count = content.studies.reduce((sum, study) => sum + fileCount(study), 0)
  const lines = [
    words.title,
    '',
    formatTemplate(words.from, { sender: content.sender }),
    formatTemplate(words.files, { count }),
    '',
    words.unpackFirst,
    words.howToOpen,
    '',
    words.notForDiagnosis,
  ]
  return `${lines.join('\r\n')}\r\n`
}

function seriesPicture(series: MediaSeries, title: string, words: MediaWords): string {
  const previews = series.instances.flatMap(({ preview }) => (preview === null ? [] : [preview]))
  const [first] = previews
  if (first === undefined) return `<p>${escaped(words.noPreview)}</p>`
  const description = escaped(formatTemplate(words.previewOf, { series: series.description || series.Modality }))
  const image = `<img src="${escaped(first)}" alt="${description}">`
  if (previews.length === 1) return image
  const paths = escaped(previews.join(' '))
  const range = `min="0" max="${previews.length - 1}" value="0"`
  return `${image}<input type="range" ${range} aria-label="${title}" data-previews="${paths}">`
}

function seriesSection(series: MediaSeries, words: MediaWords): string {
  const title = escaped([series.Modality, series.description].filter(Boolean).join(' · '))
  const count = escaped(formatTemplate(words.images, { count: series.instances.length }))
  return `<section><h3>${title}</h3>${seriesPicture(series, title, words)}<p>${count}</p></section>`
}

function studySection(study: MediaStudy, words: MediaWords): string {
  const born =
    study.PatientBirthDate === '' ? '' : ` · ${escaped(words.birthDate)} ${escaped(plainDay(study.PatientBirthDate))}`
  const patient = `<p>${escaped(words.patient)} <b>${escaped(study.patient)}</b>${born}</p>`
  const sections = study.series.map((series) => seriesSection(series, words)).join('')
  return `<article><h2>${escaped(studyTitle(study))}</h2>${patient}<div>${sections}</div></article>`
}

const STYLE = [
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;',
  'color:#1a1a1a;background:#fff}',
  'div{display:flex;flex-wrap:wrap;gap:1rem}',
  'section{width:20rem}',
  'img{width:100%;background:#000;display:block}',
  'input{width:100%}',
  'h3{font-size:1rem;margin:0 0 .5rem}',
  'blockquote{white-space:pre-wrap;border-left:.25rem solid #888;margin:1rem 0;padding-left:1rem}',
].join('')
/** Switches between the pictures of a series. All addresses in it are paths of this package. */
const SCRIPT =
  "for(const r of document.querySelectorAll('input[data-previews]')){const p=r.dataset.previews.split(' ');" +
  "r.addEventListener('input',()=>{r.previousElementSibling.src=p[r.value]})}"

/** INDEX.HTM. All values from outside are escaped, so that they are text and never markup. */
export function indexPage(content: MediaContent, words: MediaWords): string {
  const message =
    content.message === ''
      ? ''
      : `<h2>${escaped(words.message)}</h2><blockquote>${escaped(content.message)}</blockquote>`
  const title = escaped(words.title)
  const sender = escaped(formatTemplate(words.from, { sender: content.sender }))
  const notes = `${escaped(words.notForDiagnosis)} ${escaped(words.howToOpen)}`
  const studies = content.studies.map((study) => studySection(study, words)).join('')
  return [
    `<!doctype html><html lang="${escaped(words.lang)}"><head><meta charset="utf-8">`,
    `<meta name="viewport" content="width=device-width"><title>${title}</title><style>${STYLE}</style></head>`,
    `<body><h1>${title}</h1><p>${sender}</p><p>${notes}</p>${message}`,
    `${studies}<script>${SCRIPT}</script></body></html>`,
  ].join('')
}
