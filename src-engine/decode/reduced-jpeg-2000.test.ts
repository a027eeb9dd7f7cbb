import { expect, it } from 'vitest'
import { decodeReduced } from './reduced-jpeg-2000.ts'

it('W3: a codestream that yields no pixels at all is refused, so that no picture of nothing is made of it', async () => {
  await expect(decodeReduced(new Uint8Array(100), 1)).rejects.toMatchObject({ code: 'decode-failed' })
})
