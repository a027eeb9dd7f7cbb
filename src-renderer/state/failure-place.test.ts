import { describe, expect, it } from 'vitest'
import { placeOf } from './failure-place.ts'

describe('W10: where the page failed', () => {
  it.each([
    [
      'TypeError: Zandloper^Mieke\n    at f (http://127.0.0.1:5000/assets/index-Ab_1.js:1:2345)',
      'index-Ab_1.js:1:2345',
    ],
    ['f@http://127.0.0.1:5000/screens/App.tsx?t=17:10:5', 'App.tsx:10:5'],
    ['TypeError: Zandloper^Mieke', ''],
    [undefined, ''],
  ])('W10: is the innermost place of its code, and nothing of the message: %j', (stack, place) =>
    expect(placeOf(stack)).toBe(place),
  )
})
