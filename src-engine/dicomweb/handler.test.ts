import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { OutpostError } from '../../src-core/contract/errors.ts'
import { imageAttributes, part10, words } from '../decode/part10.fixture.ts'
import { runTask } from '../decode-process/task.ts'
import type { DicomJson, DicomWebSource } from '../dicomweb-source.ts'
import type { DecodedFrame, Imaging, Inspection, PaintedFrame, Rendered } from '../imaging.ts'
import { dicomweb } from './handler.ts'

const EVLE = '1.2.840.10008.1.2.1'
// Two frames of 2 × 2 words. The later window is so narrow that only the value 4 is white.
const twoFrames = part10(EVLE, imageAttributes(2, 2, words(1, 2, 3, 4, 5, 6, 7, 8), [[0x00280008, 'IS', '2']]))
const report = part10(
  EVLE,
  imageAttributes(2, 2, words(0, 0, 0, 0)).filter(([tag]) => tag !== 0x7fe00010),
)

const row: DicomJson = {
  '00080018': { vr: 'UI', Value: ['1.2.3.4'] },
  '0020000E': { vr: 'UI', Value: ['1.2.3.1'] },
  '00280008': { vr: 'IS', Value: [2] },
}

const reportRow: DicomJson = { ...row, '00080018': { vr: 'UI', Value: ['1.2.3.5'] } }

const store: DicomWebSource = {
  studies: async (query) => [
    {
      '0020000D': { vr: 'UI', Value: ['1.2.3'] },
      '00100010': { vr: 'PN', Value: [{ Alphabetic: query.get('PatientName') ?? '' }] },
    },
  ],
  series: async () => [row],
  instances: async (study) => {
    if (study === '1.2.4') return [reportRow, reportRow, { ...row, '00280010': { vr: 'US', Value: [2] } }]
    return study === '1.2.3' ? [row] : []
  },
  metadata: async (study) => {
    if (study !== '1.2.3') throw new OutpostError('study-not-found')
    return [row]
  },
  instance: async (_study, _series, instance) => {
    if (instance === '1.2.3.5') return { bytes: report }
    if (instance === '1.2.3.6') return { path: '/nowhere/secret-name.dcm' }
    if (instance !== '1.2.3.4') throw new OutpostError('instance-not-found')
    return { bytes: twoFrames }
  },
}

/** The decoders run in this process, because no test data here is hostile. */
const imaging: Imaging = {
  prepare: () => {},
  decodeFrame: (source, frame) => runTask({ kind: 'decode', source, frame }, () => {}) as Promise<DecodedFrame>,
  paintFrame: (source, request) => runTask({ kind: 'paint', source, request }, () => {}) as Promise<PaintedFrame>,
  render: (source, request) => runTask({ kind: 'render', source, request }, () => {}) as Promise<Rendered>,
  inspect: (source, { pixels }) => runTask({ kind: 'inspect', source, pixels }, () => {}) as Promise<Inspection>,
  close: async () => {},
}
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dicomweb-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
})

