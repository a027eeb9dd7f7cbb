/** Formats person names (VR PN, PS3.5 6.2) for people. All programs use this form. */

/**
 * The displayed form of a name: "DOE^Jane^M^^" becomes "DOE, Jane M". Further component groups follow in brackets:
 * "YAMADA, Tarou (山田 太郎 · やまだ たろう)". Several names, which a backslash separates (PS3.5 6.4), are
 * separated by a semicolon.
 * @param PatientName all component groups (alphabetic, ideographic, phonetic) joined by "="
 * @returns '' for an empty name
 */
export function displayName(PatientName: string): string {
  return PatientName.split('\\').map(singleName).filter(Boolean).join('; ')
}

/** The names or IDs of several patients as the values of one attribute (PS3.5 6.4). */
export function joinedValues(values: readonly string[]): string {
  return values.join('\\')
}

function singleName(name: string): string {
  const [alphabetic = [], ...otherGroups] = name.split('=').slice(0, 3).map(components)
  const otherNames = otherGroups.map((group) => group.filter(Boolean).join(' ')).filter(Boolean)
  const alphabeticName = alphabeticGroup(alphabetic)
  if (otherNames.length === 0) return alphabeticName
  return alphabeticName ? `${alphabeticName} (${otherNames.join(' · ')})` : otherNames.join(' · ')
}

function components(group: string): string[] {
  return group.split('^').map((part) => part.trim())
}

function alphabeticGroup([family = '', given = '', middle = '', prefix = '', suffix = '']: readonly string[]): string {
  const givenPart = [prefix, given, middle].filter(Boolean).join(' ')
  return [family, givenPart, suffix].filter(Boolean).join(', ')
}
