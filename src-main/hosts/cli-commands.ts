/** Every command of the command line, by name. What a command does lives with its service; here words become arguments. */
import type { Command } from './cli-command.ts'
import { dataCommands } from './cli-data-commands.ts'
import { fileCommands } from './cli-file-commands.ts'
import { relayCommand } from './cli-relay.ts'

export const commands: Record<string, Command> = { ...dataCommands, ...fileCommands, relay: relayCommand }
