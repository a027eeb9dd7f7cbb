/** What `npm run check` holds, each step a test: types of every folder, lint with the layers, dead code. */
import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import checks from '../../scripts/checks.json' with { type: 'json' }
import { root } from '../support/programs.ts'

describe('the code', () => {
  it.each(checks)('$name', ({ args }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, NODE_OPTIONS: '', NO_COLOR: '1' },
    })
    expect(status, `${stdout}${stderr}`).toBe(0)
  })
})
