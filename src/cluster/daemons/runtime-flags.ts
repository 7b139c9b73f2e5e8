/**
 * How our background processes run their JavaScript (https://nodejs.org/docs/latest-v20.x/api/cli.html#useful-v8-options).
 * A young generation that starts at four megabytes does not have to grow while the process starts, which would cost a
 * sixth of that in collections.
 */

import { availableParallelism } from 'node:os'

const youngUpTo = (megabytes: number): readonly string[] => [
  `--max-semi-space-size=${megabytes}`,
  '--min-semi-space-size=4',
]

/**
 * Collecting garbage is shared with helper threads, of which Node has four on any machine. More of them than cores take
 * turns with the thread that answers: on two busy cores the slowest of a hundred calls took half as long again.
 */
const HELPERS = `--v8-pool-size=${Math.min(4, availableParallelism())}`

/**
 * What lives is marked while calls are answered, by all helpers unless told, and the thread that answers needs a core:
 * with one of two left to it, the slowest hundredth of the calls meanwhile took 26 ms instead of 32.
 */
const MARKERS = `--concurrent-marking-max-worker-num=${Math.max(1, availableParallelism() - 1)}`

/**
 * V8 collects the whole heap for the first time when its old generation has 20 MB, and then at every half more. Each time
 * the calls of a tenth of a second are slow, and a server under load met six of them where one or two do. What lives is the
 * same; idle it has no more memory for it, under load a tenth more.
 */
const FIRST_FULL_COLLECTION = '--initial-old-space-size=160'

/**
 * The server answers under load: its young generation grows then, for what requests leave behind would else be
 * collected while they still run. Idle it has no more memory for it. Code kept lean would save it 7 MiB, and double
 * what a write costs.
 */
export const SERVER_FLAGS: readonly string[] = [...youngUpTo(16), HELPERS, MARKERS, FIRST_FULL_COLLECTION]

/**
 * A node idles most of its life. Twice the young generation for when its Pods start saves an eighth of what that costs and
 * takes no memory afterwards; code that is not kept lean would save as much again, and take half more for good.
 */
export const NODE_FLAGS: readonly string[] = [...youngUpTo(8), '--optimize-for-size']
