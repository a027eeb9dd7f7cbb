/** Whether an address leads to this machine itself, where nobody listens on the way. */

const IPV4 = /^127(\.\d{1,3}){3}$/

/** @param hostname of a URL, an IPv6 address in brackets or not */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || IPV4.test(hostname)
}

/** @param address of a socket's other end; a socket for both kinds of addresses writes IPv4 as ::ffff:127.0.0.1 */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || IPV4.test(address.replace(/^::ffff:/i, ''))
}
