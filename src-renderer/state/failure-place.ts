/** The innermost place of the page's own code that a stack names, as `index-abc.js:1:2345`; empty when there is none. */
export function placeOf(stack: string | undefined): string {
  return (
    /([\w.-]+\.[jt]sx?)(?:\?[^:\s]*)?(:\d+:\d+)/
      .exec(stack ?? '')
      ?.slice(1)
      .join('') ?? ''
  )
}
