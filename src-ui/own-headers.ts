/** What every request of a page to its own program carries beside the cookie; recipients' pages need nothing. */
let headers: Readonly<Record<string, string>> = {}

export function sendWithEveryRequest(added: Readonly<Record<string, string>>): void {
  headers = { ...headers, ...added }
}

export const ownHeaders = (): Record<string, string> => ({ ...headers })
