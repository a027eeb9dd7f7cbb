/**
 * Serves tus 1.0.0 with the extensions creation, checksum and termination, as docs/protocol.md specifies. An offset is
 * acknowledged only once its bytes are on disk.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { Hono, type Context } from 'hono'
import { OutpostError, codeOf } from '../../src-core/contract/errors.ts'
import { Id } from '../../src-core/contract/identifiers.ts'
import type { RelayContext } from '../ports/relay-context.ts'
import { failureLine } from '../../src-engine/failure-line.ts'
import { statusOf } from '../http/rpc-errors.ts'
import { readBody } from '../../src-engine/http/request-body.ts'
import { authenticate } from '../callers/workstation-identity.ts'
import { withUploadLock } from './upload-lock.ts'
import { receiveChunk } from './receive-chunk.ts'
import { readChecksum, readCount, readMetadata, type Checksum } from './upload-metadata.ts'
import { MAX_CHUNK, MAX_UPLOAD } from './upload-parts.ts'
import { requireRoom } from './upload-room.ts'
import { createUpload, findUpload, isShared, removeUpload } from './upload-records.ts'

const VERSION = '1.0.0'

/** Returns the endpoint, which is mounted at /uploads. */
export function tusUploads(relay: RelayContext): Hono {
  const app = new Hono()

  app.use(async (c, next) => {
    if (c.req.method !== 'OPTIONS' && c.req.header('tus-resumable') !== VERSION) {
      c.header('Tus-Version', VERSION)
      return c.json({ code: 'bad-request' }, 412)
    }
    await next()
    c.header('Tus-Resumable', VERSION)
    return undefined
  })

  app.onError((error, c) => {
    c.header('Tus-Resumable', VERSION)
    if (codeOf(error) === 'checksum-mismatch') return checksumMismatch()
    if (error instanceof OutpostError) return c.json({ code: error.code }, statusOf(error.code) as 400)
    relay.config.log?.(failureLine(`uploads ${c.req.method}`, error))
    return c.json({ code: 'internal' }, 500)
  })

  app.options('*', (c) =>
    c.body(null, 204, {
      'Tus-Version': VERSION,
      'Tus-Extension': 'creation,checksum,termination',
      'Tus-Max-Size': String(MAX_UPLOAD),
      'Tus-Checksum-Algorithm': 'sha256,sha1',
    }),
  )
  app.post('/', (c) => create(relay, c))
  // Hono calls the handler of GET for HEAD requests.
  app.get('/:id', (c) => answerOffset(relay, c))
  app.patch('/:id', (c) => receive(relay, c))
  app.delete('/:id', (c) => terminate(relay, c))
  return app
}

async function create(relay: RelayContext, c: Context): Promise<Response> {
  const { workstationId } = await authenticate(relay, c.req.raw)
  const length = readCount(c.req.header('upload-length'))
  if (length > MAX_UPLOAD) throw new OutpostError('too-large')
  if (length === 0) throw new OutpostError('bad-request')
  const { packageId, part, sha256, tree } = readMetadata(c.req.header('upload-metadata') ?? '')
  const newUpload = { workstationId, packageId, part, length, sha256, treeSha256: tree ?? null }
  const { upload, isNew } = await createUpload(relay, newUpload)
  return c.body(null, isNew ? 201 : 200, {
    Location: `${relay.config.publicUrl}/uploads/${upload.uploadId}`,
    'Upload-Offset': String(upload.received),
  })
}

/** Answers HEAD with the offset. @error not-found for GET, because an upload cannot be downloaded */
async function answerOffset(relay: RelayContext, c: Context): Promise<Response> {
  const upload = await findUpload(relay, (await authenticate(relay, c.req.raw)).workstationId, idOf(c))
  if (c.req.method !== 'HEAD') throw new OutpostError('not-found')
  return c.body(null, 200, {
    'Upload-Offset': String(upload.received),
    'Upload-Length': String(upload.length),
    'Cache-Control': 'no-store',
  })
}

async function receive(relay: RelayContext, c: Context): Promise<Response> {
  const { workstationId } = await authenticate(relay, c.req.raw)
  if (c.req.header('content-type') !== 'application/offset+octet-stream') return c.json({ code: 'bad-request' }, 415)
  const id = idOf(c)
  await findUpload(relay, workstationId, id)
  const offset = readCount(c.req.header('upload-offset'))
  const checksum = c.req.header('upload-checksum')
  const expected = checksum === undefined ? null : readChecksum(checksum)
  const chunk = await readBody(c.req.raw, MAX_CHUNK)
  const isDamaged = expected !== null && !hasDigest(chunk, expected)
  const received = await withUploadLock(relay.lockPool, id, async () => {
    const upload = await findUpload(relay, workstationId, id)
    if (offset !== upload.received) throw new OutpostError('offset-mismatch')
    if (offset + chunk.length > upload.length) throw new OutpostError('too-large')
    // Before anything is stored: a damaged chunk changes nothing.
    if (isDamaged) throw new OutpostError('checksum-mismatch')
    if (chunk.length === 0) return offset
    await requireRoom(relay, chunk.length)
    return receiveChunk(relay, upload, chunk)
  })
  if (received === null) return c.json({ code: 'offset-mismatch' }, 423)
  return c.body(null, 204, { 'Upload-Offset': String(received) })
}

async function terminate(relay: RelayContext, c: Context): Promise<Response> {
  const { workstationId } = await authenticate(relay, c.req.raw)
  const id = idOf(c)
  await findUpload(relay, workstationId, id)
  const wasRemoved = await withUploadLock(relay.lockPool, id, async () => {
    // An upload of a live share stays, because the share was confirmed as delivered.
    if (await isShared(relay, id)) throw new OutpostError('not-in-this-state')
    await removeUpload(relay, id)
    return true
  })
  return wasRemoved === null ? c.json({ code: 'offset-mismatch' }, 423) : c.body(null, 204)
}

/** The answer that the tus extension `checksum` defines. HTTP itself has no status 460. */
function checksumMismatch(): Response {
  return new Response(JSON.stringify({ code: 'checksum-mismatch' }), {
    status: 460,
    statusText: 'Checksum Mismatch',
    headers: { 'Content-Type': 'application/json', 'Tus-Resumable': VERSION },
  })
}

/** @error upload-not-found */
function idOf(c: Context): string {
  const id = Id.safeParse(c.req.param('id'))
  if (!id.success) throw new OutpostError('upload-not-found')
  return id.data
}

function hasDigest(chunk: Uint8Array, { algorithm, digest }: Checksum): boolean {
  const actual = createHash(algorithm).update(chunk).digest()
  return actual.length === digest.length && timingSafeEqual(actual, digest)
}
