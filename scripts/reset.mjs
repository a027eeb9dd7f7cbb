// npm run reset [-- --yes] [--data DIR] removes the data of npm start and npm run dev, after a confirmation.
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { parseArgs } from 'node:util'
import { DATA_FOLDERS, dataFolderOf } from './programs.mjs'

/** The entries of a demonstration's data folder. A folder with any other entry is not one. */
const OURS = new Set(['relay', 'workstation', 'page-key'])

const { values } = parseArgs({ options: { yes: { type: 'boolean', default: false }, data: { type: 'string' } } })
const say = (text) => process.stderr.write(`${text}\n`)
function refuse(reason) {
  say(reason)
  process.exit(1)
}

/**
 * Returns where the relay's database keeps its files: in another folder when root started it, as PostgreSQL never runs
 * as root.
 */
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

const isRunning = (database) =>
  database !== null &&
  existsSync(join(database, 'postmaster.pid')) &&
  isAlive(Number(readFileSync(join(database, 'postmaster.pid'), 'utf8').split('\n')[0]))

const namedFolders = values.data === undefined ? Object.values(DATA_FOLDERS).map(dataFolderOf) : [resolve(values.data)]
const folders = namedFolders.filter((folder) => existsSync(folder))
for (const folder of folders) {
  const foreign = readdirSync(folder).find((name) => !OURS.has(name))
  if (foreign !== undefined)
    refuse(`${folder} holds ${foreign}, so it is no folder of a demonstration: nothing is removed.`)
  if (isRunning(databaseOf(folder)))
    refuse(`A relay is running in ${folder}. End it first (Ctrl+C): nothing is removed.`)
}
/** A database in another folder is removed only when the file beside it says that it belongs to this data folder. */
const paths = folders.flatMap((folder) => {
  const owner = `${databaseOf(folder)}.owner`
  const belongs = existsSync(owner) && readFileSync(owner, 'utf8') === join(folder, 'relay', 'database.json')
  return belongs ? [folder, databaseOf(folder), owner] : [folder]
})
if (paths.length === 0) {
  say(`There is nothing to remove: ${namedFolders.join(', ')}`)
  process.exit(0)
}
for (const path of paths) say(`  ${path}`)
if (!values.yes) {
  if (!process.stdin.isTTY) refuse('To remove these, add --yes: npm run reset -- --yes')
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  const answer = await terminal.question('Remove these? [y/N] ')
  terminal.close()
  if (!/^y(es)?$/i.test(answer.trim())) refuse('Nothing is removed.')
}
for (const path of paths) rmSync(path, { recursive: true, force: true })
say('Removed.')
