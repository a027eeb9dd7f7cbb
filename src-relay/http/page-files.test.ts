import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { pageFile } from './page-files.ts'

describe('files of the recipients’ pages', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pages-'))
  const program = 'const image = 1\n'.repeat(500)
  writeFileSync(path.join(folder, 'index-abcdefgh.js'), program)
  writeFileSync(path.join(folder, 'picture.png'), 'x'.repeat(5000))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('U9: programs come compressed to who takes that, and whole to others', async () => {
    for (let again = 0; again < 2; again++) {
      const packed = await pageFile(folder, 'index-abcdefgh.js', 'gzip, deflate, br')
      const bytes = new Uint8Array(await packed.arrayBuffer())
      expect([
        packed.headers.get('content-encoding'),
        packed.headers.get('content-length'),
        packed.headers.get('vary'),
      ]).toEqual(['gzip', String(bytes.length), 'Accept-Encoding'])
      expect(gunzipSync(bytes).toString()).toBe(program)
    }
    const plain = await pageFile(folder, 'index-abcdefgh.js', 'gzip;q=0')
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, program])
  })
  it('pictures, which are compressed already, come as they are', async () =>
    expect((await pageFile(folder, 'picture.png', 'gzip')).headers.get('content-encoding')).toBeNull())
  it('nothing outside the folder is answered', async () =>
    expect((await pageFile(folder, '../index-abcdefgh.js', 'gzip')).status).toBe(404))
})
