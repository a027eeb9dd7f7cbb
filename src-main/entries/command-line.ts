/** Entry of the command line in a checkout, with the commands of the relay. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
// The cache is inside the checkout, where other users may not write. Programs that this one starts use it too.
process.env.NODE_COMPILE_CACHE ??= join(root, 'out', 'compile-cache')
enableCompileCache(process.env.NODE_COMPILE_CACHE)

// These modules are imported after the cache was set, so that they are loaded from it.
const { programAt } = await import('../hosts/program.ts')
const { keepFilesPrivate } = await import('../cli/data-folder.ts')
const { runCommandAndExit } = await import('../cli/run-command.ts')
const { workstationCommands } = await import('../cli/commands.ts')

const source = (path: string) => new URL(`../../${path}`, import.meta.url)
const program = programAt(root, {
  storage: source('src-main/storage/worker.ts'),
  indexer: source('src-main/library/indexer.ts'),
  preparer: source('src-main/sharing/prepare-thread.ts'),
  decode: source('src-engine/decode-process/process.ts'),
})
const relayAudit = () => import('../cli/relay-audit.ts')
const commands = {
  ...workstationCommands,
  relay: async () => (await import('../cli/relay.ts')).relayCommand,
  'relay-audit verify': async () => (await relayAudit()).verifyRelayAudit,
  'relay-audit accept-restore': async () => (await relayAudit()).acceptRestore,
}

keepFilesPrivate()
await runCommandAndExit(program, commands)
