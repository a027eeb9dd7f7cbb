import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { pageFile } from './page-files.ts'

describe('files of the recipients’ pages', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'pages-'))
  const script = 'const image = 1\n'.repeat(500)
  writeFileSync(path.join(folder, 'index-abcdefgh.js'), script)
  writeFileSync(path.join(folder, 'picture.png'), 'x'.repeat(5000))
  afterAll(() => rmSync(folder, { recursive: true }))

  it('U9: scripts are compressed for browsers that accept it, and plain for others', async () => {
    for (let again = 0; again < 2; again++) {
      const compressed = await pageFile(folder, 'index-abcdefgh.js', 'gzip, deflate, br')
      const bytes = new Uint8Array(await compressed.arrayBuffer())
      expect([
        compressed.headers.get('content-encoding'),
        compressed.headers.get('content-length'),
        compressed.headers.get('vary'),
      ]).toEqual(['gzip', String(bytes.length), 'Accept-Encoding'])
      expect(gunzipSync(bytes).toString()).toBe(script)
    }
    const plain = await pageFile(folder, 'index-abcdefgh.js', 'gzip;q=0')
    expect([plain.headers.get('content-encoding'), await plain.text()]).toEqual([null, script])
  })
  it('pictures are compressed already, and are sent as they are', async () =>
    expect((await pageFile(folder, 'picture.png', 'gzip')).headers.get('content-encoding')).toBeNull())
  it('a file outside the folder is not served', async () =>
    expect((await pageFile(folder, '../index-abcdefgh.js', 'gzip')).status).toBe(404))
})
