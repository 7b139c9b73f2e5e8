/**
 * How our background processes run their JavaScript (https://nodejs.org/docs/latest-v20.x/api/cli.html#useful-v8-options).
 * Both have a young generation of a fixed, small size: growing it costs a sixth of a cold start in collections, and a
 * large one makes each collection a longer pause.
 */

const YOUNG = ['--max-semi-space-size=4', '--min-semi-space-size=4']

/** The server answers under load. Code kept lean would save it 7 MiB, and double what a write costs. */
export const SERVER_FLAGS: readonly string[] = YOUNG

/** A node idles most of its life. */
export const NODE_FLAGS: readonly string[] = [...YOUNG, '--optimize-for-size']
