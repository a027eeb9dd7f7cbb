/** Returns a telephone number that the browser does not break across two lines. */
export function nonBreaking(number: string): string {
  return number.replaceAll(' ', '\u00a0')
}