const at = '/studies/1.2.3/series/1.2.3.1/instances/1.2.3.4'
const get = async (path: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Response> =>
  dicomweb({ source: () => store, imaging, cacheFolder: folder }).fetch(
    new Request(`http://host${path}`, { headers, method }),
  )
const bytes = async (response: Response): Promise<Uint8Array> => new Uint8Array(await response.arrayBuffer())

/** The bodies of a multipart answer, cut at the boundary of its Content-Type. */
async function parts(response: Response): Promise<{ head: string; body: Buffer }[]> {
  const boundary = /boundary=(\S+)$/.exec(response.headers.get('content-type') ?? '')![1]!
  const whole = Buffer.from(await response.arrayBuffer()).toString('latin1')
  const pieces = whole.split(`--${boundary}`)
  expect(pieces.at(-1)).toBe('--\r\n')
  return pieces.slice(1, -1).map((piece) => {
    const gap = piece.indexOf('\r\n\r\n')
    return { head: piece.slice(2, gap), body: Buffer.from(piece.slice(gap + 4, -2), 'latin1') }
  })
}

describe('QIDO-RS and metadata', () => {
  it('X6: studies are answered as DICOM JSON with the query passed on', async () => {
    const response = await get('/studies?PatientName=Example%5EAnna', { accept: 'application/dicom+json' })
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/dicom+json')
    expect(await response.json()).toMatchObject([{ '00100010': { Value: [{ Alphabetic: 'Example^Anna' }] } }])
  })
  it('X6: metadata comes compressed where it is long and the client takes that', async () => {
    const long: DicomWebSource = { ...store, metadata: async () => Array.from({ length: 200 }, () => row) }
    const server = dicomweb({ source: () => long, imaging })
    const ask = (encoding?: string) =>
      server.request('/studies/1.2.3/metadata', encoding ? { headers: { 'accept-encoding': encoding } } : {})
    const packed = await ask('deflate, gzip;q=0.8')
    expect([packed.headers.get('content-encoding'), packed.headers.get('vary')]).toEqual([
      'gzip',
      'accept, accept-encoding',
    ])
    const bytes = new Uint8Array(await packed.arrayBuffer())
    expect(JSON.parse(gunzipSync(bytes).toString())).toEqual(await long.metadata('1.2.3', null, null))
    for (const encoding of [undefined, 'br', 'gzip;q=0', 'identity']) {
      const plain = await ask(encoding)
      expect(plain.headers.get('content-encoding')).toBeNull()
      expect(await plain.json()).toHaveLength(200)
    }
    // Compression would only lengthen a short answer.
    expect(
      (
        await dicomweb({ source: () => store, imaging }).request('/studies/1.2.3/metadata', {
          headers: { 'accept-encoding': 'gzip' },
        })
      ).headers.get('content-encoding'),
    ).toBeNull()
  })
  it('X6: XML metadata is not offered', async () => {
    expect((await get(`${at}/metadata`, { accept: 'multipart/related; type="application/dicom+xml"' })).status).toBe(
      406,
    )
  })
  it('X6: an unknown study is 404 with its code', async () => {
    const response = await get('/studies/9.9/metadata')
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
      404,
      'application/problem+json',
      { code: 'study-not-found', status: 404 },
    ])
  })
  it('nothing but reading is answered', async () => {
    expect((await get('/studies', {}, 'POST')).status).toBe(404)
  })
})

describe('WADO-RS instances and frames', () => {
  it('X6: an instance comes as it is, in one part or bare', async () => {
    const [part] = await parts(await get(at))
    expect(part!.head).toContain(`Content-Type: application/dicom; transfer-syntax=${EVLE}`)
    expect(part!.body.equals(twoFrames)).toBe(true)
    const bare = await get(at, { accept: 'application/dicom' })
    expect(bare.headers.get('content-length')).toBe(String(twoFrames.length))
    expect(await bytes(bare)).toEqual(twoFrames)
  })
  it('X6: an instance in a transfer syntax that it does not have is not acceptable', async () => {
    expect((await get(at, { accept: 'application/dicom; transfer-syntax=1.2.840.10008.1.2.4.50' })).status).toBe(406)
    expect((await get(at, { accept: 'application/dicom; transfer-syntax=*' })).status).toBe(200)
  })
  it('X6: a whole study comes part by part', async () => {
    expect((await parts(await get('/studies/1.2.3'))).map(({ body }) => body.equals(twoFrames))).toEqual([true])
    expect((await get('/studies/9.9')).status).toBe(404)
  })
  it('W3: a frame is its stored values, with their layout told', async () => {
    const response = await get(`${at}/frames/2`, { accept: 'multipart/related; type="application/octet-stream"' })
    expect(response.headers.get('x-outpost-bits-allocated')).toBe('16')
    expect(response.headers.get('x-outpost-photometric')).toBe('MONOCHROME2')
    expect(response.headers.get('x-outpost-samples')).toBe('1')
    expect(response.headers.get('x-outpost-pixel-representation')).toBe('0')
    const length = Number(response.headers.get('content-length'))
    const copy = response.clone()
    expect((await bytes(copy)).length).toBe(length)
    const [part] = await parts(response)
    expect([...part!.body]).toEqual([...words(5, 6, 7, 8)])
  })
  it('W3: one frame comes bare when asked so, several only in parts', async () => {
    expect(await bytes(await get(`${at}/frames/1`, { accept: 'application/octet-stream' }))).toEqual(words(1, 2, 3, 4))
    expect((await get(`${at}/frames/1,2`, { accept: 'application/octet-stream' })).status).toBe(406)
    expect((await parts(await get(`${at}/frames/2,1`))).map(({ body }) => body[0])).toEqual([5, 1])
  })
  it('W3: a frame that is not there is 404, a list that is none is 400', async () => {
    expect(await (await get(`${at}/frames/3`)).json()).toEqual({ code: 'frame-out-of-range', status: 404 })
    for (const list of ['0', 'a', '1,', '-1']) expect((await get(`${at}/frames/${list}`)).status, list).toBe(400)
  })
  it('compressed frames are not offered', async () => {
    expect((await get(`${at}/frames/1`, { accept: 'multipart/related; type="image/jls"' })).status).toBe(406)
  })
  it('a frame that the client has is not sent again', async () => {
    const tag = (await get(`${at}/frames/1`)).headers.get('etag')!
    expect((await get(`${at}/frames/1`, { 'if-none-match': tag })).status).toBe(304)
    expect((await get(`${at}/frames/2`, { 'if-none-match': tag })).status).toBe(200)
  })
  it('HEAD tells the same without a body', async () => {
    const response = await get(at, { accept: 'application/dicom' }, 'HEAD')
    expect([response.status, response.headers.get('content-length'), await response.text()]).toEqual([
      200,
      String(twoFrames.length),
      '',
    ])
  })
  it('an instance without pixels is 404 as a picture, and a missing file never shows its path', async () => {
    expect(await (await get(at.replace('1.2.3.4', '1.2.3.5') + '/rendered')).json()).toEqual({
      code: 'no-pixel-data',
      status: 404,
    })
    const gone = await get(at.replace('1.2.3.4', '1.2.3.6'))
    expect([gone.status, await gone.text()]).toEqual([404, '{"code":"file-gone","status":404}'])
  })
})

