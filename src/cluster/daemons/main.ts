/** `node daemon.cjs server|node …`: the start of every background process. */

import { join } from 'node:path'

import { launch } from './launch.ts'

const [name = '', ...args] = process.argv.slice(2)

launch(join(__dirname, 'daemons'), name, args).then(
  () => process.exit(),
  (error: unknown) => {
    // The program has told whoever started it; this is for its log.
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exit(1)
  },
)
