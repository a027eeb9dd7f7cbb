/**
 * Uploads one sealed part by tus 1.0.0 (docs/protocol.md). The upload is created, or found again; then it is sent in
 * chunks with a checksum each, from the offset that the relay states. Nothing is stored here: after a restart the relay
 * is queried.
 */
import { createHash } from 'node:crypto'
import { OutpostError, codeOf, type ErrorCode } from '../../src-core/contract/errors.ts'
import type { SealedPart } from '../../src-core/contract/relay.ts'
import type { Waiting } from './backoff.ts'
import { linkedAbort } from './linked-abort.ts'
import { answerFailure, relayFailure, type RelayConnection } from './relay-address.ts'

export interface PartUpload {
  readonly packageId: string
  readonly part: SealedPart
  /** The tree hash of the part, in hex; the relay compares it once the last byte has arrived. */
  readonly tree: string
  /** Returns exactly the requested bytes of the sealed file. They are valid until the next read but one. */
  readonly read: (offset: number, length: number) => Promise<Uint8Array<ArrayBuffer>>
}

export interface UploadOptions {
  readonly connection: RelayConnection
  readonly signal: AbortSignal
  readonly waiting: Waiting
  /** Milliseconds of a monotonic clock. */
  readonly clock: () => number
  /** Called with the number of bytes of this part that the relay has acknowledged. */
  readonly onOffset: (offset: number) => void
}

const MIB = 2 ** 20
export const SMALLEST_CHUNK = 256 * 1024
export const LARGEST_CHUNK = 8 * MIB
/** A chunk of a part, and its SHA-256 in base64. */
interface Chunk {
  readonly offset: number
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly sha256: string
}

/** Target duration of a chunk: long enough that requests cost little, short enough that a lost one costs little. */
const CHUNK_SECONDS = 5
/** Number of tries in a row without progress, after which the outbox tries again later. */
const TRIES = 5
const ANSWER_TIMEOUT_MS = 120_000
/** Failures after which the upload is continued. */
const TEMPORARY: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'offline',
  'relay-error',
  'checksum-mismatch',
  'offset-mismatch',
  'upload-not-found',
])

