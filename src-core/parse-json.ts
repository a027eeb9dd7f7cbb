/**
 * The only place where JSON text becomes a value: a schema says what it must be, and gives what an earlier version did
 * not write yet.
 */
import type { z } from 'zod'
import { OutpostError, type ErrorCode } from './contract/errors.ts'

/**
 * Reads JSON that must be there and be right, such as a stored row.
 * @param code what the failure is called. It says at which key the text does not fit, never what stands there
 * @error code
 */
export function parseJson<Value>(text: string, schema: z.ZodType<Value>, code: ErrorCode): Value {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The message of a SyntaxError quotes the text, which may name a person: it is no cause to keep.
    throw new OutpostError(code, { at: 'syntax' })
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new OutpostError(code, { at: parsed.error.issues[0]?.path.join('.') ?? '' })
}

/** Reads JSON that may be missing parts, or be of a newer version. @returns undefined when it does not fit */
export function tryParseJson<Value>(text: string, schema: z.ZodType<Value>): Value | undefined {
  try {
    return parseJson(text, schema, 'internal')
  } catch {
    return undefined
  }
}
