/** Wildcard matching of queries (PS3.4 C.2.2.2.4): `*` is any sequence of characters, `?` is any one character. */

/** The characters of a text, one code point for each element. */
export type Characters = ArrayLike<string>

/**
 * Whether the whole text matches. The pattern is cut at its asterisks, and each piece is searched after the one before
 * it. The leftmost match of a piece is always right, so no match is ever tried again. The work is at most the length of
 * the text times that of the longest piece.
 */
export function matchesWildcard(text: Characters, pattern: Characters): boolean {
  const pieces: string[][] = [[]]
  for (let at = 0; at < pattern.length; at += 1) {
    const character = pattern[at]!
    if (character === '*') pieces.push([])
    else pieces.at(-1)!.push(character)
  }
  const [first = [], ...rest] = pieces
  const last = rest.pop()
  if (last === undefined) return text.length === first.length && matchesAt(text, first, 0)
  const end = text.length - last.length
  if (end < first.length || !matchesAt(text, first, 0) || !matchesAt(text, last, end)) return false
  let from = first.length
  for (const piece of rest) {
    const foundAt = findPiece(text, piece, from, end)
    if (foundAt < 0) return false
    from = foundAt + piece.length
  }
  return true
}

function matchesAt(text: Characters, piece: readonly string[], at: number): boolean {
  return piece.every((wanted, offset) => wanted === '?' || wanted === text[at + offset])
}

/**
 * The first position at which a piece matches, or -1.
 * @param end the position after the last character that the piece may use
 */
function findPiece(text: Characters, piece: readonly string[], from: number, end: number): number {
  for (let at = from; at + piece.length <= end; at += 1) if (matchesAt(text, piece, at)) return at
  return -1
}
