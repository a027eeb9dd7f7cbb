import { expect, it } from 'vitest'
import { decodeReduced } from './reduced-jpeg-2000.ts'

it('W3: a codestream that yields no pixels is refused, so that no empty picture is made', async () => {
  await expect(decodeReduced(new Uint8Array(100), 1)).rejects.toMatchObject({ code: 'decode-failed' })
})
