/** @returns the innermost place of the page's own code in a stack, as `index-abc.js:1:2345`; empty when it has none */
export function placeOf(stack: string | undefined): string {
  return (
    /([\w.-]+\.[jt]sx?)(?:\?[^:\s]*)?(:\d+:\d+)/
      .exec(stack ?? '')
      ?.slice(1)
      .join('') ?? ''
  )
}
