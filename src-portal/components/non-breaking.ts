/** A telephone number that a line end does not tear apart. */
export function nonBreaking(number: string): string {
  return number.replaceAll(' ', '\u00a0')
}
