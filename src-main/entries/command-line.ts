/** The command line of a checkout, relay included. */
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'

const root = join(import.meta.dirname, '..', '..')
// kept inside the checkout, where nobody else may write; what this program starts uses it too
process.env.NODE_COMPILE_CACHE ??= join(root, 'out', 'compile-cache')
enableCompileCache(process.env.NODE_COMPILE_CACHE)

// loaded only now, so that they come from the cache
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
