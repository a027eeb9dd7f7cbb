import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { eventReader } from '../../src-main/sync/feed.ts'
import { commentText, eventText } from './event-stream.ts'

describe('server-sent events', () => {
  it('S9: what is written is read back event by event, whatever it holds and wherever the stream is cut', () => {
    const data = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('\r', '\n', '\r\n', 'data: x', ': x'))
    const event = fc.record({ data, id: fc.option(fc.nat(), { nil: undefined }), comment: fc.boolean() })
    fc.assert(
      fc.property(fc.array(event), fc.nat(), (events, cut) => {
        const text = events.map(({ data, id, comment }) => `${comment ? commentText('x') : ''}${eventText(data, id)}`)
        const stream = text.join(commentText())
        const at = cut % (stream.length + 1)
        const read = eventReader()
        const heard = [...read(stream.slice(0, at)), ...read(stream.slice(at))]
        expect(heard).toEqual(events.map(({ data }) => JSON.stringify(data)))
      }),
      { seed: 7, numRuns: 100 },
    )
  })

  it('S9: an event has its cursor as id, and a comment is a line of its own', () => {
    expect(eventText({ cursor: 3 }, 3)).toBe('id: 3\ndata: {"cursor":3}\n\n')
    expect(eventText({ type: 'shares' })).toBe('data: {"type":"shares"}\n\n')
    expect(commentText('caught up') + commentText()).toBe(': caught up\n\n:\n\n')
  })
})
