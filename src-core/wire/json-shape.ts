/** What JSON from outside may look like before it is parsed: a parser that is given worse stops everything else. */

/** Objects and arrays within each other. The deepest request of the contracts has fewer than ten. */
export const MAX_JSON_DEPTH = 32
/**
 * Values in one document. A confirmation that names 20,000 exams has about 100,000; a validator that refuses every
 * one of many more values would need seconds for it.
 */
export const MAX_JSON_VALUES = 200_000

const QUOTE = 0x22
const BACKSLASH = 0x5c
const COMMA = 0x2c
const OPENING = new Set([0x5b, 0x7b])
const CLOSING = new Set([0x5d, 0x7d])

/**
 * Whether a parser can be given this text. The scan looks at each byte once; it does not judge whether the text is
 * JSON at all, which is the parser's work.
 * @param bytes JSON as UTF-8: all that counts here is ASCII, which no other character contains
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
