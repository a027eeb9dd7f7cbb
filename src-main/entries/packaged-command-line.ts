/**
 * Entry of the command line of an installed program, run by Node. Electron's entry runs the same commands. It is
 * bundled as CommonJS, so that modules which a command does not need are neither read nor run.
 */
import { existsSync } from 'node:fs'
import { enableCompileCache } from 'node:module'
import { join } from 'node:path'
import { bundledProgram } from '../hosts/bundled-program.ts'
import { workstationCommands } from '../cli/commands.ts'
import { runCommandAndExit } from '../cli/run-command.ts'
import { defaultDataFolder, keepFilesPrivate } from '../cli/data-folder.ts'

keepFilesPrivate()
// The cache is in the person's own data folder, where other users may not write. Commands are imported after this line,
// and so are loaded from the cache.
const dataFolder = defaultDataFolder('outpost')
if (existsSync(dataFolder)) enableCompileCache(join(dataFolder, 'compile-cache'))

void runCommandAndExit(bundledProgram(), workstationCommands)
