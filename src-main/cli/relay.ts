import { join } from 'node:path'
import { number, string, type Command } from './command.ts'
import { defaultDataFolder } from './data-folder.ts'
import { onShutdown } from './on-shutdown.ts'
import {
  addressSettings,
  connectionsSetting,
  databaseSetting,
  noticeOptions,
  noticeSettings,
} from './relay-settings.ts'

/** Runs a relay on this machine. It starts its own PostgreSQL unless --database names another. */
export const relayCommand: Command = {
  usage:
    'relay [--port N] [--host ADDRESS --public-url URL] [--database URL | --database-file FILE] [--connections N] ' +
    '[--objects DIR] [--pages DIR] [--seed FILE] ' +
    `${noticeOptions.usage} [--demonstration]`,
  words: [0, 0],
  options: {
    port: { type: 'string' },
    host: { type: 'string' },
    database: { type: 'string' },
    'database-file': { type: 'string' },
    connections: { type: 'string' },
    objects: { type: 'string' },
    pages: { type: 'string' },
    'public-url': { type: 'string' },
    seed: { type: 'string' },
    ...noticeOptions.options,
    demonstration: { type: 'boolean', default: false },
  },
  async run(_words, values, { resourcesFolder }) {
    const address = addressSettings(values)
    const database = databaseSetting(values)
    const connections = connectionsSetting(values)
    const notices = noticeSettings(values)
    // This is the only import of the relay in the workstation's programs: it starts the embedded relay.
    const { serveRelay } = await import('../../src-relay/hosts/serve.ts')
    const { DEMONSTRATION_CODE_FILE } = await import('../../src-relay/app/relay.ts')
    const data = string(values, 'data') ?? defaultDataFolder('outpost-relay')
    const demonstration = address.demonstration === true
    const seed =
      string(values, 'seed') ?? (demonstration ? join(resourcesFolder, 'samples', 'organisation.json') : undefined)
    const starting = serveRelay({
      port: number(values, 'port') ?? 0,
      database: database === undefined ? { embedded: data } : { url: database },
      objects: { folder: string(values, 'objects') ?? join(data, 'objects') },
      pageFolder: string(values, 'pages') ?? join(resourcesFolder, '..', 'out', 'portal'),
      messagesFolder: join(resourcesFolder, 'messages'),
      ...address,
      ...(connections === undefined ? {} : { connections }),
      ...(seed === undefined ? {} : { seed }),
      ...notices,
    })
    // The handler is set before the start has finished, so that a database that is still starting is stopped too.
    onShutdown(async () => (await starting).close())
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
        : `The relay answers at ${relay.url}\n` +
            (demonstration ? `Its mails and text messages: ${relay.url}/outbox\n` : ''),
    )
    return undefined
  },
}
