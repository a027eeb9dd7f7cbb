import { join } from 'node:path'
import { number, string, UsageError, type Command } from './cli-command.ts'
import { defaultDataFolder } from './data-folder.ts'
import { endOnce } from './end-once.ts'

const smtp = (values: Parameters<Command['run']>[1]) => {
  const address = string(values, 'smtp')
  const from = string(values, 'mail-from')
  if (address === undefined) return undefined
  const url = URL.parse(address)
  if (url === null || !/^smtps?:$/.test(url.protocol) || from === undefined)
    throw new UsageError(
      '--smtp takes smtp://HOST:PORT or smtps://USER:PASSWORD@HOST:PORT, and --mail-from the address that mails come from',
    )
  const secure = url.protocol === 'smtps:'
  return {
    host: url.hostname,
    port: Number(url.port || (secure ? 465 : 587)),
    secure,
    from,
    ...(url.username ? { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) } : {}),
  }
}

/** A relay on this machine, with a PostgreSQL of its own unless --database names another. */
export const relayCommand: Command = {
  usage:
    'relay [--port N] [--database URL] [--objects DIR] [--public-url URL] [--seed FILE] [--smtp URL --mail-from ADDRESS] [--sms-gateway URL] [--demonstration]',
  words: [0, 0],
  options: {
    port: { type: 'string' },
    host: { type: 'string' },
    database: { type: 'string' },
    objects: { type: 'string' },
    'public-url': { type: 'string' },
    seed: { type: 'string' },
    smtp: { type: 'string' },
    'mail-from': { type: 'string' },
    'sms-gateway': { type: 'string' },
    demonstration: { type: 'boolean', default: false },
  },
  async run(_words, values, { resourcesFolder }) {
    // the one place where the workstation's programs start the relay: the embedded one
    const { serveRelay } = await import('../../src-relay/hosts/serve.ts')
    const { DEMONSTRATION_CODE_FILE } = await import('../../src-relay/app/relay.ts')
    const data = string(values, 'data') ?? defaultDataFolder('outpost-relay')
    const database = string(values, 'database')
    const demonstration = values.demonstration === true
    const gateway = string(values, 'sms-gateway')
    const seed =
      string(values, 'seed') ?? (demonstration ? join(resourcesFolder, 'samples', 'organisation.json') : undefined)
    const hostname = string(values, 'host')
    const publicUrl = string(values, 'public-url')
    const mail = smtp(values)
    const starting = serveRelay({
      port: number(values, 'port') ?? 0,
      database: database === undefined ? { embedded: data } : { url: database },
      objects: { folder: string(values, 'objects') ?? join(data, 'objects') },
      pageFolder: join(resourcesFolder, '..', 'out', 'portal'),
      messagesFolder: join(resourcesFolder, 'messages'),
      demonstration,
      ...(hostname === undefined ? {} : { hostname }),
      ...(publicUrl === undefined ? {} : { publicUrl }),
      ...(seed === undefined ? {} : { seed }),
      ...(mail === undefined ? {} : { smtp: mail }),
      ...(gateway === undefined ? {} : { sms: { url: gateway } }),
    })
    // from the first moment on: a database that is just starting must not be left behind
    endOnce(async () => (await starting).close())
    const relay = await starting
    const ready = {
      url: relay.url,
      ...(demonstration && database === undefined
        ? { codeFile: join(data, DEMONSTRATION_CODE_FILE), outbox: `${relay.url}/outbox` }
        : {}),
    }
    process.stdout.write(
      values.json === true
        ? `${JSON.stringify(ready)}\n`
        : `The relay answers at ${relay.url}\n${demonstration ? `Its mails and text messages: ${relay.url}/outbox\n` : ''}`,
    )
    return undefined
  },
}
