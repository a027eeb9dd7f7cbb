/**
 * README.TXT and INDEX.HTM of a package: what it holds, and its pictures, for someone without a DICOM viewer (IHE PDI).
 * Opens from a folder, without a connection.
 */
import { z } from 'zod'

/** The words of one language, from resources/messages/<language>/media.json; {name} stands for what is put in. */
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

/** 21/11/2026 from 20261121; anything else as it is. */
export function plainDay(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(6)}/${date.slice(4, 6)}/${date.slice(0, 4)}` : date
}

function filled(sentence: string, values: Readonly<Record<string, string | number>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole))
}

function fileCount(study: MediaStudy): number {
  return study.series.reduce((sum, series) => sum + series.instances.length, 0)
}

function studyTitle(study: MediaStudy): string {
  return [study.StudyDescription, plainDay(study.StudyDate)].filter(Boolean).join(', ')
}

/** README.TXT: UTF-8 with lines that end as Windows expects. It names no patient, so that it may lie open. */
export function readmeText(content: MediaContent, words: MediaWords): string {
  const count = content.studies.reduce((sum, study) => sum + fileCount(study), 0)
  const lines = [
    words.title,
    '',
    filled(words.from, { sender: content.sender }),
    filled(words.files, { count }),
    '',
    words.unpackFirst,
    words.howToOpen,
    '',
    words.notForDiagnosis,
  ]
  return `${lines.join('\r\n')}\r\n`
}

function seriesSection(series: MediaSeries, words: MediaWords): string {
  const previews = series.instances.flatMap(({ preview }) => (preview === null ? [] : [preview]))
  const title = escaped([series.Modality, series.description].filter(Boolean).join(' · '))
  const [first] = previews
  const picture =
    first === undefined
      ? `<p>${escaped(words.noPreview)}</p>`
      : `<img src="${escaped(first)}" alt="${escaped(filled(words.previewOf, { series: series.description || series.Modality }))}">${
          previews.length > 1
            ? `<input type="range" min="0" max="${previews.length - 1}" value="0" aria-label="${title}" data-previews="${escaped(previews.join(' '))}">`
            : ''
        }`
  return `<section><h3>${title}</h3>${picture}<p>${escaped(filled(words.images, { count: series.instances.length }))}</p></section>`
}

function studySection(study: MediaStudy, words: MediaWords): string {
  const born =
    study.PatientBirthDate === '' ? '' : ` · ${escaped(words.birthDate)} ${escaped(plainDay(study.PatientBirthDate))}`
  return `<article><h2>${escaped(studyTitle(study))}</h2><p>${escaped(words.patient)} <b>${escaped(study.patient)}</b>${born}</p><div>${study.series.map((series) => seriesSection(series, words)).join('')}</div></article>`
}

const STYLE =
  'body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:72rem;padding:0 1rem;color:#1a1a1a;background:#fff}div{display:flex;flex-wrap:wrap;gap:1rem}' +
  'section{width:20rem}img{width:100%;background:#000;display:block}input{width:100%}h3{font-size:1rem;margin:0 0 .5rem}blockquote{white-space:pre-wrap;border-left:.25rem solid #888;margin:1rem 0;padding-left:1rem}'
/** Moves through the pictures of a series. Everything it shows is a path of this package. */
const SCRIPT =
  "for(const r of document.querySelectorAll('input[data-previews]')){const p=r.dataset.previews.split(' ');r.addEventListener('input',()=>{r.previousElementSibling.src=p[r.value]})}"

/** INDEX.HTM: everything from outside is text, never markup. */
export function indexPage(content: MediaContent, words: MediaWords): string {
  const message =
    content.message === ''
      ? ''
      : `<h2>${escaped(words.message)}</h2><blockquote>${escaped(content.message)}</blockquote>`
  return (
    `<!doctype html><html lang="${escaped(words.lang)}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(words.title)}</title><style>${STYLE}</style></head>` +
    `<body><h1>${escaped(words.title)}</h1><p>${escaped(filled(words.from, { sender: content.sender }))}</p><p>${escaped(words.notForDiagnosis)} ${escaped(words.howToOpen)}</p>${message}` +
    `${content.studies.map((study) => studySection(study, words)).join('')}<script>${SCRIPT}</script></body></html>`
  )
}
