/**
 * Parses JSON text. This is the only place that calls JSON.parse. A schema describes the value and supplies fields that
 * an earlier version did not write.
 */
import type { z } from 'zod'
import { OutpostError, type ErrorCode } from './contract/errors.ts'

/**
 * Reads JSON that must be valid, such as a stored row.
 * @param code the error code of a failure. Its detail names the key that does not fit, never the value
 * @error code
 */
export function parseJson<Value>(text: string, schema: z.ZodType<Value>, code: ErrorCode): Value {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    // The message of a SyntaxError quotes the text, which may name a person, so it is not kept as the cause.
    throw new OutpostError(code, { at: 'syntax' })
  }
  const parsed = schema.safeParse(json)
  if (parsed.success) return parsed.data
  throw new OutpostError(code, { at: parsed.error.issues[0]?.path.join('.') ?? '' })
}

/**
 * Reads JSON that may be incomplete or of a newer version.
 * @returns undefined when it does not fit the schema
 */
export function tryParseJson<Value>(text: string, schema: z.ZodType<Value>): Value | undefined {
  try {
    return parseJson(text, schema, 'internal')
  } catch {
    return undefined
  }
}
