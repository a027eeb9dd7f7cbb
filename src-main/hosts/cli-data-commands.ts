import type { Command } from './cli-command.ts'
export const dataCommands: Record<string, Command> = {}
