/** A telephone number that a line end does not tear apart. */
export function unbroken(number: string): string {
  return number.replaceAll(' ', '\u00a0')
}
