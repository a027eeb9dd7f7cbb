/** One open feed: tells events from notifications while it has missed none, else from the database. */
import { commentText, eventText } from '../../src-engine/http/event-stream.ts'
import type { Workstation } from '../callers/workstation-identity.ts'
import type { Database } from '../ports/database.ts'
import type { News } from './feed-news.ts'
import { eventsAfter } from './feed-queries.ts'

const KEEP_ALIVE_MS = 15_000
/** Of a stream that is read slowly: when more events wait, they are dropped and asked of the database later. */
const MOST_WAITING = 100

export class FeedStream {
  readonly workstation: Workstation
  readonly #db: Database
  readonly #ending = new AbortController()
  #waiting: News[] = []
  /** Whether something may have happened that is not in `#waiting`. */
  #behind = true
  #reached: number
  /** Ends the pause that the stream is in. */
  #resume = (): void => {}

  /** @param after the cursor up to which the workstation knows the events */
  constructor(db: Database, workstation: Workstation, after: number) {
    this.#db = db
    this.workstation = workstation
    this.#reached = after
  }

  /** Every event of the department up to this cursor has been told, or is for another workstation. */
  get reached(): number {
    return this.#reached
  }

  /** Hears of an event of its department, in the order of their cursors. */
  hear(news: News): void {
    if (this.#waiting.length === MOST_WAITING) return this.wake()
    this.#waiting.push(news)
    this.#resume()
  }

  /** Has the stream ask the database what happened, and whether its workstation was revoked. */
  wake(): void {
    this.#waiting = []
    this.#behind = true
    this.#resume()
  }

  end(): void {
    this.#ending.abort()
  }

  /** The text of the stream. It ends when the workstation was revoked, or when the stream is ended. */
  async *text(): AsyncGenerator<string> {
    let caughtUp = false
    yield commentText('begin')
    while (!this.#ending.signal.aborted) {
      if (this.#behind) {
        this.#behind = false
        const page = await eventsAfter(this.#db, this.workstation, this.#reached)
        if (page === 'revoked') return
        this.#reached = page.reached
        if (page.full) this.#behind = true
        for (const event of page.events) yield eventText(event, event.cursor)
        continue
      }
      // What has happened before the request has been told.
      if (!caughtUp) yield commentText('caught up')
      caughtUp = true
      const news = this.#waiting.shift()
      if (news !== undefined) yield* this.#told(news)
      else if (!this.#behind && (await this.#pause())) yield commentText('still here')
    }
  }

  *#told({ workstationId, previous, event }: News): Generator<string> {
    if (event.cursor <= this.#reached) return
    if (previous > this.#reached) return this.wake()
    this.#reached = event.cursor
    if (workstationId === null || workstationId === this.workstation.workstationId) yield eventText(event, event.cursor)
  }

  /** @returns true when it is time to show that the connection lives; false when something happened, or at the end */
  #pause(): Promise<boolean> {
    const { signal } = this.#ending
    if (signal.aborted) return Promise.resolve(false)
    return new Promise((done) => {
      const finish = (quiet: boolean): void => {
        clearTimeout(timer)
        signal.removeEventListener('abort', resume)
        done(quiet)
      }
      const timer = setTimeout(finish, KEEP_ALIVE_MS, true)
      const resume = (): void => finish(false)
      this.#resume = resume
      signal.addEventListener('abort', resume)
    })
  }
}
