/** Reads which media types a client accepts (RFC 9110 12.5.1, PS3.18 8.7.5). */

export interface MediaRange {
  /** In lower case, for example "multipart/related". */
  readonly type: string
  readonly parameters: Readonly<Record<string, string>>
  readonly quality: number
}

/**
 * The media ranges of an Accept header, the preferred one first. Without a header every type is accepted. A query
 * parameter accept= can replace the header (PS3.18 8.3.3.1).
 */
export function mediaRanges(header: string | null | undefined): MediaRange[] {
  if (!header || header.trim() === '') return [{ type: '*/*', parameters: {}, quality: 1 }]
  const ranges = splitOutsideQuotes(header, ',').flatMap((part) => {
    const [type = '', ...parameterTexts] = splitOutsideQuotes(part, ';').map((piece) => piece.trim())
    if (!/^[^\s/]+\/[^\s/]+$/.test(type)) return []
    const parameters: Record<string, string> = {}
    for (const piece of parameterTexts) {
      const at = piece.indexOf('=')
      if (at > 0)
        parameters[piece.slice(0, at).trim().toLowerCase()] = piece
          .slice(at + 1)
          .trim()
          .replace(/^"|"$/g, '')
    }
    const quality = parameters['q'] === undefined ? 1 : Number(parameters['q'])
    return [{ type: type.toLowerCase(), parameters, quality: Number.isFinite(quality) ? quality : 0 }]
  })
  return ranges.filter((range) => range.quality > 0).sort((left, right) => right.quality - left.quality)
}

function splitOutsideQuotes(text: string, separator: string): string[] {
  const parts: string[] = []
  let quoted = false
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '"') quoted = !quoted
    else if (text[i] === separator && !quoted) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

function includesType(range: string, type: string): boolean {
  return range === '*/*' || range === type || (range.endsWith('/*') && type.startsWith(range.slice(0, -1)))
}

/**
 * The first offered type that the client accepts, in the client's order; null when there is none, which is status 406.
 */
export function chooseType(ranges: readonly MediaRange[], offered: readonly string[]): string | null {
  for (const range of ranges) {
    const accepted = offered.find((type) => includesType(range.type, type))
    if (accepted) return accepted
  }
  return null
}

/**
 * The form in which the client wants a resource that exists both alone and as multipart/related.
 * @param type the media type of the parts
 * @param TransferSyntaxUID the transfer syntax of the resource. A client that names another one does not accept it
 */
export function choosePacking(
  ranges: readonly MediaRange[],
  type: string,
  TransferSyntaxUID: string | null,
): 'multipart' | 'single' | null {
  for (const range of ranges) {
    const wanted = range.parameters['transfer-syntax']
    if (wanted !== undefined && wanted !== '*' && TransferSyntaxUID !== null && wanted !== TransferSyntaxUID) continue
    if (range.type === '*/*' || range.type === 'multipart/*') return 'multipart'
    if (range.type === 'multipart/related' && includesType(range.parameters['type']?.toLowerCase() ?? '*/*', type))
      return 'multipart'
    if (includesType(range.type, type)) return 'single'
  }
  return null
}

/** Whether an answer may be compressed by gzip (RFC 9110 12.5.3). Without a header it is sent uncompressed. */
export function takesGzip(header: string | null | undefined): boolean {
  for (const part of (header ?? '').split(',')) {
    const [coding = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase())
    if (coding !== 'gzip' && coding !== 'x-gzip' && coding !== '*') continue
    const quality = parameters.find((parameter) => parameter.startsWith('q='))
    return quality === undefined || Number(quality.slice(2)) > 0
  }
  return false
}
