/** The program of a server's process. */

import { runServer } from './server-process.ts'
import { readArguments, untilAsked } from './arguments.ts'
import type { Program } from './launch.ts'

export const program: Program = async (args, onStarted) => {
  const { paths, record } = readArguments(args)
  await runServer({ paths, record, onStarted }, untilAsked())
}
