/**
 * Sends one DICOMweb request. A refusal or a failure of the connection is an OutpostError whose code has a sentence.
 */
import { ERROR_CODES, OutpostError, type ErrorCode } from '../../src-core/contract/errors.ts'
import { requestHeaders } from '../request-headers.ts'

/** @error the server's code; offline; cancelled */
export async function requestDicomweb(url: string, accept: string, signal?: AbortSignal): Promise<Response> {
  let response: Response
  try {
    response = await fetch(url, {
      headers: { accept, ...requestHeaders() },
      signal: signal ?? null,
      credentials: 'same-origin',
    })
  } catch (cause) {
    throw new OutpostError(signal?.aborted ? 'cancelled' : 'offline', {}, { cause })
  }
  if (!response.ok) throw new OutpostError(await codeIn(response))
  return response
}

/** Returns the code in the JSON body of a refusal, else the nearest code for its status. */
async function codeIn(response: Response): Promise<ErrorCode> {
  const body: unknown = await response.json().catch(() => null)
  const code = typeof body === 'object' && body !== null && 'code' in body ? body.code : null
  if ((ERROR_CODES as readonly unknown[]).includes(code)) return code as ErrorCode
  return response.status === 404 ? 'instance-not-found' : response.status === 401 ? 'not-signed-in' : 'decode-failed'
}
