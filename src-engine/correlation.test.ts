import { describe, expect, it } from 'vitest'
import { CORRELATION_HEADER, correlated, correlatedFetch, correlationId } from './correlation.ts'
import { failureLine } from './failure-line.ts'
import { guarded } from './http/guard.ts'

const requestWith = (id?: string): Request =>
  new Request('http://relay.test/', { headers: id === undefined ? {} : { [CORRELATION_HEADER]: id } })

describe('W10: correlation ids', () => {
  it('W10: stand in the answer and in the lines of the log, also after waiting', async () => {
    let line = ''
    const answer = await guarded(requestWith(), false, async () => {
      await new Promise(setImmediate)
      line = failureLine('api', new TypeError('x'))
      return new Response('kept', { status: 503 })
    })
    const id = answer.headers.get(CORRELATION_HEADER)
    expect(id).toMatch(/^[0-9a-f]{8}$/)
    expect(line).toContain(`correlation=${id}`)
    expect([answer.status, await answer.text()]).toEqual([503, 'kept'])
    expect(correlationId()).toBeUndefined()
  })

  it('W10: of two at once are two, and what another program sent is taken over', async () => {
    const ids = await Promise.all(
      [undefined, undefined, '0123abcd'].map(async (id) =>
        (await guarded(requestWith(id), false, async () => new Response(correlationId()))).text(),
      ),
    )
    expect(new Set(ids).size).toBe(3)
    expect(ids[2]).toBe('0123abcd')
  })

  it.each(['', 'x', '0123ABCD', 'Zandloper^Mieke', '0123abcd0123abcd'])(
    'X12: what is no id is not taken over: %j',
    async (sent) => {
      const answer = await guarded(requestWith(sent), false, async () => new Response())
      expect(answer.headers.get(CORRELATION_HEADER)).not.toBe(sent)
    },
  )

  it('W10: go along with the requests that are made under them, and with no others', async () => {
    const sent: (string | null)[] = []
    const fetch = correlatedFetch((async (input: string | Request, init?: RequestInit) => {
      sent.push(new Request(input, init).headers.get(CORRELATION_HEADER))
      return new Response()
    }) as typeof globalThis.fetch)
    await fetch('http://relay.test/')
    const id = await correlated(async (made) => {
      await fetch(new Request('http://relay.test/', { headers: { authorization: 'Bearer x' } }))
      return made
    })
    expect(sent).toEqual([null, id])
  })
})
