/** The images of the fake workstation: drawn thumbnails, and synthetic stored values for the viewer. */
import { fakeDicomweb } from './fake-dicomweb.ts'
import type { FakeState } from './fake-state.ts'
import { inventSeries, random } from './invented-data.ts'

/**
 * Returns a grey picture that resembles a slice well enough to judge a layout; the same address gives the same picture.
 */
function drawing(seed: string): string {
  const next = random([...seed].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7))
  const width = 34 + next() * 12
  const shapes = Array.from({ length: 7 }, () => {
    const tone = Math.floor(60 + next() * 150)
    const center = `cx="${34 + next() * 60}" cy="${40 + next() * 46}"`
    const radii = `rx="${4 + next() * 14}" ry="${4 + next() * 16}"`
    return `<ellipse ${center} ${radii} fill="rgb(${tone},${tone},${tone})"/>`
  })
  const body = `<ellipse cx="64" cy="64" rx="${width + 10}" ry="${width}" fill="#4a4a4a"/>`
  const content = `<rect width="128" height="128"/>${body}${shapes.join('')}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 128 128">${content}</svg>`
}

/** Answers the /dicomweb requests of the fake. */
export async function fakeDicomWeb(state: FakeState, request: Request): Promise<Response> {
  const { pathname } = new URL(request.url)
  if (pathname.endsWith('/thumbnail'))
    return new Response(drawing(pathname), {
      headers: { 'content-type': 'image/svg+xml', 'cache-control': 'private, max-age=60' },
    })
  const source = fakeDicomweb({
    seriesOf: (StudyInstanceUID) => {
      const study = state.studies.find((entry) => entry.StudyInstanceUID === StudyInstanceUID)
      return (
        study &&
        inventSeries(study).map((series) => ({
          SeriesInstanceUID: series.SeriesInstanceUID,
          Modality: series.Modality,
          SeriesDescription: series.SeriesDescription,
          images: series.instances,
          kind: series.Modality === 'CR' ? ('x-ray' as const) : ('ct' as const),
        }))
      )
    },
  })
  return source(request)
}
