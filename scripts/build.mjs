// npm run build: builds the two React apps into out/.
import { buildPages, installPackages } from './set-up.mjs'

await installPackages()
buildPages()
