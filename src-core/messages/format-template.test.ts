import { expect, it } from 'vitest'
import { formatTemplate } from './format-template.ts'

it('fills every placeholder, and fills no value again', () =>
  expect(formatTemplate('{sender}: {count} of {count} ({sender})', { sender: '{count}', count: 0 })).toBe(
    '{count}: 0 of 0 ({count})',
  ))

it('W12: a missing value is an error in tests, also one with the name of a method of every object', () => {
  expect(() => formatTemplate('Dear {name},', {})).toThrow('{name}')
  expect(() => formatTemplate('Dear {toString},', {})).toThrow('{toString}')
})