describe('rendered pictures', () => {
  const levels = async (response: Response): Promise<number[]> => [
    ...(await sharp(await bytes(response))
      .toColourspace('b-w')
      .raw()
      .toBuffer()),
  ]

  it('W3: without a window the frame spans black to white', async () => {
    // The values 1…4 become 0…255 in steps of 85.
    const response = await get(`${at}/frames/1/rendered`, { accept: 'image/png' })
    expect(response.headers.get('content-type')).toBe('image/png')
    expect(await levels(response)).toEqual([0, 85, 170, 255])
  })
  it('W4: a window that is asked for is applied by its function', async () => {
    // LINEAR with center 3, width 2: the middle is 2.5 and half the width is 0.5, so 2 is black and 3 is white.
    // LINEAR_EXACT with 3, 2: 2 is black, 3 is half (127.5 → 128), 4 is white.
    expect(await levels(await get(`${at}/frames/1/rendered?window=3,2,linear`, { accept: 'image/png' }))).toEqual([
      0, 0, 255, 255,
    ])
    expect(await levels(await get(`${at}/frames/1/rendered?window=3,2,linear-exact`, { accept: 'image/png' }))).toEqual(
      [0, 0, 128, 255],
    )
  })
  it('a window that is none is 400', async () => {
    for (const window of ['3', '3,x,linear', '3,2,cubic', '3,0,linear', '3,2,linear,1'])
      expect((await get(`${at}/rendered?window=${window}`)).status, window).toBe(400)
  })
  it('JPEG is what comes when anything may, and it fits the viewport', async () => {
    const response = await get(`${at}/rendered?viewport=10,40`)
    const { format, width, height } = await sharp(await bytes(response)).metadata()
    expect([format, width, height]).toEqual(['jpeg', 10, 10])
    expect((await get(`${at}/rendered`, { accept: 'image/gif' })).status).toBe(406)
  })
  it('W2: an image stands for a study that holds reports too', async () => {
    expect((await get('/studies/1.2.4/thumbnail')).status).toBe(200)
  })
  it('W2: thumbnails of instance, series and study are the middle, kept on disk', async () => {
    const first = await get(`${at}/thumbnail`)
    expect(first.headers.get('content-type')).toBe('image/jpeg')
    const picture = await bytes(first)
    expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jpg'))).toHaveLength(1)
    expect(await bytes(await get('/studies/1.2.3/series/1.2.3.1/thumbnail'))).toEqual(picture)
    expect(await bytes(await get('/studies/1.2.3/thumbnail'))).toEqual(picture)
    expect((await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jpg'))).toHaveLength(1)
  })
})
