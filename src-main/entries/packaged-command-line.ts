/**
 * The command line of the installed files, run by Node; Electron's entry runs the same commands. Bundled as CommonJS:
 * what a command does not need is then neither read nor run.
 */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { bundledProgram } from '../hosts/bundled-program.ts'
import { workstationCommands } from '../cli/commands.ts'
import { runCommandAndExit } from '../cli/run-command.ts'
import { defaultDataFolder, keepFilesPrivate } from '../cli/data-folder.ts'

keepFilesPrivate()
// kept with the person's own data, where nobody else may write; commands are loaded after this, and so come from the
// cache
const own = defaultDataFolder('outpost')
if (existsSync(own)) enableCompileCache(join(own, 'compile-cache'))

void runCommandAndExit(bundledProgram(), workstationCommands)
