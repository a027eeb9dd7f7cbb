// npm run reset [-- --yes] [--data DIR]: removes what npm start and npm run dev have stored, after it has asked.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { DATA_FOLDERS, dataFolderOf } from './programs.mjs'

/** All that a demonstration's folder holds. A folder that holds anything else is not one. */
const OURS = new Set(['relay', 'workstation', 'page-key'])

const { values } = parseArgs({ options: { yes: { type: 'boolean', default: false }, data: { type: 'string' } } })
const say = (text) => process.stderr.write(`${text}\n`)
function refuse(reason) {
  say(reason)
  process.exit(1)
}

/** Where the relay's database keeps its files: elsewhere when root has started it, as PostgreSQL never runs as root. */
function databaseOf(folder) {
  const file = join(folder, 'relay', 'database.json')
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).directory : null
}

function isAlive(pid) {
  try {
    return pid > 0 && process.kill(pid, 0)
  } catch (error) {
    return error.code === 'EPERM'
  }
}

const runs = (database) =>
  database !== null &&
  existsSync(join(database, 'postmaster.pid')) &&
  isAlive(Number(readFileSync(join(database, 'postmaster.pid'), 'utf8').split('\n')[0]))

const named = values.data === undefined ? Object.values(DATA_FOLDERS).map(dataFolderOf) : [resolve(values.data)]
const folders = named.filter((folder) => existsSync(folder))
for (const folder of folders) {
  const foreign = readdirSync(folder).find((name) => !OURS.has(name))
  if (foreign !== undefined)
    refuse(`${folder} holds ${foreign}, so it is no folder of a demonstration: nothing is removed.`)
  if (runs(databaseOf(folder))) refuse(`A relay is running in ${folder}. End it first (Ctrl+C): nothing is removed.`)
}
/** A database elsewhere is removed only when the file beside it says that it belongs to this folder. */
const removed = folders.flatMap((folder) => {
  const owner = `${databaseOf(folder)}.owner`
  const belongs = existsSync(owner) && readFileSync(owner, 'utf8') === join(folder, 'relay', 'database.json')
  return belongs ? [folder, databaseOf(folder), owner] : [folder]
})
if (removed.length === 0) {
  say(`There is nothing to remove: ${named.join(', ')}`)
  process.exit(0)
}
for (const path of removed) say(`  ${path}`)
if (!values.yes) {
  if (!process.stdin.isTTY) refuse('To remove these, add --yes: npm run reset -- --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question('Remove these? [y/N] ')
  terminal.close()
  if (!/^y(es)?$/i.test(answer.trim())) refuse('Nothing is removed.')
}
for (const path of removed) rmSync(path, { recursive: true, force: true })
say('Removed.')
