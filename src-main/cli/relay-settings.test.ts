import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { UsageError } from './command.ts'
import {
  addressSettings,
  connectionsSetting,
  databaseSetting,
  smtpSettings,
  textGatewaySettings,
} from './relay-settings.ts'
import { secretSetting } from './secret-setting.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'outpost-settings-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const file = (text: string, mode: number): string => {
  const name = path.join(folder, crypto.randomUUID())
  writeFileSync(name, text)
  chmodSync(name, mode)
  return name
}
const from = { 'mail-from': 'no-reply@example.org' }

describe('secrets of the relay', () => {
  it('W10: a password among the arguments is refused, and the answer names the file and the variable', () => {
    expect(() => smtpSettings({ ...from, smtp: 'smtps://user:secret@mail.example.org' })).toThrow(UsageError)
    expect(() => smtpSettings({ ...from, smtp: 'smtps://user:secret@mail.example.org' })).toThrow(
      /--smtp-file FILE; or set OUTPOST_SMTP/,
    )
    expect(() => databaseSetting({ database: 'postgres://outpost:secret@db.example.org/outpost' })).toThrow(
      /--database-file FILE; or set OUTPOST_DATABASE/,
    )
    expect(() => textGatewaySettings({ 'sms-gateway': 'https://user:secret@sms.example.org' })).toThrow(UsageError)
    expect(() => textGatewaySettings({ 'sms-gateway': 'https://sms.example.org', 'sms-token': 'secret' })).toThrow(
      /OUTPOST_SMS_TOKEN/,
    )
  })

  it('W10: a file of one line that only its owner may read gives the secret; one open to others is refused', () => {
    const address = 'smtps://user:se%40cret@mail.example.org'
    expect(smtpSettings({ ...from, 'smtp-file': file(`${address}\n`, 0o600) })).toEqual({
      host: 'mail.example.org',
      port: 465,
      secure: true,
      from: 'no-reply@example.org',
      user: 'user',
      password: 'se@cret',
    })
    expect(() => smtpSettings({ ...from, 'smtp-file': file(address, 0o640) })).toThrow(/chmod 600/)
    expect(() => smtpSettings({ ...from, 'smtp-file': file(`${address}\nmore`, 0o600) })).toThrow(/one line/)
    expect(() => smtpSettings({ ...from, 'smtp-file': path.join(folder, 'absent') })).toThrow(/cannot be read/)
  })

  it('W10: a secret of the environment is used, and taken out of it for whatever is started later', () => {
    const environment: NodeJS.ProcessEnv = {
      OUTPOST_DATABASE: 'postgres://outpost:secret@127.0.0.1/outpost',
      HOME: '/',
    }
    expect(secretSetting({}, 'database', () => true, environment)).toBe('postgres://outpost:secret@127.0.0.1/outpost')
    expect(environment).toEqual({ HOME: '/' })
  })
})

describe('connections of the relay', () => {
  it('X12: fewer connections than a process works with are refused, and none given leaves the default', () => {
    for (const connections of ['0', '9', '-1', '1.5', 'many'])
      expect(() => connectionsSetting({ connections }), connections).toThrow(UsageError)
    expect([connectionsSetting({ connections: '10' }), connectionsSetting({})]).toEqual([10, undefined])
  })
})

describe('addresses of the relay', () => {
  it('W10: a public address, or a gateway for text messages, that others can listen to is refused', () => {
    for (const address of [
      'http://relay.example.org',
      'ftp://relay.example.org',
      'relay.example.org',
      'http://10.0.0.1',
    ]) {
      expect(() => addressSettings({ 'public-url': address }), address).toThrow(UsageError)
      expect(() => textGatewaySettings({ 'sms-gateway': address }), address).toThrow(UsageError)
    }
    expect(() => addressSettings({ host: '0.0.0.0' })).toThrow(/--public-url/)
    expect(addressSettings({ host: '0.0.0.0', 'public-url': 'https://relay.example.org/' })).toMatchObject({
      hostname: '0.0.0.0',
      publicUrl: 'https://relay.example.org',
    })
    for (const address of ['http://127.0.0.1:8080', 'http://localhost', 'http://[::1]:9'])
      expect(addressSettings({ 'public-url': address })).toMatchObject({ publicUrl: address })
  })

  it('U7: a demonstration that others could reach is refused: it shows its one-time passwords', () => {
    for (const more of [{ host: '0.0.0.0' }, { host: '10.1.2.3' }, { 'public-url': 'https://relay.example.org' }])
      expect(() => addressSettings({ demonstration: true, ...more })).toThrow(/--demonstration/)
    expect(addressSettings({ demonstration: true, host: '127.0.0.1' })).toEqual({
      demonstration: true,
      hostname: '127.0.0.1',
    })
  })
})
