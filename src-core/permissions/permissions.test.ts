import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { portalContract } from '../contract/portal.ts'
import { relayContract } from '../contract/relay.ts'
import { workstationContract } from '../contract/workstation.ts'
import { proceduresOf, type PortalCaller, type RelayCaller, type WorkstationCaller } from './called-by.ts'
import { ROLES } from './roles.ts'
import { mayDo, STAFF_ACTIONS, type StaffAction } from './staff-actions.ts'

const ACTIONS = Object.keys(STAFF_ACTIONS) as StaffAction[]
const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(head), row(head.map(() => '---')), ...rows.map(row)].join('\n')

function sentence(calledBy: WorkstationCaller | RelayCaller | PortalCaller | undefined): string {
  if (typeof calledBy !== 'object') return `\`${calledBy}\``
  if ('workstationWithStaff' in calledBy)
    return `\`workstation\`, for a member of its staff who may \`${calledBy.workstationWithStaff}\``
  return `\`${calledBy.ownShare}\` for an own share, else \`${calledBy.sharesOfOthers}\``
}

const contractTable = (contract: object): string =>
  table(
    ['procedure', 'who may call it'],
    proceduresOf<WorkstationCaller | RelayCaller | PortalCaller>(contract).map((procedure) => [
      `\`${procedure.path}\``,
      sentence(procedure.calledBy),
    ]),
  )

describe('docs/permissions.md', () => {
  const document = readFileSync(path.resolve(import.meta.dirname, '../../docs/permissions.md'), 'utf8')

  it('W8: its matrix of roles and actions is the one that the programs enforce', () => {
    const matrix = table(
      ['action', ...ROLES],
      ACTIONS.map((action) => [`\`${action}\``, ...ROLES.map((role) => (mayDo(role, action) ? 'yes' : '–'))]),
    )
    expect(document).toContain(`\n${matrix}\n`)
  })

  it.each([
    ['workstation', workstationContract],
    ['relay', relayContract],
    ['portal', portalContract],
  ])('W8: its table of the procedures of the %s is what the contract states', (_name, contract) => {
    expect(document).toContain(`\n${contractTable(contract)}\n`)
  })
})
