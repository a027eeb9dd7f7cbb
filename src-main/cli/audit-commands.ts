/** The text output of `audit verify`. */
import type { LogFinding, LogVerdict } from '../../src-core/contract/workstation.ts'

const FINDINGS: Readonly<Record<LogFinding, string>> = {
  consistent: 'The log continues what the relay keeps of it.',
  'not-compared': 'The hashes of the log fit each other, but the relay could not be asked: the log is not proven.',
  changed: 'The log was changed: its entries do not fit their hashes.',
  emptied: 'The log was emptied: this workstation is enrolled, and the entry of its enrolment is gone.',
  'enrolment-missing':
    'The ledger was replaced: it has no enrolment, but the secrets of this workstation belong to one.',
  shortened: 'The log was shortened or an older copy was put back: the relay keeps a head of more entries.',
  rewritten: 'The log was rewritten: the relay keeps another head of the same entries.',
  alarm: 'The relay was told a head that did not continue the one before it: the log was changed or put back.',
}

const countOf = (count: number): string => (count === 1 ? '1 entry' : `${count} entries`)

/** The verdict, one sentence per line. It always states how much of the log was compared with the relay. */
export function verdictText(verdict: LogVerdict): string {
  const { entries, head, finding, witnessed, notWitnessed, notWitnessedSince, comparedWith, reason, alarm } = verdict
  const lines = [FINDINGS[finding], `${countOf(entries)}; head ${head}`]
  if (witnessed !== null) {
    const where =
      comparedWith === 'relay' ? '' : ', as its last answer here says, which whoever changes the log can change'
    lines.push(`The relay keeps the head of ${countOf(witnessed.entries)} since ${witnessed.at}${where}.`)
  }
  if (reason !== null) lines.push(`The relay's own head could not be compared now (${reason}).`)
  if (notWitnessed > 0)
    lines.push(`${countOf(notWitnessed)} not yet witnessed since ${notWitnessedSince ?? 'the beginning'}.`)
  else if (witnessed !== null && finding === 'consistent') lines.push('Every entry is witnessed.')
  if (alarm !== null) lines.push(`Alarm of ${alarm.at}: a head of ${countOf(alarm.entries)}.`)
  return lines.join('\n')
}
