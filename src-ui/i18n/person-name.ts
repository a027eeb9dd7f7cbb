/** Person names as people read them (VR PN, PS3.5 section 6.2). */

/**
 * "DOE^Jane^M^^" → "DOE, Jane M"; further groups follow in brackets: "YAMADA, Tarou (山田 太郎 · やまだ たろう)".
 * @param PatientName all component groups (alphabetic, ideographic, phonetic) joined by "="
 * @returns '' for an empty name
 */
export function formatPersonName(PatientName: string): string {
  const [alphabetic = '', ...others] = PatientName.split('=').slice(0, 3).map(trimGroup)
  const further = others
    .map((group) =>
      group
        .split('^')
        .map((part) => part.trim())
        .filter(Boolean)
        .join(' '),
    )
    .filter(Boolean)
  const first = alphabeticGroup(alphabetic)
  if (!further.length) return first
  return first ? `${first} (${further.join(' · ')})` : further.join(' · ')
}

function trimGroup(group: string): string {
  return group.trim().replace(/\^+$/, '')
}

function alphabeticGroup(group: string): string {
  const [family = '', given = '', middle = '', prefix = '', suffix = ''] = group.split('^').map((part) => part.trim())
  const after = [prefix, given, middle].filter(Boolean).join(' ')
  return [family, after, suffix].filter(Boolean).join(', ')
}
