/** Wildcard matching of queries (PS3.4 C.2.2.2.4): `*` is any sequence of characters, `?` any one of them. */

/** Characters of a text that compare: code points, one element each. */
export type Characters = ArrayLike<string>

/**
 * Whether the whole text matches. The pattern is cut at its asterisks, and each piece is looked for behind the one
 * before it: a leftmost find is never wrong, so nothing is ever tried again. The work is at most the text's length
 * times the longest piece's.
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
  if (last === undefined) return text.length === first.length && fits(text, first, 0)
  const end = text.length - last.length
  if (end < first.length || !fits(text, first, 0) || !fits(text, last, end)) return false
  let from = first.length
  for (const piece of rest) {
    const found = find(text, piece, from, end)
    if (found < 0) return false
    from = found + piece.length
  }
  return true
}

function fits(text: Characters, piece: readonly string[], at: number): boolean {
  return piece.every((wanted, offset) => wanted === '?' || wanted === text[at + offset])
}

/** @param end behind the last character that the piece may take */
function find(text: Characters, piece: readonly string[], from: number, end: number): number {
  for (let at = from; at + piece.length <= end; at += 1) if (fits(text, piece, at)) return at
  return -1
}
