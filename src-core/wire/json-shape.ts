/**
 * Checks JSON from outside before it is parsed, because a deeply nested or very large document would block the parser
 * and with it the whole program.
 */

/** The maximum depth of objects and arrays. The deepest request of the contracts has fewer than ten levels. */
export const MAX_JSON_DEPTH = 32
/**
 * The maximum number of values in one document. A confirmation that names 20,000 exams has about 100,000. A validator
 * that refuses each of many more values would need seconds.
 */
export const MAX_JSON_VALUES = 200_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/**
 * Whether a text can be parsed safely. The scan reads each byte once. It does not check whether the text is JSON, which
 * the parser does.
 * @param bytes JSON as UTF-8. All characters that count here are ASCII, and no other character contains their bytes
 */
export function isParsableShape(bytes: Uint8Array): boolean {
  let depth = 0
  let values = 1
  let inString = false
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at]!
    if (inString) {
      if (byte === BACKSLASH) at += 1
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (byte === COMMA) values += 1
    else if (OPENING.has(byte)) {
      depth += 1
      values += 1
    } else if (CLOSING.has(byte)) depth -= 1
    if (depth > MAX_JSON_DEPTH || values > MAX_JSON_VALUES) return false
  }
  return true
}
