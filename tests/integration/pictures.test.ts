import { describe, expect, it } from 'vitest'
import { pictureSources } from '../support/picture-sources.ts'
import { runPictures } from '../support/pictures.ts'

/**
 * From 64 and from 8,192 on a job number takes one more byte in a message to a decode process, which shifts the rest.
 */
const EDGES = [64, 8_192, 16_384]

describe('pictures one after another', () => {
  it.each(EDGES)(
    'W3, X6: a picture of every syntax comes at relay and workstation, whatever the job is numbered: around %i',
    async (edge) => {
      const sources = await pictureSources()
      const { pictures, wrong } = await runPictures(sources, {
        firstJob: edge - sources.length,
        count: 2 * sources.length,
      })
      expect(wrong).toEqual([])
      expect(pictures).toBe(4 * sources.length)
    },
  )
})
