/** Entry of the library's threads: the indexer, and one thread for each import. */
import { workerData } from 'node:worker_threads'
import type { ImportData } from './import/import-messages.ts'
import type { IndexerData } from './indexer-messages.ts'

if ((workerData as IndexerData | ImportData).task === 'import') await import('./import/import-thread.ts')
else await import('./index-thread.ts')
