/**
 * The workstation's commands by name. Each is loaded when it is called. The files of this folder turn words into
 * arguments; the work is done by the services.
 */
import type { Command } from './command.ts'

export type Commands = Readonly<Record<string, () => Promise<Command>>>

const images = () => import('./image-commands.ts')
const library = () => import('./index-commands.ts')
const services = () => import('./service-commands.ts')

export const workstationCommands: Commands = {
  serve: async () => (await import('./serve.ts')).serveCommand,
  enroll: async () => (await services()).enroll,
  index: async () => (await library()).index,
  studies: async () => (await library()).studies,
  inspect: async () => (await images()).inspect,
  render: async () => (await images()).render,
  deidentify: async () => (await import('./deidentify.ts')).deidentify,
  'organisation-key': async () => (await import('./organisation-key.ts')).organisationKey,
  'directory import': async () => (await services()).directoryImport,
  'directory search': async () => (await services()).directorySearch,
  share: async () => (await services()).share,
  outbox: async () => (await services()).outbox,
  sync: async () => (await services()).sync,
  'audit verify': async () => (await services()).auditVerify,
}

/** Splits a command line into the command's name and the words after it; null when it names no command of these. */
export function findCommand(
  commands: Commands,
  args: readonly string[],
): { readonly name: string; readonly rest: readonly string[] } | null {
  const [first = '', second = ''] = args
  const two = `${first} ${second}`
  if (Object.hasOwn(commands, two)) return { name: two, rest: args.slice(2) }
  return Object.hasOwn(commands, first) ? { name: first, rest: args.slice(1) } : null
}
