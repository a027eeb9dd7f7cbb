/** Tests W9 with a real keychain: a private D-Bus session with its own keyring. */
import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const has = (program: string): boolean => {
  try {
    return execFileSync('sh', ['-c', `command -v ${program}`]).length > 0
  } catch {
    return false
  }
}
const possible =
  process.platform === 'linux' &&
  has('dbus-run-session') &&
  has('gnome-keyring-daemon') &&
  existsSync(join(root, 'node_modules/keytar/build/Release/keytar.node'))

it.skipIf(!possible)(
  'W9: secrets go to the keychain of the operating system where one answers, and leave no trace in the data folder',
  async () => {
    const folder = mkdtempSync(join(tmpdir(), 'outpost-keychain-'))
    try {
      chmodSync(folder, 0o700)
      const data = join(folder, 'data')
      const script = join(folder, 'use-keychain.mjs')
      writeFileSync(
        script,
        `
      import { openSecrets } from ${JSON.stringify(join(root, 'src-main/secrets/open-secrets.ts'))}
      const secrets = await openSecrets(${JSON.stringify(data)})
      await secrets.set('enrolment-token', 'SAMPLE-TOKEN')
      const again = await openSecrets(${JSON.stringify(data)})
      const kept = await again.get('enrolment-token')
      await again.remove('enrolment-token')
      console.log(JSON.stringify([secrets.backend, secrets.locked, kept, await secrets.get('enrolment-token')]))
      process.exit(0)`,
      )
      const { stdout } = await promisify(execFile)(
        'dbus-run-session',
        [
          '--',
          'sh',
          '-c',
          'printf sample | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; exec "$0" "$1"',
          process.execPath,
          script,
        ],
        {
          env: { ...process.env, HOME: folder, XDG_RUNTIME_DIR: folder, XDG_DATA_HOME: join(folder, 'share') },
          timeout: 50_000,
        },
      )
      expect(JSON.parse(stdout)).toEqual(['keychain', false, 'SAMPLE-TOKEN', null])
      expect(readdirSync(data)).toEqual([])
      const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .map((name) => join(folder, name))
        .filter((path) => path !== script && statSync(path).isFile())
      for (const path of files) expect(readFileSync(path, 'latin1')).not.toContain('SAMPLE-TOKEN')
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  },
)