/** The next chunk's size in bytes, from the duration of the last one: at most doubled or halved. */
export function nextChunkSize(size: number, sent: number, seconds: number): number {
  const ideal = seconds > 0 ? (sent / seconds) * CHUNK_SECONDS : LARGEST_CHUNK
  return Math.round(Math.min(LARGEST_CHUNK, Math.max(SMALLEST_CHUNK, Math.min(size * 2, Math.max(size / 2, ideal)))))
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64')

/** Upload-Offset of an answer. @error relay-error when it is missing or invalid */
function offsetOf(response: Response, size: number): number {
  const offset = Number(response.headers.get('upload-offset') ?? Number.NaN)
  if (!Number.isSafeInteger(offset) || offset < 0 || offset > size)
    throw new OutpostError('relay-error', { header: 'Upload-Offset' })
  return offset
}

/** Whether a failed request may succeed when it is repeated, with a smaller chunk for too-large. */
const mayTryAgain = (code: ErrorCode, chunkSize: number): boolean =>
  TEMPORARY.has(code) || (code === 'too-large' && chunkSize > SMALLEST_CHUNK)

/**
 * Uploads one part completely. Resolves once the relay has acknowledged its last byte.
 * @error offline, relay-error, revoked, relay-refused, checksum-mismatch, cancelled
 */
export async function uploadPart(upload: PartUpload, options: UploadOptions): Promise<void> {
  await new PartUploader(upload, options).run()
}

class PartUploader {
  readonly #upload: PartUpload
  readonly #options: UploadOptions
  /** Bytes of the sealed part. */
  readonly #size: number

  constructor(upload: PartUpload, options: UploadOptions) {
    this.#upload = upload
    this.#options = options
    this.#size = upload.part.size
  }

  async run(): Promise<void> {
    let upload: { url: string; offset: number } | null = null
    let offsetIsCurrent = false
    let mismatches = 0
    let chunkSize = SMALLEST_CHUNK * 4
    let next: Promise<Chunk | null> | null = null
    for (let tries = 0; ; ) {
      try {
        this.#options.signal.throwIfAborted()
        if (!upload) upload = await this.#createOrFind()
        else if (!offsetIsCurrent) upload.offset = await this.#currentOffset(upload.url)
        offsetIsCurrent = true
        this.#options.onOffset(upload.offset)
        if (upload.offset === this.#size) return
        const ready: Chunk | null = await next
        const chunk: Chunk = ready?.offset === upload.offset ? ready : await this.#readChunk(upload.offset, chunkSize)
        const end = chunk.offset + chunk.bytes.length
        const begun = this.#options.clock()
        const sending = this.#sendChunk(upload.url, chunk)
        // The next chunk is read and hashed while the relay writes this one. A chunk that fails here is read again.
        next = end < this.#size ? this.#readChunk(end, chunkSize).catch(() => null) : null
        const reached: number = await sending
        if (reached <= upload.offset) throw new OutpostError('relay-error', { header: 'Upload-Offset' })
        chunkSize = nextChunkSize(chunkSize, chunk.bytes.length, (this.#options.clock() - begun) / 1000)
        upload.offset = reached
        tries = 0
      } catch (error) {
        if (this.#options.signal.aborted) throw new OutpostError('cancelled', {}, { cause: error })
        const code = codeOf(error)
        tries += 1
        // A mismatch of the whole part begins again at 0, so that each such try makes progress.
        if (code === 'checksum-mismatch') mismatches += 1
        if (!mayTryAgain(code, chunkSize) || Math.max(tries, mismatches) >= TRIES) throw error
        if (code === 'upload-not-found') upload = null
        if (code === 'too-large' || code === 'offline') chunkSize = Math.max(SMALLEST_CHUNK, Math.round(chunkSize / 2))
        offsetIsCurrent = false
        // The chunk that was read in advance is dropped: its size was chosen while the connection worked.
        await next
        next = null
        await this.#options.waiting.backoff(tries, this.#options.signal)
      }
    }
  }

  async #request(
    url: string,
    method: string,
    headers: Record<string, string>,
    body?: Uint8Array<ArrayBuffer>,
  ): Promise<Response> {
    const ending = linkedAbort([this.#options.signal], ANSWER_TIMEOUT_MS)
    try {
      return await this.#options.connection.fetch(url, {
        method,
        body: body ?? null,
        redirect: 'error',
        signal: ending.signal,
        headers: { authorization: `Bearer ${this.#options.connection.token}`, 'tus-resumable': '1.0.0', ...headers },
      })
    } catch (error) {
      if (this.#options.signal.aborted) throw new OutpostError('cancelled', {}, { cause: error })
      throw ending.signal.aborted ? new OutpostError('offline', {}, { cause: error }) : relayFailure(error)
    } finally {
      ending.release()
    }
  }

  /**
   * Creates the upload, or finds the one that was begun earlier: the relay identifies it by workstation, package and
   * part.
   */
  async #createOrFind(): Promise<{ url: string; offset: number }> {
    const uploads = `${this.#options.connection.relayUrl}/uploads`
    const { packageId, part, tree } = this.#upload
    const response = await this.#request(uploads, 'POST', {
      'upload-length': String(this.#size),
      'upload-metadata': Object.entries({ packageId, part: part.name, sha256: part.sha256, tree })
        .map(([key, value]) => `${key} ${base64(value)}`)
        .join(','),
    })
    if (response.status === 409) throw new OutpostError('relay-refused', { part: part.name })
    if (response.status !== 200 && response.status !== 201) throw await answerFailure(response)
    await response.body?.cancel()
    // Only the id is used: the relay may know itself by another address than the one that may receive the token.
    const id = /([A-Za-z0-9-]+)$/.exec(response.headers.get('location') ?? '')?.[1]
    if (id === undefined) throw new OutpostError('relay-error', { header: 'Location' })
    return { url: `${uploads}/${id}`, offset: offsetOf(response, this.#size) }
  }

  async #currentOffset(url: string): Promise<number> {
    const response = await this.#request(url, 'HEAD', {})
    // A HEAD answer has no body with a reason. Creating the upload again either finds it or returns the reason.
    if (!response.ok) throw new OutpostError('upload-not-found', { status: response.status })
    return offsetOf(response, this.#size)
  }

  async #readChunk(offset: number, size: number): Promise<Chunk> {
    // The relay stores pieces of the largest chunk's size: a chunk that ends where such a piece ends is written once.
    const untilPieceEnds = LARGEST_CHUNK - (offset % LARGEST_CHUNK)
    const bytes = await this.#upload.read(offset, Math.min(size, this.#size - offset, untilPieceEnds))
    return { offset, bytes, sha256: createHash('sha256').update(bytes).digest('base64') }
  }

  async #sendChunk(url: string, { offset, bytes, sha256 }: Chunk): Promise<number> {
    const response = await this.#request(
      url,
      'PATCH',
      {
        'content-type': 'application/offset+octet-stream',
        'upload-offset': String(offset),
        'upload-checksum': `sha256 ${sha256}`,
      },
      bytes,
    )
    if (response.status === 204) return offsetOf(response, this.#size)
    if (response.status === 460) throw new OutpostError('checksum-mismatch')
    if (response.status === 409 || response.status === 423)
      throw new OutpostError('offset-mismatch', { status: response.status })
    if (response.status === 413) throw new OutpostError('too-large')
    if (response.status === 404 || response.status === 410) throw new OutpostError('upload-not-found')
    throw await answerFailure(response)
  }
}
