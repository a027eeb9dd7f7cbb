// Prepares a fresh clone: installs npm packages, and Debian packages where root may do so. It runs on Node 20 and newer
// and imports only what Node has built in.
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = dirname(dirname(fileURLToPath(import.meta.url)))

/**
 * The Debian packages that the tests use: a browser, independent DICOM readers, age, a keychain, fonts for every script
 * of the samples.
 */
export const testPackages = [
  'chromium',
  'dcmtk',
  'dicom3tools',
  'libgdcm-tools',
  'python3-pydicom',
  'python3-gdcm',
  'python3-pil',
  'python3-numpy',
  'libsecret-1-dev',
  'age',
  'unzip',
  'gnome-keyring',
  'dbus',
  'fonts-dejavu-core',
  'fonts-noto-core',
  'fonts-noto-cjk',
]

const say = (text) => process.stderr.write(`${text}\n`)

/**
 * Installs exactly the packages of package-lock.json, unless these are installed already. `npm ci` does not change the
 * lock file, so the repository stays clean and the next command finds the same hash.
 */
export async function installPackages() {
  const lock = readFileSync(join(root, 'package-lock.json'))
  // The scripts of package.json do not affect the packages, so they are not part of the hash.
  const { scripts: _, ...packages } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const hash = createHash('sha256').update(lock).update(JSON.stringify(packages)).digest('hex')
  const stamp = join(root, 'node_modules', '.outpost-installed')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) return
  const folders = packageFolders(JSON.parse(lock.toString()))
  say(`Installing about ${folders.length} packages; the first time takes a minute or two …`)
  const code = await npmCi(folders)
  if (code !== 0) {
    say(`npm ci failed (exit ${code}). When the registry cannot be reached, run the same command again later.`)
    say('When package.json and package-lock.json do not agree, run npm install and commit both.')
    process.exit(1)
  }
  writeFileSync(stamp, hash)
  say('Packages are installed.')
}

/** Returns the folders of a lock file's packages that are installed on this kind of machine. */
function packageFolders({ packages }) {
  const allows = (names, name) => names === undefined || [names].flat().includes(name)
  return Object.entries(packages)
    .filter(([folder, { os, cpu }]) => folder !== '' && allows(os, process.platform) && allows(cpu, process.arch))
    .map(([folder]) => folder)
}

/**
 * Runs npm ci and prints its progress every ten seconds, because npm itself prints only errors. @returns the exit code
 */
async function npmCi(folders) {
  const env = { ...process.env }
  // keytar is built from source: node-gyp uses the headers beside this Node, so that it downloads nothing.
  const prefix = dirname(dirname(process.execPath))
  if (!env.npm_config_nodedir && existsSync(join(prefix, 'include', 'node'))) env.npm_config_nodedir = prefix
  const started = Date.now()
  const progress = setInterval(() => {
    const done = folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).length
    say(`  ${done} of ${folders.length} packages after ${Math.round((Date.now() - started) / 1000)} s`)
  }, 10_000)
  // Some packages require a newer Node than the one that runs this script; the program itself runs under Node 24.
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    env,
    stdio: ['ignore', process.stderr, process.stderr],
    shell: process.platform === 'win32',
  })
  const code = await new Promise((resolve) => child.once('exit', resolve).once('error', () => resolve('no npm')))
  clearInterval(progress)
  return code
}

const installed = (name) =>
  spawnSync('dpkg-query', ['-W', '-f=${Status}', name], { encoding: 'utf8' }).stdout?.includes(
    'install ok installed',
  ) ?? false

/**
 * Installs missing Debian packages when this is Debian and the user is root; otherwise prints which ones to install.
 */
export function installDebianPackages(names) {
  if (spawnSync('which', ['dpkg-query', 'apt-get']).status !== 0) return
  const missing = names.filter((name) => !installed(name))
  if (missing.length === 0) return
  if (process.getuid?.() !== 0) {
    say(`Some tests will be skipped. To run them: sudo apt-get install ${missing.join(' ')}`)
    return
  }
  say(`Installing Debian packages: ${missing.join(' ')} …`)
  const apt = (...args) =>
    spawnSync('apt-get', args, {
      stdio: ['ignore', 'ignore', process.stderr],
      env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    }).status === 0
  apt('update', '-q')
  if (!apt('install', '-q', '-y', '--no-install-recommends', ...missing))
    for (const name of missing) apt('install', '-q', '-y', '--no-install-recommends', name)
}

/** Returns the path of Node 24 from the npm packages: the version that Electron embeds. */
export function node24() {
  const bin = join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.cmd' : 'node')
  return existsSync(bin) ? bin : process.execPath
}

/** Returns an environment in which node_modules/.bin comes first on PATH. */
export function environment() {
  return {
    ...process.env,
    PATH: `${join(root, 'node_modules', '.bin')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`,
    NODE_OPTIONS: '',
  }
}

/** Runs one of the project's scripts or tools under Node 24. @returns its exit code */
export function run(args, options = {}) {
  return spawnSync(node24(), args, { cwd: root, stdio: 'inherit', env: environment(), ...options }).status ?? 1
}

/** Builds the two React apps, unless their sources are unchanged since the last build. */
export function buildPages() {
  const digest = createHash('sha256')
  // The digest covers the content of tracked and of new files.
  const files = listFiles()
    .filter((file) => /^(src-(renderer|portal|ui|core)\/|resources\/messages\/|package-lock\.json$)/.test(file))
    .sort()
  for (const file of files) digest.update(file).update(readFileSync(join(root, file)))
  const hash = digest.digest('hex')
  for (const page of ['renderer', 'portal']) {
    const stamp = join(root, 'out', page, '.built')
    if (existsSync(stamp) && readFileSync(stamp, 'utf8') === hash) continue
    say(`Building the pages (${page}) …`)
    if (
      run(
        [
          join('node_modules', 'vite', 'bin', 'vite.js'),
          'build',
          '--logLevel',
          'warn',
          '-c',
          `src-${page}/vite.config.ts`,
        ],
        { stdio: ['ignore', process.stderr, process.stderr] },
      ) !== 0
    )
      process.exit(1)
    writeFileSync(stamp, hash)
  }
}

function listFiles() {
  try {
    return execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' })
      .split('\n')
      .filter((file) => file && existsSync(join(root, file)))
  } catch {
    return ['package-lock.json']
  }
}
