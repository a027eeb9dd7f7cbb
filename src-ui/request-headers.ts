/** The headers that the workstation's page adds to every request, beside the cookie. The recipients' pages add none. */
let headers: Readonly<Record<string, string>> = {}

export function sendWithEveryRequest(added: Readonly<Record<string, string>>): void {
  headers = { ...headers, ...added }
}

export const requestHeaders = (): Record<string, string> => ({ ...headers })
