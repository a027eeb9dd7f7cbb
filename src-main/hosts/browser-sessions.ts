/**
 * Decides which browsers may use the workstation. A token opens it once. After that the browser identifies itself with
 * a cookie and a secret, and each request carries both. A cookie alone proves nothing: browsers send it to every port
 * of the host (RFC 6265 8.5), so any server of this machine may receive it.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

interface BrowserSession {
  /** Identifies the session within this program; it is not secret. */
  readonly id: string
  readonly cookie: string
  readonly secret: string
}

/** Largest number of tokens. The oldest is removed beyond it, so that a pressed Enter key uses no memory. */
const MAX_TOKENS = 100
const MAX_SESSIONS = 100

const newSecret = (): string => randomBytes(32).toString('base64url')
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()

function keepNewest(map: Map<string, unknown>, most: number): void {
  for (const oldest of map.keys()) {
    if (map.size <= most) return
    map.delete(oldest)
  }
}

export class BrowserSessions {
  readonly #now: () => number
  /** Tokens with the time in ms since 1970 at which each expires. */
  readonly #tokens = new Map<string, number>()
  readonly #sessions = new Map<string, BrowserSession>()

  /** @param now ms since 1970 */
  constructor(now: () => number) {
    this.#now = now
  }

  /** @param livesMs lifetime in ms; Infinity: until it is used */
  newToken(livesMs: number): string {
    const token = newSecret()
    this.#tokens.set(token, this.#now() + livesMs)
    keepNewest(this.#tokens, MAX_TOKENS)
    return token
  }

  /**
   * Uses up a token. A browser that already has a session keeps it, so that its second tab shows the same session.
   * @returns null for a token that is unknown, used or expired
   */
  open(token: string, cookie: string): BrowserSession | null {
    const ends = this.#tokens.get(token)
    this.#tokens.delete(token)
    if (ends === undefined || this.#now() >= ends) return null
    const existing = this.#sessions.get(cookie)
    if (existing !== undefined) return existing
    const session = { id: randomBytes(8).toString('hex'), cookie: newSecret(), secret: newSecret() }
    this.#sessions.set(session.cookie, session)
    keepNewest(this.#sessions, MAX_SESSIONS)
    return session
  }

  /** @returns the id of the session that cookie and secret prove together; null when they prove none */
  of(cookie: string, secret: string): string | null {
    const session = this.#sessions.get(cookie)
    return session !== undefined && timingSafeEqual(digest(session.secret), digest(secret)) ? session.id : null
  }
}
