/** The command line of the installed files, run by Node; Electron's entry runs the same commands. */
import { bundledProgram } from './bundled-program.ts'
import { workstationCommands } from './cli-commands.ts'
import { runCommandLine } from './command-line.ts'

process.exitCode = await runCommandLine(bundledProgram(), workstationCommands, process.argv.slice(2))
// workers and pools that a command left idle must not keep it alive
process.stdout.write('', () => process.exit())
