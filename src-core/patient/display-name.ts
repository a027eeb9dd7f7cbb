/** Person names as people read them (VR PN, PS3.5 6.2), everywhere in both programs. */

/**
 * "DOE^Jane^M^^" → "DOE, Jane M"; further groups follow in brackets: "YAMADA, Tarou (山田 太郎 · やまだ たろう)".
 * Several names, which a backslash separates as the values of any attribute (PS3.5 6.4), follow after a semicolon.
 * @param PatientName all component groups (alphabetic, ideographic, phonetic) joined by "="
 * @returns '' for an empty name
 */
export function displayName(PatientName: string): string {
  return PatientName.split('\\').map(oneName).filter(Boolean).join('; ')
}

/** Several patients' names, or their IDs, as the values of one attribute (PS3.5 6.4). */
export function joinedValues(values: readonly string[]): string {
  return values.join('\\')
}

function oneName(name: string): string {
  const [alphabetic = [], ...others] = name.split('=').slice(0, 3).map(components)
  const further = others.map((group) => group.filter(Boolean).join(' ')).filter(Boolean)
  const first = alphabeticGroup(alphabetic)
  if (further.length === 0) return first
  return first ? `${first} (${further.join(' · ')})` : further.join(' · ')
}

function components(group: string): string[] {
  return group.split('^').map((part) => part.trim())
}

function alphabeticGroup([family = '', given = '', middle = '', prefix = '', suffix = '']: readonly string[]): string {
  const after = [prefix, given, middle].filter(Boolean).join(' ')
  return [family, after, suffix].filter(Boolean).join(', ')
}
