/**
 * A digest of the names, sizes and times of a directory's files, in any order. It shows whether they are the same as at
 * the last visit.
 */

const facts = new Float64Array(2)
const words = new Uint32Array(facts.buffer)

export class DirectoryDigest {
  private first = 0
  private second = 0

  /** @param mtimeMs time of the file's last change, with its fraction of a millisecond */
  add(name: string, size: number, mtimeMs: number): void {
    let nameHash = 0x811c9dc5
    let two = 0x9e3779b9
    for (let at = 0; at < name.length; at++) {
      const unit = name.charCodeAt(at)
      nameHash = Math.imul(nameHash ^ unit, 0x01000193)
      two = Math.imul((two << 5) ^ (two >>> 27) ^ unit, 0x85ebca6b)
    }
    facts[0] = size
    facts[1] = mtimeMs
    // An index is used because an iterator would create an object for every word.
    for (let at = 0; at < words.length; at++) {
      const word = words[at]!
      nameHash = mixed(nameHash ^ word)
      two = mixed(Math.imul(two, 0x85ebca6b) ^ word)
    }
    this.first = (this.first + nameHash) | 0
    this.second = (this.second + two) | 0
  }

  /** The digest, 53 bits: two different directories agree by chance once in nine thousand million million. */
  get value(): number {
    return (this.first >>> 0) * 0x200000 + (this.second >>> 11)
  }
}

/** Mixes a 32-bit word so that every input bit influences every output bit. */
function mixed(word: number): number {
  let bits = word
  bits = Math.imul(bits ^ (bits >>> 16), 0x7feb352d)
  bits = Math.imul(bits ^ (bits >>> 15), 0x846ca68b)
  return bits ^ (bits >>> 16)
}
