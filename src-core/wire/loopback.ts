/** Decides whether an address leads to this machine itself, where no one can listen on the way. */

const IPV4 = /^127(\.\d{1,3}){3}$/

/**
 * Whether a host name means this machine.
 * @param hostname of a URL; an IPv6 address with or without brackets
 */
export function isLoopbackHost(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || hostname === '::1' || IPV4.test(hostname)
}

/**
 * Whether the other end of a socket is on this machine.
 * @param address of the other end. A socket for both kinds of addresses writes IPv4 as ::ffff:127.0.0.1
 */
export function isLoopbackAddress(address: string): boolean {
  return address === '::1' || IPV4.test(address.replace(/^::ffff:/i, ''))
}
