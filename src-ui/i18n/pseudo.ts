/**
 * Makes the pseudo-language for development: its longer, accented texts in brackets show what is not translated and
 * what does not fit.
 */

const ACCENTED: Record<string, string> = {
  a: 'á',
  e: 'é',
  i: 'í',
  o: 'ó',
  u: 'ú',
  A: 'Á',
  E: 'É',
  I: 'Í',
  O: 'Ó',
  U: 'Ú',
  n: 'ñ',
  c: 'ç',
  y: 'ý',
}

/** Rewrites every text of a catalog; placeholders {{…}} and tags stay as they are. */
export function pseudoCatalog<Catalog>(catalog: Catalog): Catalog {
  if (typeof catalog === 'string') return pseudoText(catalog) as Catalog
  if (Array.isArray(catalog)) return catalog.map(pseudoCatalog) as Catalog
  return Object.fromEntries(
    Object.entries(catalog as Record<string, unknown>).map(([key, value]) => [key, pseudoCatalog(value)]),
  ) as Catalog
}

function pseudoText(text: string): string {
  const accented = text
    .split(/(\{\{[^}]*\}\}|<[^>]*>)/)
    .map((part, index) => (index % 2 ? part : part.replace(/[a-zA-Z]/g, (letter) => ACCENTED[letter] ?? letter)))
    .join('')
  return `[${accented}${'·'.repeat(Math.ceil(text.length * 0.3))}]`
}
