/** When a share ends, settled at delivery (U13). */
import { OutpostError } from '../../src-core/contract/errors.ts'
import type { ConfirmRequest } from '../../src-core/contract/relay.ts'

/**
 * @param timeZone of the department: its days end at its midnight
 * @returns the instant from which the share is expired; null: never
 * @error expired-before-delivery the day is over
 */
export function expiryAtDelivery(validity: ConfirmRequest['validity'], deliveredAt: Date, timeZone: string): Date | null {
  if (validity.kind === 'unlimited') return null
  if (validity.kind === 'period') {
    const { unit, count } = validity
    const end = new Date(deliveredAt)
    if (unit === 'day') end.setUTCDate(end.getUTCDate() + count)
    else {
      const day = end.getUTCDate()
      end.setUTCDate(1)
      end.setUTCMonth(end.getUTCMonth() + count)
      end.setUTCDate(Math.min(day, new Date(Date.UTC(end.getUTCFullYear(), end.getUTCMonth() + 1, 0)).getUTCDate()))
    }
    return end
  }
  const [year = 0, month = 0, day = 0] = validity.day.split('-').map(Number)
  const end = midnight(Date.UTC(year, month - 1, day + 1), timeZone)
  if (end <= deliveredAt) throw new OutpostError('expired-before-delivery')
  return end
}

/** The instant at which wall clocks of the zone show the midnight that the UTC time names. */
function midnight(wall: number, timeZone: string): Date {
  const format = new Intl.DateTimeFormat('en-US', { timeZone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' })
  const shown = (instant: number): number => {
    const part = Object.fromEntries(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]))
    return Date.UTC(part['year'] ?? 0, (part['month'] ?? 1) - 1, part['day'], part['hour'], part['minute'], part['second'])
  }
  // Twice, since the offset may change between the first guess and the answer.
  let instant = wall
  for (let round = 0; round < 2; round += 1) instant += wall - shown(instant)
  return new Date(instant)
}
